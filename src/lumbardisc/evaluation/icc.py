"""Intraclass correlation: how much of the spread of readings is the spread of what was read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class IntraclassCorrelation:
    """The six forms of Shrout and Fleiss (1979, Psychol Bull 86:420-428); 1 at best, NaN where undefined.

    one_way: each subject has readers of its own. agreement: the same readers read all, drawn from many, and their
    differences count. consistency: the same, but differences between readers do not count. ..._average: of the mean of
    all readings of a subject; the others are of a single reading.
    """

    one_way: float
    agreement: float
    consistency: float
    one_way_average: float
    agreement_average: float
    consistency_average: float


def intraclass_correlation(readings: ArrayLike) -> IntraclassCorrelation:
    """readings: (subjects, readers), at least two of each; a subject with a missing reading (NaN) is left out.

    By the mean squares of a two-way analysis of variance: between subjects, between readers, what is left.
    """
    known = np.asarray(readings, dtype=np.float64)
    table = known[~np.isnan(known).any(axis=1)]
    subjects, readers = table.shape
    if subjects < 2 or readers < 2:
        return IntraclassCorrelation(*[float("nan")] * 6)
    off = table - table.mean()
    of_subjects, of_readers = off.mean(axis=1), off.mean(axis=0)
    between = readers * (of_subjects @ of_subjects) / (subjects - 1)
    judges = subjects * (of_readers @ of_readers) / (readers - 1)
    left = off - of_subjects[:, None] - of_readers
    residual = (left**2).sum() / ((subjects - 1) * (readers - 1))
    within = ((off - of_subjects[:, None]) ** 2).sum() / (subjects * (readers - 1))
    shift = (judges - residual) / subjects
    return IntraclassCorrelation(
        one_way=_ratio(between - within, between + (readers - 1) * within),
        agreement=_ratio(between - residual, between + (readers - 1) * residual + readers * shift),
        consistency=_ratio(between - residual, between + (readers - 1) * residual),
        one_way_average=_ratio(between - within, between),
        agreement_average=_ratio(between - residual, between + shift),
        consistency_average=_ratio(between - residual, between),
    )


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")
