"""Who is right about the names: segmentation and detector by themselves, and both weighed together.

The two constants of the cross-check (``anatomy.second_reading``) are set by it, on patients that are not for testing.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from boxed import DETECTOR, SEGMENTATION, boxed_cases, disc_masks, spine_of, the_detector
from grading_tables import table

from lumbardisc.anatomy.numbering import Numbering
from lumbardisc.errors import InputError
from lumbardisc.evaluation.detection import Box
from lumbardisc.inference.detection import intersection_over_union
from lumbardisc.pipeline.spine import SecondReader, Spine
from lumbardisc.training.detection.sources import BoxedCase
from lumbardisc.training.detection.sources.case import box_of

SOURCES = ("spider_midsagittal", "mendeley_t1", "vertebrae_t2", "vertebrae_water")
SAME_DISC = 0.2
"""Overlap from which a disc is the one of a known box, which may lie between endplates and so be less tight."""


@dataclass(frozen=True)
class Verdict:
    """One image: whether each reading names every disc right. detector: None where it sees none of the discs."""

    source: str
    case: str
    segmentation: bool
    detector: bool | None
    together: bool
    agree: bool
    flagged: bool
    confidence: float


def naming_section(options: argparse.Namespace) -> tuple[str, int]:
    """Who is right, where both agree and where they do not."""
    if options.part == "test":
        raise InputError("naming is measured on patients that are not for testing; give --part train or validation")
    verdicts = list(_verdicts(options))
    if not verdicts:
        raise InputError(
            f"{options.data}: holds no {options.part} patient with boxes; give the folder of all data sets"
        )
    kinds = {
        "both agree": [one for one in verdicts if one.agree],
        "they differ": [one for one in verdicts if one.detector is not None and not one.agree],
        "the detector sees nothing": [one for one in verdicts if one.detector is None],
        "all": verdicts,
    }
    head = ["images", "n", "segmentation right", "detector right", "together right", "flagged", "stated", "is right"]
    parts = [
        "## Names by two readings",
        f"{options.part} patients, {date.today()}.",
        table(head, [_row(name, group) for name, group in kinds.items() if group]),
        "\n".join(f"- {one.source} {one.case}: {_said(one)}" for one in kinds["they differ"]),
    ]
    return "\n\n".join(filter(None, parts)), 0


def _row(name: str, group: Sequence[Verdict]) -> list[object]:
    """The last two: mean level_confidence, and the share of images whose names, both readings together, are right."""
    asked = [one.detector for one in group if one.detector is not None]
    return [
        name,
        len(group),
        sum(one.segmentation for one in group),
        f"{sum(asked)} of {len(asked)}",
        sum(one.together for one in group),
        sum(one.flagged for one in group),
        f"{np.mean([one.confidence for one in group]):.3f}",
        f"{np.mean([one.together for one in group]):.3f}",
    ]


def _said(one: Verdict) -> str:
    right = [name for name in (SEGMENTATION, DETECTOR, "together") if getattr(one, name)]
    return f"right: {', '.join(right) or 'neither'}"


def _verdicts(options: argparse.Namespace) -> Iterator[Verdict]:
    second = SecondReader(the_detector(options))
    for case in boxed_cases(options, SOURCES):
        spine = spine_of(case, second)
        true = _true_labels(case, spine) if spine else {}
        if spine and true:
            yield _verdict(case, spine, true)


def _verdict(case: BoxedCase, spine: Spine, true: dict[int, int]) -> Verdict:
    names = spine.labelling.names

    def right(one: Numbering) -> bool:
        said = names.of_named(one.counts)
        return all(said[label] == known for label, known in true.items())

    detector = names.readings.get(DETECTOR)
    return Verdict(
        case.source,
        case.case,
        right(names.readings[SEGMENTATION]),
        None if detector is None else right(detector),
        all(label == known for label, known in true.items()),
        detector is not None and len(names.agreeing) == 2,
        names.ambiguous,
        min(spine.labelling.confidence.values()),
    )


def _true_labels(case: BoxedCase, spine: Spine) -> dict[int, int]:
    """Label given to a disc on the mid-sagittal slice -> its true one, for those that lie on a known box."""
    known = case.boxes.get(spine.labelling.mid_slice, {})
    found = disc_masks(spine.labelling.labels[spine.labelling.mid_slice])
    if not known or not found:
        return {}
    overlaps = intersection_over_union(_rows([box_of(mask) for mask in found.values()]), _rows(list(known.values())))
    labels = list(known)
    return {
        label: labels[int(row.argmax())] for label, row in zip(found, overlaps, strict=True) if row.max() >= SAME_DISC
    }


def _rows(boxes: Sequence[Box]) -> np.ndarray:  # type: ignore[type-arg]
    return np.array(boxes, dtype=float).reshape(-1, 4)
