"""The tables and figures of grading. Every interval is a 95 % bootstrap interval over patients."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from readings import Cohort

from lumbardisc.evaluation import calibration, figures, grading
from lumbardisc.evaluation.bootstrap import Interval, clustered_interval
from lumbardisc.training.grades import FINDINGS

Metric = Callable[[Cohort], float]
Cohorts = Mapping[str, Cohort]

SAMPLES = 1000
"""Resamples of the patients behind each interval."""

FIVE_GRADES: dict[str, Metric] = {
    "quadratic kappa": lambda one: grading.quadratic_kappa(one.truth, one.predicted),
    "within one grade": lambda one: grading.within_one(one.truth, one.predicted),
    "balanced accuracy": lambda one: grading.balanced_accuracy(one.truth, one.predicted),
    "accuracy": lambda one: grading.accuracy(one.truth, one.predicted),
    "mean absolute error (grades)": lambda one: grading.mean_absolute_error(one.truth, one.predicted),
    "expected calibration error": lambda one: calibration.expected_calibration_error(one.confidence, one.correct),
    "the same, bins of equal mass": lambda one: calibration.expected_calibration_error(
        one.confidence, one.correct, equal_mass=True
    ),
    "Brier score": lambda one: calibration.brier_score(one.truth, one.probabilities),
    "ranked probability score": lambda one: calibration.ranked_probability_score(one.truth, one.probabilities),
}


def _classes(one: Cohort) -> tuple[grading.Classes, grading.Classes]:
    """Mild, moderate or severe: true and predicted."""
    return grading.degeneration(one.truth), grading.degeneration(one.predicted)


def _against_rest(one: Cohort, name: str) -> float:
    return float(getattr(grading.one_vs_rest(*_classes(one), len(grading.DEGENERATION)), name))


def _pair(one: Cohort, lower: int, upper: int) -> float:
    return grading.auc(*_pair_scores(one, lower, upper))


def _pair_scores(one: Cohort, lower: int, upper: int) -> tuple[grading.Flags, grading.Scores]:
    severity = grading.degeneration_probabilities(one.probabilities)
    return grading.pair_scores(grading.degeneration(one.truth), severity, lower, upper)


PAIRS = {"mild / moderate": (1, 2), "mild / severe": (1, 3), "moderate / severe": (2, 3)}
THREE_CLASSES: dict[str, tuple[float | None, Metric]] = {
    "ACC": (0.913, partial(_against_rest, name="accuracy")),
    "SEN": (0.916, partial(_against_rest, name="sensitivity")),
    "SPE": (0.912, partial(_against_rest, name="specificity")),
    "F1": (0.759, partial(_against_rest, name="f1")),
    **{
        f"AUC {name}": (published, partial(_pair, lower=pair[0], upper=pair[1]))
        for (name, pair), published in zip(PAIRS.items(), (0.89, 0.95, 0.90), strict=True)
    },
    "share of discs with the right class": (None, lambda one: grading.accuracy(*_classes(one))),
}
"""Published (Ding 2024, Table 2 and section 2.3; test set of 94 discs) and ours."""


def interval(one: Cohort, metric: Metric) -> Interval:
    """A number of a cohort, with its interval over patients."""
    every = np.arange(len(one.truth))
    return clustered_interval(lambda discs: metric(one.take(discs)), one.patients, every, samples=SAMPLES)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Markdown; all columns but the first to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def five_grade_table(cohorts: Cohorts) -> str:
    """How many discs and patients there are, and how right the five grades are, per input."""
    counts: list[list[object]] = [
        ["patients", *(len(np.unique(one.patients)) for one in cohorts.values())],
        ["graded discs", *(len(one.truth) for one in cohorts.values())],
        ["of these not found", *((~one.found).sum() for one in cohorts.values())],
    ]
    rows = [[name, *(interval(one, metric) for one in cohorts.values())] for name, metric in FIVE_GRADES.items()]
    return table(["five grades", *cohorts], [*counts, *rows])


def three_class_table(cohorts: Cohorts) -> str:
    """Mild, moderate and severe, beside the published figures."""
    rows = (
        [name, "" if published is None else f"{published:.3f}", *(interval(one, metric) for one in cohorts.values())]
        for name, (published, metric) in THREE_CLASSES.items()
    )
    return table(["mild, moderate, severe", "Ding 2024", *cohorts], rows)


def confusion_table(one: Cohort) -> str:
    """Counts by true (row) and predicted grade, and the recall of each true grade."""
    counts, recalls = grading.confusion(one.truth, one.predicted), _recalls(one)
    rows = [[f"grade {grade}", *row, recalls[grade]] for grade, row in enumerate(counts.tolist(), start=1) if sum(row)]
    return table(["truth", *(f"as {grade}" for grade in range(1, 6)), "not found", "recall"], rows)


def _recalls(one: Cohort) -> dict[int, Interval]:
    def recall(cohort: Cohort, grade: int) -> float:
        return float(grading.recalls(cohort.truth, cohort.predicted)[grade - 1])

    return {grade: interval(one, partial(recall, grade=grade)) for grade in range(1, 6)}


def findings_table(cohorts: Cohorts) -> str:
    """Area under the ROC curve of each finding that the network gives, per input; empty where it gives none."""
    rows = []
    for index, name in enumerate(FINDINGS):
        known = {key: one.take(~np.isnan(one.findings[:, index])) for key, one in cohorts.items()}
        if any((~np.isnan(one.finding_scores[:, index])).any() for one in known.values()):
            metric = partial(_finding_auc, index=index)
            first = next(iter(known.values()))
            count = f"{int(first.findings[:, index].sum())} of {len(first.truth)}"
            rows.append([name.replace("_", " "), count, *(interval(one, metric) for one in known.values())])
    return table(["finding, AUC", f"present ({next(iter(cohorts))})", *cohorts], rows) if rows else ""


def _finding_auc(one: Cohort, index: int) -> float:
    return grading.auc(one.findings[:, index] == 1, one.finding_scores[:, index])


def reliability_table(one: Cohort) -> str:
    """The bins of the reliability diagram."""
    rows = (
        [f"{point.low:.1f} to {point.high:.1f}", point.count, f"{point.confidence:.3f}", f"{point.accuracy:.3f}"]
        for point in calibration.reliability(one.confidence, one.correct)
    )
    return table(["stated confidence", "discs", "mean confidence", "share that is right"], rows)


def coverage_table(one: Cohort) -> str:
    """Accuracy among the surest discs."""
    coverage, _, threshold = calibration.coverage_curve(one.confidence, one.correct)
    rows = []
    for share in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        point = int(np.searchsorted(coverage, share - 1e-9))
        kept = one.take(np.nan_to_num(one.confidence, nan=-1.0) >= threshold[point])
        least = f"{threshold[point]:.3f}" if threshold[point] >= 0 else "not found"
        rows.append([f"{coverage[point]:.1%}", least, *_right_and_near(kept)])
    return table(["surest discs", "least confidence", "accuracy", "within one grade"], rows)


def flag_table(one: Cohort) -> str:
    """Accuracy with and without the flag ``low_confidence``."""
    kinds = {
        "sure": one.certain,
        "flagged `low_confidence`": one.found & ~one.certain,
        "not found": ~one.found,
        "all": np.ones(len(one.truth), dtype=bool),
    }
    rows = ([name, which.sum(), *_right_and_near(one.take(which))] for name, which in kinds.items() if which.any())
    return table(["discs", "n", "accuracy", "within one grade"], rows)


def _right_and_near(one: Cohort) -> list[Interval]:
    return [interval(one, FIVE_GRADES[name]) for name in ("accuracy", "within one grade")]


def fold_table(one: Cohort, folds: Mapping[str, str]) -> str:
    """The main numbers of each fold, and their mean and standard deviation; patients without a fold are left out."""
    names = ("quadratic kappa", "within one grade", "balanced accuracy", "accuracy", "expected calibration error")
    fold = np.array([folds.get(patient, "") for patient in one.patients])
    parts = {name: one.take(fold == name) for name in sorted(set(folds.values()))}
    values = np.array([[FIVE_GRADES[name](part) for name in names] for part in parts.values()])
    rows: list[list[object]] = [
        [name, len(part.truth), *(f"{value:.3f}" for value in row)]
        for (name, part), row in zip(parts.items(), values, strict=True)
    ]
    spread = [f"{mean:.3f} ± {sd:.3f}" for mean, sd in zip(values.mean(axis=0), values.std(axis=0), strict=True)]
    return table(["fold", "discs", *names], [*rows, ["mean ± SD", sum(fold != ""), *spread]])


def draw(cohorts: Cohorts, folder: Path, prefix: str) -> list[str]:
    """The figures, as PNG files ``PREFIX_....png`` in ``folder``; returns their names."""
    first = next(iter(cohorts.values()))
    names = [f"{prefix}_{kind}.png" for kind in ("reliability", "coverage", "confusion", "roc")]
    reliability, coverage, confusion, roc = (folder / name for name in names)
    folder.mkdir(parents=True, exist_ok=True)
    bins = {name: calibration.reliability(one.confidence, one.correct) for name, one in cohorts.items()}
    figures.draw_reliability(bins, reliability)
    curves = {name: calibration.coverage_curve(one.confidence, one.correct)[:2] for name, one in cohorts.items()}
    figures.draw_coverage(curves, coverage)
    counts, grades = grading.confusion(first.truth, first.predicted), "12345"
    figures.draw_confusion(counts, list(grades), [*grades, "not\nfound"], confusion)
    lines = {name: grading.roc_points(*_pair_scores(first, *pair)) for name, pair in PAIRS.items()}
    figures.draw_roc(lines, roc)
    return names
