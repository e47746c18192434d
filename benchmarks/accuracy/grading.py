"""The sections on grading: patients end to end from files, and the predictions of a cross-validation."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import date

import numpy as np
from folds import NO_FOLD, read_folds
from graded import Graded, grade_files
from grading_tables import (
    confusion_table,
    coverage_table,
    draw,
    findings_table,
    five_grade_table,
    flag_table,
    fold_table,
    reliability_table,
    three_class_table,
)
from measures import PIPELINE
from readings import Cohort

from lumbardisc import __version__
from lumbardisc.errors import InputError, WeightsError


def grading_section(options: argparse.Namespace) -> tuple[str, int]:
    """Grades of a part's patients, end to end; and how many images made the program fail."""
    if PIPELINE.grader is None:
        raise WeightsError("this installation has no weights for grading; export or install them first")
    result = grade_files(options.data / "spider", options.part, verbose=options.verbose)
    if not result.cohorts:
        raise InputError(
            f"{options.data}/spider: holds no graded {options.part} patient; give the folder of all data sets"
        )
    weights = {"segmentation": PIPELINE.segmenter.weights, "grading": PIPELINE.grader.weights}
    sums = ", ".join(f"{name} weights {one.sha256[:12]}" for name, one in weights.items())
    parts = [
        "## Grades",
        f"Version {__version__}, {sums}, {options.part} patients, {date.today()}.",
        *_tables(result.cohorts, options, "grading"),
        "### The flag `low_confidence`",
        *(f"{name}:\n\n{flag_table(one)}" for name, one in result.cohorts.items()),
        _seconds(result),
        "\n".join(f"- {failure}" for failure in result.failures),
    ]
    return "\n\n".join(filter(None, parts)), sum(": crash: " in failure for failure in result.failures)


def folds_section(options: argparse.Namespace) -> tuple[str, int]:
    """Grades of a cross-validation."""
    cohorts, folds = read_folds(options.folds)
    first = next(iter(cohorts.values()))
    parts = [
        "## Grades in cross-validation",
        f"{len(set(folds.values()) - {NO_FOLD})} folds over {len(folds)} patients, {date.today()}.",
        *_tables(cohorts, options, "folds"),
        "### Fold by fold",
        fold_table(first, {patient: fold for patient, fold in folds.items() if fold != NO_FOLD}),
    ]
    return "\n\n".join(filter(None, parts)), 0


def _tables(cohorts: Mapping[str, Cohort], options: argparse.Namespace, prefix: str) -> list[str]:
    """All tables that both sections have; those of one input alone are those of the first."""
    name, first = next(iter(cohorts.items()))
    return [
        five_grade_table(cohorts),
        three_class_table(cohorts),
        f"### Which grade is taken for which ({name})",
        confusion_table(first),
        *_findings(cohorts),
        f"### What the confidence is worth ({name})",
        reliability_table(first),
        coverage_table(first),
        _figures(cohorts, options, prefix),
    ]


def _findings(cohorts: Mapping[str, Cohort]) -> list[str]:
    rows = findings_table(cohorts)
    return ["### Findings", rows] if rows else []


def _figures(cohorts: Mapping[str, Cohort], options: argparse.Namespace, prefix: str) -> str:
    if not options.write:
        return ""
    names = draw(cohorts, options.write.parent / "images", prefix)
    return "\n".join(f"![{name.removesuffix('.png').replace('_', ', ')}](images/{name})" for name in names)


def _seconds(result: Graded) -> str:
    if not result.seconds:
        return ""
    seconds = np.array(result.seconds)
    return (
        f"Grading added {np.median(seconds):.2f} s to a T2 study (median; longest {seconds.max():.2f} s, "
        f"{len(seconds)} studies)."
    )
