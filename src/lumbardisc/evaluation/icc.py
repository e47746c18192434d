"""Intraclass correlation: how much of the spread of readings is the spread of what was read."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from lumbardisc.evaluation.bootstrap import HIGH, Interval

UNDEFINED = float("nan")


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


@dataclass(frozen=True)
class MeanSquares:
    """Two-way analysis of variance of (subjects, readers), in squared units of the readings; NaN where undefined.

    between: of subjects. judges: of readers. residual: what is left. within: of judges and residual together.
    """

    subjects: int
    readers: int
    between: float = UNDEFINED
    judges: float = UNDEFINED
    residual: float = UNDEFINED
    within: float = UNDEFINED

    def correlation(self) -> IntraclassCorrelation:
        """The six forms."""
        more, between, residual, within = self.readers - 1, self.between, self.residual, self.within
        shift = (self.judges - residual) / self.subjects if self.subjects else UNDEFINED
        return IntraclassCorrelation(
            one_way=_ratio(between - within, between + more * within),
            agreement=_ratio(between - residual, between + more * residual + self.readers * shift),
            consistency=_ratio(between - residual, between + more * residual),
            one_way_average=_ratio(between - within, between),
            agreement_average=_ratio(between - residual, between + shift),
            consistency_average=_ratio(between - residual, between),
        )

    def freedom(self, form: str) -> float:
        """Degrees of freedom of the error of a form, by Satterthwaite's approximation where readers' differences count.

        So in Shrout and Fleiss 1979, page 424 for ``agreement``.
        """
        subjects, readers = self.subjects, self.readers
        if form.startswith("one_way"):
            return float(subjects * (readers - 1))
        exact = float((subjects - 1) * (readers - 1))
        if form.startswith("consistency"):
            return exact
        single = self.correlation().agreement
        judges = readers * single * self.judges
        error = (subjects * (1 + (readers - 1) * single) - readers * single) * self.residual
        return _ratio(exact * (judges + error) ** 2, (subjects - 1) * judges**2 + error**2)


def mean_squares(readings: ArrayLike) -> MeanSquares:
    """readings: (subjects, readers), at least two of each; a subject with a missing reading (NaN) is left out."""
    known = np.asarray(readings, dtype=np.float64)
    table = known[~np.isnan(known).any(axis=1)]
    subjects, readers = table.shape
    if subjects < 2 or readers < 2:
        return MeanSquares(subjects, readers)
    off = table - table.mean()
    of_subjects, of_readers = off.mean(axis=1), off.mean(axis=0)
    left = off - of_subjects[:, None] - of_readers
    return MeanSquares(
        subjects,
        readers,
        between=float(readers * (of_subjects @ of_subjects) / (subjects - 1)),
        judges=float(subjects * (of_readers @ of_readers) / (readers - 1)),
        residual=float((left**2).sum() / ((subjects - 1) * (readers - 1))),
        within=float(((off - of_subjects[:, None]) ** 2).sum() / (subjects * (readers - 1))),
    )


def intraclass_correlation(readings: ArrayLike) -> IntraclassCorrelation:
    """readings: (subjects, readers), at least two of each; a subject with a missing reading (NaN) is left out.

    By the mean squares of a two-way analysis of variance: between subjects, between readers, what is left.
    """
    return mean_squares(readings).correlation()


def intraclass_interval(readings: ArrayLike, form: str) -> Interval:
    """A form (a field of ``IntraclassCorrelation``) and its 95 % interval by the F distribution; readings as above.

    The ends of Shrout and Fleiss (1979) are the form itself with the mean square between subjects divided by, and
    multiplied with, the 97.5 % points of F: all three families share that, with degrees of freedom of their own.
    Subjects must be independent of each other: discs of one patient are not, and need ``clustered_interval``.
    """
    squares = mean_squares(readings)
    value, freedom = getattr(squares.correlation(), form), squares.freedom(form)
    if np.isnan([value, freedom]).any():
        return Interval(value, UNDEFINED, UNDEFINED)
    from scipy.special import fdtri

    others = squares.subjects - 1
    scales = 1 / fdtri(others, freedom, HIGH / 100), fdtri(freedom, others, HIGH / 100)
    scaled = (replace(squares, between=squares.between * float(scale)) for scale in scales)
    low, high = (getattr(one.correlation(), form) for one in scaled)
    return Interval(value, low, high)


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else UNDEFINED
