"""One study by the default parts, or by those that the user wishes for: wired in this one place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from lumbardisc import io
from lumbardisc.errors import UsageError, WeightsError
from lumbardisc.inference.detection import Detector
from lumbardisc.inference.grading import Grader
from lumbardisc.inference.refinement import Refiner
from lumbardisc.inference.segmentation import Segmenter
from lumbardisc.inference.t1rho import T1rhoEstimator
from lumbardisc.inference.weights import default_weights, task_of
from lumbardisc.io.scan import Scan
from lumbardisc.pipeline.earlier import Prior, find_prior
from lumbardisc.pipeline.follow_up import follow_up
from lumbardisc.pipeline.job import Pipeline, Progress
from lumbardisc.pipeline.spine import SecondReader
from lumbardisc.pipeline.study import Study

Locate = Literal["segmentation", "detector"]


@lru_cache(maxsize=1)
def default_pipeline() -> Pipeline:
    """The main job with the weights that ship with the package; loaded once."""
    return Pipeline(Segmenter(), default_grader(), second=default_second_reader(), refiner=default_refiner())


def pipeline_for(
    *,
    locate: Locate = "segmentation",
    cross_check: bool = True,
    t1rho: bool = False,
    weights: Sequence[str | Path] = (),
) -> Pipeline:
    """The main job as the user wishes it; options as for ``analyze``.

    Raises UsageError for options that exclude each other, and WeightsError for weights that are missing, damaged, for
    no task of ours, or for a task that others are given for.
    """
    own = _by_task(weights)
    if not cross_check and (locate == "detector" or "detection" in own):
        raise UsageError("without a cross-check no detector is asked; leave out --no-cross-check, or the detector")
    parts = replace(default_pipeline(), **{_PART_OF[task]: _LOAD[task](path) for task, path in own.items()})
    if "segmentation" in own and "refinement" not in own:  # its outlines are to be seen, not those of our refiner
        parts = replace(parts, refiner=None)
    if t1rho and parts.estimator is None:
        parts = replace(parts, estimator=T1rhoEstimator())
    if locate == "detector":
        detector = parts.second.detector if parts.second else Detector()
        return replace(parts, second=SecondReader(detector, by_boxes=True))
    return parts if cross_check else replace(parts, second=None)


_PART_OF = {
    "segmentation": "segmenter",
    "detection": "second",
    "grading": "grader",
    "t1rho": "estimator",
    "refinement": "refiner",
}
_LOAD: dict[str, Callable[[Path], Any]] = {
    "segmentation": Segmenter,
    "detection": lambda path: SecondReader(Detector(path)),
    "grading": Grader,
    "t1rho": T1rhoEstimator,
    "refinement": Refiner,
}


def _by_task(weights: Sequence[str | Path]) -> dict[str, Path]:
    """Task -> the exported network that is given for it."""
    own: dict[str, Path] = {}
    for path in map(Path, weights):
        task = task_of(path)
        if task not in _LOAD:
            raise WeightsError(f"{path}: is for {task!r}; networks are used here for {', '.join(_LOAD)}")
        if task in own:
            raise WeightsError(f"{path}: is for {task}, as {own[task]} is; give one network for each task")
        own[task] = path
    return own


def default_grader() -> Grader | None:
    """The grader with the weights that ship with the package, None where they are not among them."""
    return Grader() if default_weights("grading").exists() else None


def default_refiner() -> Refiner | None:
    """The refiner with the weights that ship with the package, None where they are not among them."""
    return Refiner() if default_weights("refinement").exists() else None


def default_second_reader() -> SecondReader | None:
    """The detector with the weights that ship with the package, None where they are not among them."""
    return SecondReader(Detector()) if default_weights("detection").exists() else None


def analyze_scan(
    scan: Scan,
    name: str,
    parts: Pipeline | None = None,
    *,
    prior: Prior | None = None,
    progress: Progress | None = None,
) -> Study:
    """Analyse one scan, with the default parts where none are given. prior: a study of the patient to compare with.

    Raises NoSpineError, and InputError for a prior study that cannot be used.
    """
    parts = parts or default_pipeline()
    return follow_up(scan, name, prior, parts, progress) if prior else parts.run(scan, name, progress=progress)


def analyze(
    path: str | Path,
    *,
    companion: str | Path | None = None,
    prior: str | Path | None = None,
    series: str | None = None,
    spacing: tuple[float, float, float] | None = None,
    contrast: str | None = None,
    locate: Locate = "segmentation",
    cross_check: bool = True,
    t1rho: bool = False,
    weights: Sequence[str | Path] = (),
) -> Study:
    """Analyse one study: ``analyze("scan.nii.gz").discs["L4/L5"].height_mm``.

    path: a DICOM folder, zip or file, NIfTI, MHA/MHD, NRRD, TIFF or PNG. companion: an image of the same spine with
    another contrast, graded together with it. prior: an earlier study of the patient, or the folder of its results, for
    ``Study.change``. series: overrides the series choice. spacing: slice, row, column in mm,
    for files without any. contrast: overrides what the headers tell. locate: who names the discs, ``segmentation`` or
    ``detector``. cross_check: whether the names of the segmentation are read again by the detector. t1rho: whether
    T1rho and phase are estimated too. weights: exported networks of your own training, each in place of ours for its
    task.
    Raises InputError where it cannot be read or shows no lumbar spine, UsageError where it holds several studies.
    """
    other = None if companion is None else Path(companion)
    sources = io.find([Path(path)], companion=other, series=series, spacing=spacing, contrast=contrast)
    if len(sources) != 1:
        raise UsageError(f"{path}: holds {len(sources)} studies; give one of them, or use the command for all")
    before = None if prior is None else find_prior(prior, spacing)
    parts = pipeline_for(locate=locate, cross_check=cross_check, t1rho=t1rho, weights=weights)
    return analyze_scan(sources[0].load(), sources[0].name, parts, prior=before)
