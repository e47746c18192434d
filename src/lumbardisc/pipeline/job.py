"""The main job: a scan becomes a study, step by step, by the parts that are passed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lumbardisc import __version__
from lumbardisc.anatomy.labelling import Labelling
from lumbardisc.inference.grading import Grader
from lumbardisc.inference.refinement import Refiner
from lumbardisc.inference.segmentation import Segmenter
from lumbardisc.inference.t1rho import T1rhoEstimator
from lumbardisc.io.scan import Scan
from lumbardisc.levels import disc_name
from lumbardisc.pipeline.clock import Clock
from lumbardisc.pipeline.contrast import contrast_from_image
from lumbardisc.pipeline.estimate import Estimated, estimate_t1rho
from lumbardisc.pipeline.grading import Graded, grade_images
from lumbardisc.pipeline.grid import to_file_grid
from lumbardisc.pipeline.images import LabelledImage, companions
from lumbardisc.pipeline.names import name_warnings, numbering_record
from lumbardisc.pipeline.refine import refine_spine
from lumbardisc.pipeline.spine import SecondReader, Spine, find_spine
from lumbardisc.pipeline.study import Disc, Discs, Study, Value
from lumbardisc.quantify import Measurements, measure
from lumbardisc.volume import LabelMap, Volume

Progress = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class Pipeline:
    """The parts the main job is made of. Without a grader, discs are found and measured but not graded; without an
    estimator, nothing is said of their T1rho; without a second reader, the segmentation alone names them; without a
    refiner, their outlines are the segmentation's."""

    segmenter: Segmenter
    grader: Grader | None = None
    estimator: T1rhoEstimator | None = None
    second: SecondReader | None = None
    refiner: Refiner | None = None

    def run(self, scan: Scan, name: str, *, progress: Progress | None = None) -> Study:
        """Analyse one scan. progress: called with what is being done and how far, 0-1. Raises NoSpineError."""
        tell = progress or _silent
        clock = Clock()
        working = scan.volume.sagittal()
        tell("segmenting", 0.05)
        spine = self._find(working, clock, lambda done: tell("segmenting", 0.05 + 0.75 * done))
        coarse, mid_slice = spine.labelling.labels, spine.labelling.mid_slice
        contrast = _contrast(scan, working, spine.labelling)
        tell("measuring", 0.8)
        if self.refiner and contrast["name"] in self.refiner.contrasts:
            spine = refine_spine(self.refiner, spine, working)
            clock.lap("refinement_s")
        labels = spine.labelling.labels
        measured = measure(working.array, labels, working.spacing, mid_slice, affine=working.affine)
        clock.lap("measuring_s")
        tell("grading", 0.85)
        images, unused = self._images(scan, LabelledImage(name, working, coarse, mid_slice, contrast["name"]))
        graded = grade_images(self.grader, images) if self.grader else Graded()
        clock.lap("grading_s")
        estimated = Estimated()
        if self.estimator:
            estimated = estimate_t1rho(self.estimator, images)
            clock.lap("t1rho_s")
        tell("writing", 0.95)
        provenance = {
            "version": __version__,
            "weights": {part: one.weights.sha256 for part, one in self._networks().items()},
            "settings": self._settings(),
            "input": _input(scan),
            "contrast": contrast,
            "series_choice": dict(scan.choice),
            "numbering": numbering_record(spine, lambda box: to_file_grid(box, scan.volume.axis_order, labels.shape)),
            **({"graded_on": list(graded.images)} if graded.images else {}),
            "timings": {step: round(seconds, 3) for step, seconds in clock.laps.items()},
        }
        return _study(scan, name, spine, measured, graded, estimated, unused, provenance)

    @property
    def cards(self) -> dict[str, dict[str, Any]]:
        """Part -> the card of its network: the checksum, and the settings that it is used with."""
        return {part: one.weights.settings for part, one in self._networks().items()}

    def _find(self, volume: Volume, clock: Clock, progress: Callable[[float], None] | None = None) -> Spine:
        return find_spine(self.segmenter, volume, clock, progress, self.second)

    def _images(self, scan: Scan, main: LabelledImage) -> tuple[list[LabelledImage], list[str]]:
        """The main image and its companions, these only where something looks at them."""
        if not (self.grader or self.estimator):
            return [main], []
        beside, unused = companions(scan, main, lambda volume: self._find(volume, Clock()))
        return [main, *beside], unused

    def _settings(self) -> dict[str, Any]:
        by_boxes = self.second is not None and self.second.by_boxes
        return {
            "resolutions_mm": list(self.segmenter.resolutions),
            "locate": "detector" if by_boxes else "segmentation",
            "cross_check": self.second is not None and not by_boxes,
        }

    def _networks(self) -> dict[str, Any]:
        detector = self.second.detector if self.second else None
        parts = {
            "segmentation": self.segmenter,
            "refinement": self.refiner,
            "detection": detector,
            "grading": self.grader,
            "t1rho": self.estimator,
        }
        return {name: part for name, part in parts.items() if part}


def _contrast(scan: Scan, working: Volume, labelling: Labelling) -> dict[str, Any]:
    if scan.contrast is not None:
        return {"name": scan.contrast, "from": "header or option"}
    guess = contrast_from_image(working.array, labelling.labels)
    return {"name": guess, "from": "image" if guess else "unknown"}


def _input(scan: Scan) -> dict[str, Any]:
    volume = scan.volume
    return {
        "sha256": scan.sha256,
        "shape": list(volume.shape),
        "spacing_mm": [round(size, 4) for size in volume.spacing],
        "obliquity_deg": round(volume.obliquity_deg, 2),
        "headers": dict(scan.headers),
    }


def _study(
    scan: Scan,
    name: str,
    spine: Spine,
    measured: Measurements,
    graded: Graded,
    estimated: Estimated,
    unused: Sequence[str],
    provenance: Mapping[str, Any],
) -> Study:
    labelling, order = spine.labelling, scan.volume.axis_order
    shape = labelling.labels.shape
    whole = (*spine.flags, *(("level_ambiguous",) if labelling.names.ambiguous else ()))
    grades, t1rho = graded.columns(measured.discs), estimated.columns(measured.discs)
    discs = []
    for label, columns in measured.discs.items():
        values: dict[str, Value] = {
            "level": disc_name(label),
            "level_confidence": labelling.confidence[label],
            "disc_from_bottom": label,
            **to_file_grid(columns, order, shape),
            **grades[label],
            **t1rho[label],
            "segmentation_confidence": labelling.certainty[label],
        }
        flags = (*measured.flags.get(label, ()), *graded.flags(label), *estimated.flags(label), *whole)
        discs.append(Disc(disc_name(label), label, values, flags, graded.discs.get(label)))
    return Study(
        name=name,
        image=scan.volume,
        labels=LabelMap(order.undo(labelling.labels), scan.volume.affine),
        discs=Discs(tuple(discs)),
        mid_slice=order.slice_index(labelling.mid_slice, shape[0]),
        spine=measured.spine,
        warnings=(
            *scan.warnings,
            *spine.warnings(scan.volume),
            *name_warnings(spine),
            *unused,
            *graded.warnings,
            *estimated.warnings,
        ),
        flags=whole,
        provenance=provenance,
        origin=scan.origin,
    )


def _silent(_text: str, _done: float) -> None:
    """Progress that nobody watches."""
