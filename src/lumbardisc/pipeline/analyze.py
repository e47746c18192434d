"""One study by the default parts, or by those that the user wishes for: wired in this one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from lumbardisc import io
from lumbardisc.errors import UsageError, WeightsError
from lumbardisc.inference.detection import Detector
from lumbardisc.inference.grading import Grader
from lumbardisc.inference.segmentation import Segmenter
from lumbardisc.inference.t1rho import T1rhoEstimator
from lumbardisc.inference.weights import default_weights, task_of
from lumbardisc.io.scan import Scan
from lumbardisc.pipeline.job import Pipeline, Progress
from lumbardisc.pipeline.spine import SecondReader
from lumbardisc.pipeline.study import Study

Locate = Literal["segmentation", "detector"]
TASKS = ("segmentation", "detection", "grading", "t1rho")


@lru_cache(maxsize=1)
def default_pipeline() -> Pipeline:
    """The main job with the weights that ship with the package; loaded once."""
    return pipeline_with()


@lru_cache(maxsize=2)
def pipeline_with(*weights: Path, t1rho: bool = False) -> Pipeline:
    """The main job with networks of the user's own, each in place of the one for its task that ships.

    weights: exported networks. t1rho: whether T1rho is estimated; one's own network for it always is used. Raises
    WeightsError for a file that is missing, damaged, of an unknown task, or of a task that another one has.
    """
    own: dict[str, Path] = {}
    for path in weights:
        task = task_of(path)
        if task not in TASKS:
            raise WeightsError(f"{path}: is for {task!r}; networks are used here for {', '.join(TASKS)}")
        if task in own:
            raise WeightsError(f"{path}: is for {task}, as {own[task]} is; give one network for each task")
        own[task] = path
    return Pipeline(
        Segmenter(own.get("segmentation")),
        Grader(own["grading"]) if "grading" in own else default_grader(),
        T1rhoEstimator(own.get("t1rho")) if t1rho or "t1rho" in own else None,
        SecondReader(Detector(own["detection"])) if "detection" in own else default_second_reader(),
    )


def default_grader() -> Grader | None:
    """The grader with the weights that ship with the package, None where they are not among them."""
    return Grader() if default_weights("grading").exists() else None


def default_second_reader() -> SecondReader | None:
    """The detector with the weights that ship with the package, None where they are not among them."""
    return SecondReader(Detector()) if default_weights("detection").exists() else None


def naming_by(parts: Pipeline, locate: Locate, cross_check: bool) -> Pipeline:
    """The same parts, but the discs are named by the detector, or by the segmentation with or without a cross-check."""
    if locate == "detector":
        return replace(parts, second=SecondReader(parts.second.detector if parts.second else Detector(), by_boxes=True))
    return parts if cross_check else replace(parts, second=None)


def analyze_scan(
    scan: Scan,
    name: str,
    *,
    locate: Locate = "segmentation",
    cross_check: bool = True,
    t1rho: bool = False,
    weights: Sequence[str | Path] = (),
    progress: Progress | None = None,
) -> Study:
    """Analyse one scan; options as for ``analyze``. Raises NoSpineError, WeightsError."""
    parts = pipeline_with(*map(Path, weights), t1rho=t1rho) if weights or t1rho else default_pipeline()
    return naming_by(parts, locate, cross_check).run(scan, name, progress=progress)


def analyze(
    path: str | Path,
    *,
    companion: str | Path | None = None,
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
    another contrast, graded together with it. series: overrides the series choice. spacing: slice, row, column in mm,
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
    return analyze_scan(
        sources[0].load(), sources[0].name, locate=locate, cross_check=cross_check, t1rho=t1rho, weights=weights
    )
