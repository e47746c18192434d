"""What is told about the names of the discs: in words, and in full for ``result.json``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lumbardisc.inference.detection import FoundDisc
from lumbardisc.levels import disc_label, disc_name
from lumbardisc.pipeline.spine import Spine
from lumbardisc.pipeline.study import Value

HIGHEST_LUMBAR = disc_label("L1/L2")


def name_warnings(spine: Spine) -> tuple[str, ...]:
    """What to be careful of in the names."""
    return (*_doubts(spine), *_detector_warnings(spine))


def _doubts(spine: Spine) -> list[str]:
    names = spine.labelling.names
    if not names.ambiguous:
        return []
    others = [(reader, one) for reader, one in names.readings.items() if reader not in names.agreeing]
    if others:
        return [
            f"the levels are in doubt, as two readings differ; the {reader} by itself would read "
            f"{_renamed(names.under(one))}"
            for reader, one in others
        ]
    doubt = 1.0 - min(spine.labelling.confidence.values())
    return [
        f"the levels are in doubt ({doubt:.0%}); the next likely numbering would read "
        f"{_renamed(names.under(names.runner_up))}"
    ]


def _renamed(under: Mapping[int, str]) -> str:
    changed = [f"{disc_name(label)} as {name}" for label, name in under.items() if name != disc_name(label)]
    return ", ".join(changed)


def _detector_warnings(spine: Spine) -> list[str]:
    warnings, left_out = [], spine.labelling.names.left_out
    if spine.by_boxes and not spine.reading:
        warnings.append(
            "the detector sees none of the discs on the mid-sagittal slice; they are named by the segmentation"
        )
    if missed := _missed(spine):
        warnings.append(f"the detector also sees {', '.join(missed)}; the segmentation does not, so it is not measured")
    if left_out:
        warnings.append(f"{left_out} of the discs between others has no name by the detector and is left out")
    return warnings


def _missed(spine: Spine) -> list[str]:
    """Names of the boxes that lie on no disc; how many thoracic discs are seen above the highest matters to no one."""
    others = spine.reading.others if spine.reading else ()
    highest = max(HIGHEST_LUMBAR, *spine.labelling.confidence)
    return [disc_name(box.label) for box in others if box.label <= highest]


def numbering_record(spine: Spine, place: Callable[[Mapping[str, Value]], dict[str, Value]]) -> dict[str, Any]:
    """JSON-ready: how sure the names are, what else they might be, what each reading says by itself, the boxes.

    place: puts ``slice``, ``x0`` ... ``y1`` on the file's own grid.
    """
    names = spine.labelling.names
    return {
        "confidence": round(min(spine.labelling.confidence.values()), 4),
        "ambiguous": names.ambiguous,
        "alternative": _levels(names.under(names.runner_up)),
        "alternative_probability": round(names.runner_up.probability, 4),
        "agreeing": list(names.agreeing),
        "readings": {
            reader: {"levels": _levels(names.under(one)), "probability": round(one.probability, 4)}
            for reader, one in names.readings.items()
        },
        "boxes": [
            {**_box(box), **place(_edges(box, spine.labelling.mid_slice)), "named": disc_name(count) if count else None}
            for box, count in _boxes(spine)
        ],
    }


def _levels(under: Mapping[int, str]) -> dict[str, str]:
    return {disc_name(label): name for label, name in under.items()}


def _boxes(spine: Spine) -> list[tuple[FoundDisc, int]]:
    """Every box with the label of the disc it lies on, 0 where there is none; lowest first."""
    if spine.reading is None:
        return []
    on_discs = zip(spine.reading.boxes, spine.labelling.names.counts, strict=True)
    pairs = [(box, count) for box, count in on_discs if box] + [(box, 0) for box in spine.reading.others]
    return sorted(pairs, key=lambda pair: -pair[0].box[3])


def _box(found: FoundDisc) -> dict[str, Any]:
    return {
        "level": disc_name(found.label),
        "probability": round(found.level_probabilities[found.label], 4),
        "confidence": round(found.confidence, 4),
    }


def _edges(found: FoundDisc, mid_slice: int) -> dict[str, Value]:
    x0, y0, x1, y1 = (round(edge) for edge in found.box)
    return {"slice": mid_slice, "x0": x0, "y0": y0, "x1": x1, "y1": y1}
