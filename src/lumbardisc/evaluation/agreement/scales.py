"""What a value of agreement is called, and who called it so."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lumbardisc.evaluation.bootstrap import Interval


@dataclass(frozen=True)
class Scale:
    """Words for values up to 1. steps: from which value on each word holds, ascending; below the first holds ``least``.

    Where a source prints 0.21-0.40 and 0.41-0.60, the step lies half-way, at 0.405.
    """

    source: str
    least: str
    steps: tuple[tuple[float, str], ...]

    def word(self, value: float) -> str:
        """What the source calls the value."""
        return [self.least, *(word for start, word in self.steps if value >= start)][-1]

    def words(self, interval: Interval) -> str:
        """From what to what the interval reaches, ``moderate to good``; what the value is where it has no interval."""
        ends = (interval.value, interval.value) if math.isnan(interval.low) else (interval.low, interval.high)
        low, high = map(self.word, ends)
        return low if low == high else f"{low} to {high}"


LANDIS_KOCH = Scale(
    "Landis and Koch 1977",
    "poor",
    ((0.0, "slight"), (0.205, "fair"), (0.405, "moderate"), (0.605, "substantial"), (0.805, "almost perfect")),
)
"""Biometrics 33:159-174, for kappa."""

MCHUGH = Scale(
    "McHugh 2012",
    "none",
    ((0.205, "minimal"), (0.395, "weak"), (0.595, "moderate"), (0.795, "strong"), (0.905, "almost perfect")),
)
"""Biochem Med 22:276-282, for kappa in health care: stricter."""

KOO_LI = Scale("Koo and Li 2016", "poor", ((0.5, "moderate"), (0.75, "good"), (0.9, "excellent")))
"""J Chiropr Med 15:155-163, for intraclass correlation; meant for its 95 % interval, not for its value."""

MCBRIDE = Scale("McBride 2005", "poor", ((0.9, "moderate"), (0.95, "substantial"), (0.99, "almost perfect")))
"""NIWA report HAM2005-062, for the concordance correlation."""

ZIJDENBOS = Scale("Zijdenbos et al. 1994", "overlap not called good, as up to 0.7", ((0.7, "good overlap, above 0.7"),))
"""IEEE Trans Med Imaging 13:716-724, as cited by Zou et al. (2004, Acad Radiol 11:178-189), for Dice."""
