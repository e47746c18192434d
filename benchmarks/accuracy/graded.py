"""Grades end to end: every image of a graded patient goes through the pipeline as a file."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from measures import PIPELINE
from readings import INPUTS, NOT_FOUND, T2, Cohort, Reading, chosen, cohort, reading

from lumbardisc import io
from lumbardisc.errors import LumbardiscError
from lumbardisc.pipeline import Study
from lumbardisc.training.grades import GRADES, DiscGrade, GradedImage
from lumbardisc.training.splits import part_of

SOURCE = "spider_midsagittal"


@dataclass
class Graded:
    """The readings of each input, the seconds that grading one T2 image took, and what went wrong."""

    cohorts: dict[str, Cohort] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def grade_files(folder: Path, part: str, *, verbose: bool = False) -> Graded:
    """Every patient of a part that has the images of an input, all graded discs; a disc that is not found is wrong."""
    data, result = GRADES[SOURCE](folder), Graded()
    images: dict[str, dict[str, GradedImage]] = defaultdict(dict)
    for image in data.images:
        if part in ("all", part_of(SOURCE, image.patient)):
            images[image.patient][image.contrast or ""] = image
    for name, wanted in INPUTS.items():
        rows: list[tuple[str, DiscGrade, Reading]] = []
        for patient, own in images.items():
            contrasts = chosen(own, wanted)
            if contrasts:
                if verbose:
                    print(name, patient, file=sys.stderr, flush=True)
                readings = _readings([own[contrast] for contrast in contrasts], name, result)
                truths = data.grades[patient]
                rows += [(patient, truth, readings.get(disc, NOT_FOUND)) for disc, truth in truths.items()]
        if rows:
            result.cohorts[name] = cohort(rows)
    return result


def _readings(images: Sequence[GradedImage], name: str, result: Graded) -> Mapping[int, Reading]:
    """By disc from the bottom; none where the image was refused or the program failed, which is noted."""
    try:
        study = _study(images)
    except LumbardiscError as error:
        where = f"{images[0].path.parent}/"  # a page tells no one's folders
        result.failures.append(f"{name}, {images[0].case}: refused: {str(error).replace(where, '')}")
        return {}
    except Exception as error:
        result.failures.append(f"{name}, {images[0].case}: crash: {error!r}")
        return {}
    if len(images) == 1 and images[0].contrast in T2:
        result.seconds.append(study.provenance["timings"]["grading_s"])
    return {disc.label: reading(disc) for disc in study.discs.values()}


def _study(images: Sequence[GradedImage]) -> Study:
    """The study of the first image, graded on all of them."""
    found = [io.find([image.path], spacing=image.spacing, contrast=image.contrast) for image in images]
    first, *others = [source for (source,) in found]
    return PIPELINE.run(replace(first.load(), companions=tuple(others)), first.name)
