"""The main job: a scan becomes a study, step by step; the parts are passed in, and wired together in one place."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lumbardisc import __version__, io
from lumbardisc.anatomy.labelling import Labelling, label_structures
from lumbardisc.errors import UsageError
from lumbardisc.inference import segmentation as classes
from lumbardisc.inference.segmentation import Segmentation, Segmenter
from lumbardisc.io.scan import Scan
from lumbardisc.levels import disc_name
from lumbardisc.pipeline.contrast import contrast_from_image
from lumbardisc.pipeline.grid import to_file_grid
from lumbardisc.pipeline.study import Disc, Discs, Study, Value
from lumbardisc.quantify import Measurements, measure
from lumbardisc.volume import LabelMap, Volume

Progress = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class Pipeline:
    """The parts the main job is made of."""

    segmenter: Segmenter

    def run(self, scan: Scan, name: str, *, progress: Progress | None = None) -> Study:
        """Analyse one scan. progress: called with what is being done and how far, 0-1. Raises NoSpineError."""
        tell = progress or _silent
        clock = _Clock()
        working = scan.volume.sagittal()
        tell("segmenting", 0.05)
        found = self.segmenter(working.array, working.spacing[1:], lambda done: tell("segmenting", 0.05 + 0.75 * done))
        clock.lap("segmentation_s")
        tell("naming", 0.8)
        labelling = _label(found, working)
        clock.lap("naming_s")
        tell("measuring", 0.85)
        measured = measure(working.array, labelling.labels, working.spacing, labelling.mid_slice, affine=working.affine)
        clock.lap("measuring_s")
        contrast = {"name": scan.contrast, "from": "header or option"}
        if scan.contrast is None:
            guess = contrast_from_image(working.array, labelling.labels)
            contrast = {"name": guess, "from": "image" if guess else "unknown"}
        tell("writing", 0.95)
        return _study(scan, name, labelling, measured, self._provenance(scan, labelling, contrast, clock.laps))

    def _provenance(
        self, scan: Scan, labelling: Labelling, contrast: Mapping[str, Any], timings: Mapping[str, float]
    ) -> dict[str, Any]:
        volume = scan.volume
        return {
            "version": __version__,
            "weights": {"segmentation": self.segmenter.weights.sha256},
            "settings": {"resolutions_mm": list(self.segmenter.resolutions)},
            "input": {
                "sha256": scan.sha256,
                "shape": list(volume.shape),
                "spacing_mm": [round(size, 4) for size in volume.spacing],
                "obliquity_deg": round(volume.obliquity_deg, 2),
                "headers": dict(scan.headers),
            },
            "contrast": dict(contrast),
            "series_choice": dict(scan.choice),
            "numbering": _numbering(labelling),
            "timings": {step: round(seconds, 3) for step, seconds in timings.items()},
        }


@lru_cache(maxsize=1)
def default_pipeline() -> Pipeline:
    """The main job with the weights that ship with the package; loaded once."""
    return Pipeline(Segmenter())


def analyze_scan(scan: Scan, name: str, *, progress: Progress | None = None) -> Study:
    """Analyse one scan with the default parts. Raises NoSpineError where there is no lumbar spine to see."""
    return default_pipeline().run(scan, name, progress=progress)


def analyze(
    path: str | Path,
    *,
    series: str | None = None,
    spacing: tuple[float, float, float] | None = None,
    contrast: str | None = None,
) -> Study:
    """Analyse one study: ``analyze("scan.nii.gz").discs["L4/L5"].height_mm``.

    path: a DICOM folder, zip or file, NIfTI, MHA/MHD, NRRD, TIFF or PNG. series: overrides the series choice. spacing:
    slice, row, column in mm, for files without any. contrast: overrides what the headers tell.
    Raises InputError where it cannot be read or shows no lumbar spine, UsageError where it holds several studies.
    """
    sources = io.find([Path(path)], series=series, spacing=spacing, contrast=contrast)
    if len(sources) != 1:
        raise UsageError(f"{path}: holds {len(sources)} studies; give one of them, or use the command for all")
    return analyze_scan(sources[0].load(), sources[0].name)


def _label(found: Segmentation, working: Volume) -> Labelling:
    masks = [found.classes == kind for kind in (classes.DISC, classes.BODY, classes.SACRUM, classes.CANAL)]
    discs, bodies, sacrum, canal = masks
    return label_structures(discs, bodies, sacrum, canal, found.lowest, found.certainty, working.spacing)


def _study(scan: Scan, name: str, labelling: Labelling, measured: Measurements, provenance: Mapping[str, Any]) -> Study:
    order = scan.volume.axis_order
    shape = labelling.labels.shape
    discs = []
    for label, columns in measured.discs.items():
        flags = (*measured.flags.get(label, ()), *(("level_ambiguous",) if labelling.ambiguous else ()))
        values: dict[str, Value] = {
            "level": disc_name(label),
            "level_confidence": labelling.confidence[label],
            "disc_from_bottom": label,
            **to_file_grid(columns, order, shape),
            "segmentation_confidence": labelling.certainty[label],
        }
        discs.append(Disc(disc_name(label), label, values, flags))
    mid_slice = shape[0] - 1 - labelling.mid_slice if order.flips[0] else labelling.mid_slice
    return Study(
        name=name,
        image=scan.volume,
        labels=LabelMap(order.undo(labelling.labels), scan.volume.affine),
        discs=Discs(tuple(discs)),
        mid_slice=mid_slice,
        spine=measured.spine,
        warnings=(*scan.warnings, *_warnings(labelling)),
        flags=("level_ambiguous",) if labelling.ambiguous else (),
        provenance=provenance,
    )


def _warnings(labelling: Labelling) -> tuple[str, ...]:
    if not labelling.ambiguous:
        return ()
    names = ", ".join(f"{disc_name(label)} as {other}" for label, other in labelling.alternative.items())
    doubt = 1.0 - min(labelling.confidence.values())
    return (f"the levels are in doubt ({doubt:.0%}); the next likely numbering would read {names}",)


def _numbering(labelling: Labelling) -> dict[str, Any]:
    return {
        "confidence": round(min(labelling.confidence.values()), 4),
        "ambiguous": labelling.ambiguous,
        "alternative": {disc_name(label): other for label, other in labelling.alternative.items()},
        "alternative_probability": round(labelling.alternative_probability, 4),
    }


def _silent(_text: str, _done: float) -> None:
    """Progress that nobody watches."""


class _Clock:
    """Seconds from one lap to the next."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name], self._last = now - self._last, now
