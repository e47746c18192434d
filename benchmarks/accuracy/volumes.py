"""Volumes of discs on T2-SPACE: overlap and volume ratio after 3D assembly, by variant, grade and level.

Markhali et al. 2024 (doi 10.1002/jsp2.70000) report them so; each true disc is compared with the predicted one that
covers most of it, whatever its name, since here the outline is judged.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from measures import PIPELINE
from numpy.typing import NDArray
from scipy.ndimage import find_objects

from lumbardisc import __version__, io
from lumbardisc.anatomy.orphans import without_orphans
from lumbardisc.conventions import to_ours
from lumbardisc.evaluation.bootstrap import clustered_interval
from lumbardisc.evaluation.overlap import dice, volume_ratio
from lumbardisc.evaluation.segmentation.surface import surface_distances
from lumbardisc.inference.refinement import Refiner
from lumbardisc.inference.weights import load_weights
from lumbardisc.levels import are_discs, disc_name
from lumbardisc.pipeline import Pipeline
from lumbardisc.training.grades.spider_slices import read as read_grades
from lumbardisc.training.splits import part_of

Labels = NDArray[np.integer]
Grades = dict[tuple[str, int], int]
ALONE, REFINED = "segmentation alone", "refined (what `analyze` does)"
ORPHANS = "refined, orphans removed"


@dataclass(frozen=True)
class Score:
    """One disc, or all of a patient together (level and grade empty). grade: Pfirrmann 1-5 where one is known. assd_mm:
    average distance of the surfaces, NaN where nothing was found and for a whole patient."""

    variant: str
    patient: str
    level: str
    grade: int | None
    dice: float
    ratio: float
    assd_mm: float = float("nan")


def volumes_section(options: argparse.Namespace) -> tuple[str, int]:
    """The tables, and how many volumes made the program fail."""
    grades = _grades(options.data / "spider")
    scores: list[Score] = []
    for mask in sorted((options.data / "spider" / "space").glob("*_mask.nii.gz")):
        patient = mask.name.split("_")[0]
        if parts := _pipeline(patient, options):
            scores += _scores(mask, patient, parts, grades)
            print(patient, file=sys.stderr, flush=True)
    whose = "out-of-fold" if options.refiner else options.part
    return tables(scores, f"Version {__version__}, {whose} patients, {date.today()}."), 0


def _pipeline(patient: str, options: argparse.Namespace) -> Pipeline | None:
    """What a patient is measured with: a refiner that left the patient out where refiners are given."""
    parts = replace(PIPELINE, grader=None, second=None)
    for path in options.refiner:
        if patient in load_weights(path, "refinement").settings["left_out"]:
            return replace(parts, refiner=Refiner(path))
    wanted = not options.refiner and options.part in ("all", part_of("spider_space", patient))
    return parts if wanted else None


def tables(scores: Sequence[Score], head: str) -> str:
    """Whole patients by variant, then discs by grade and by level."""
    whole, discs = [one for one in scores if not one.level], [one for one in scores if one.level]
    parts = [head, "## Discs of a patient together, after 3D assembly", _table(whole, lambda one: one.variant)]
    for variant in (ALONE, REFINED):
        own = [one for one in discs if one.variant == variant]
        told = _table(own, lambda one: f"grade {one.grade}" if one.grade else None)
        others = _table(own, lambda one: "grades 1-4" if one.grade and one.grade < 5 else None, head=False)
        parts += [f"## Single discs by grade: {variant}", "\n".join(filter(None, [told, others]))]
    parts += [f"## Single discs by level: {REFINED}", _table(own, lambda one: one.level)]
    return "\n\n".join(parts)


def _table(scores: Sequence[Score], group_of: Callable[[Score], str | None], *, head: bool = True) -> str:
    """Mean Dice and volume ratio of each group with intervals over patients."""
    lines = [
        "| | n | Dice mean (95 % interval) | Dice median | volume ratio (95 % interval) | surface distance, mm |",
        "|---|" + "---:|" * 5,
    ]
    for group in sorted({name for one in scores if (name := group_of(one))}):
        own = [one for one in scores if group_of(one) == group]
        patients = [one.patient for one in own]
        means = [
            clustered_interval(np.mean, patients, values)
            for values in np.transpose([(one.dice, one.ratio) for one in own])
        ]
        median = np.median([one.dice for one in own])
        apart = [one.assd_mm for one in own if not np.isnan(one.assd_mm)]
        told = f"{np.mean(apart):.2f}" if apart else ""
        lines.append(f"| {group} | {len(own)} | {means[0]} | {median:.3f} | {means[1]} | {told} |")
    return "\n".join(lines if head else lines[2:])


def _scores(mask: Path, patient: str, parts: Pipeline, grades: Grades) -> Iterator[Score]:
    (source,) = io.find([mask.with_name(mask.name.replace("_mask", ""))])
    scan = source.load()
    spacing = scan.volume.sagittal().spacing
    truth = to_ours(io.load_labels(mask).sagittal().array, "merged:1")
    alone, refined = (
        _discs(one.run(scan, patient).labels.sagittal().array) for one in (replace(parts, refiner=None), parts)
    )
    mended = np.where(without_orphans(refined > 0), refined, 0)
    for variant, found in {ALONE: alone, REFINED: refined, ORPHANS: mended}.items():
        yield Score(variant, patient, "", None, dice(found > 0, truth > 0), volume_ratio(found > 0, truth > 0))
        for label in np.unique(truth[truth > 0]).tolist():
            disc = truth == label
            own = found == _most(found[disc])
            grade = grades.get((patient, label))
            (box,) = find_objects((own | disc).astype(np.uint8))
            own, disc = own[box], disc[box]
            apart = surface_distances(own, disc, spacing).assd_mm
            yield Score(variant, patient, disc_name(label), grade, dice(own, disc), volume_ratio(own, disc), apart)


def _discs(labels: Labels) -> Labels:
    return np.where(are_discs(labels), labels, 0)


def _most(labels: Labels) -> int:
    """The disc that most voxels have; a number that none has where there is no disc."""
    inside = labels[labels > 0]
    return int(np.bincount(inside).argmax()) if inside.size else -1


def _grades(folder: Path) -> Grades:
    """(patient, disc from the bottom) -> Pfirrmann grade."""
    data = read_grades(folder)
    return {(patient, label): one.pfirrmann for patient, own in data.grades.items() for label, one in own.items()}
