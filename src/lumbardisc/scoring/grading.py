"""Predicted against true Pfirrmann grades, where both sides have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbardisc.evaluation.bootstrap import Interval, clustered_intervals
from lumbardisc.evaluation.grading import (
    MISSING,
    ClassScore,
    accuracy,
    class_scores,
    confusion,
    mean_absolute_error,
    quadratic_kappa,
    within_one,
)
from lumbardisc.scoring.cases import Row

STATISTICS = {
    "weighted_kappa_quadratic": quadratic_kappa,
    "accuracy": accuracy,
    "within_one": within_one,
    "mean_absolute_error": mean_absolute_error,
}
GRADES = 5


@dataclass(frozen=True, eq=False)
class Grading:
    """statistics: of ``STATISTICS``, with intervals over patients. counts: (true grade, predicted grade or none)."""

    discs: int
    statistics: dict[str, Interval]
    counts: NDArray[np.int_]
    by_grade: tuple[ClassScore, ...]


def grading(rows: Sequence[Row]) -> Grading | None:
    """rows: discs; those with a true grade count, one without a predicted grade as the farthest from the truth.

    None where there is no true or no predicted grade at all.
    """
    known = [row for row in rows if row.grade]
    truth = np.array([row.grade for row in known], dtype=int)
    given = np.array([row.predicted_grade or MISSING for row in known], dtype=int)
    if not given.any():
        return None
    patients = np.array([row.patient for row in known])
    intervals = clustered_intervals(list(STATISTICS.values()), patients, truth, given)
    return Grading(
        len(known),
        dict(zip(STATISTICS, intervals, strict=True)),
        confusion(truth, given),
        tuple(class_scores(truth, given, GRADES)),
    )
