"""What changed in the discs of one patient between two studies, each difference beside its measurement error."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

HIGHER, LOWER, NO_CHANGE, NOT_COMPARED = "higher", "lower", "no change beyond measurement error", "not compared"
VERDICTS = (HIGHER, LOWER, NO_CHANGE, NOT_COMPARED)


@dataclass(frozen=True)
class Difference:
    """One measure of one disc at two times.

    level: ``L4/L5``. measure: a column of ``discs.csv`` (``report.columns.meaning`` gives title and unit). before, now:
    its values, undefined is NaN. least_detectable: the least difference that measurement error alone exceeds in less
    than 5 % of comparisons, in the unit of the measure; NaN where not known. verdict: one of ``VERDICTS``. reason: why
    not compared, else empty. probability_higher, probability_lower: of a grade alone, that it really went up, or down,
    0-1; else NaN.
    """

    level: str
    measure: str
    before: float
    now: float
    least_detectable: float
    verdict: str
    reason: str = ""
    probability_higher: float = nan
    probability_lower: float = nan

    @property
    def difference(self) -> float:
        """``now - before``; NaN where either is undefined."""
        return self.now - self.before

    @property
    def beyond_error(self) -> bool:
        """Whether something changed by more than can be measurement error."""
        return self.verdict in (HIGHER, LOWER)


@dataclass(frozen=True)
class Change:
    """A study compared with a prior one of the same patient.

    prior: name of the prior study, fit for a folder. days: from the prior to this study, negative where the "prior" is
    the later one; None where a date is not known. (No date is kept: the prior's is this study's less ``days``.)
    rows: disc by disc from the lowest, the measures in one order; empty where nothing was compared.
    absent: (level, why) of each disc that only one of the two studies shows, or that lies in a part of the spine that
    could not be aligned; lowest first. distance_mm: mean distance of the surfaces of the vertebral bodies after
    alignment, NaN where none was possible. warnings: one line each, the gravest first. flags: ``level_shift`` (the
    names disagree by a level, so nothing was compared), ``same_image`` (one image was given twice).
    """

    prior: str
    days: int | None = None
    rows: tuple[Difference, ...] = ()
    absent: tuple[tuple[str, str], ...] = ()
    distance_mm: float = nan
    warnings: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def changed(self) -> tuple[Difference, ...]:
        """The rows that differ by more than measurement error."""
        return tuple(row for row in self.rows if row.beyond_error)

    @property
    def levels(self) -> tuple[str, ...]:
        """The discs that were compared, lowest first."""
        return tuple(dict.fromkeys(row.level for row in self.rows))
