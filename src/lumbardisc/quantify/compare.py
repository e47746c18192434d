"""One disc at two times: which differences are more than measurement error."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, nan

import numpy as np

from lumbardisc.quantify.change import HIGHER, LOWER, NO_CHANGE, NOT_COMPARED, Difference
from lumbardisc.quantify.repeatability import REPEATABILITY, Z

Values = Mapping[str, float | int | bool | str]

LENGTHS = ("height_mm", "height_anterior_mm", "height_middle_mm", "height_posterior_mm", "depth_mm")
SIZES = (*LENGTHS, "area_mm2", "volume_mm3")
SIGNALS = ("signal_ratio_csf", "nucleus_signal_ratio", "nucleus_annulus_contrast")
GRADE, T1RHO = "pfirrmann", "t1rho_mean_ms"
MEASURES = (GRADE, "height_mm", "disc_height_index", *LENGTHS[1:], "area_mm2", "volume_mm3", *SIGNALS, T1RHO)
"""What is compared, in this order."""

SURE = 0.975
"""How probable the way of a grade must be: as of a difference beyond 1.96 standard errors, that error went that way."""


def compare_disc(level: str, before: Values, now: Values, unfit: Mapping[str, str]) -> tuple[Difference, ...]:
    """The differences of one disc, of those ``MEASURES`` that either study has a value of.

    before, now: columns of ``discs.csv``. unfit: measure -> why it cannot be compared between these studies.
    """
    known = [name for name in MEASURES if any(isfinite(_number(values, name)) for values in (before, now))]
    return tuple(_difference(level, name, before, now, unfit.get(name, "")) for name in known)


def _difference(level: str, name: str, before: Values, now: Values, unfit: str) -> Difference:
    one, other = _number(before, name), _number(now, name)
    if reason := unfit or _reason(name, before, now):
        return Difference(level, name, one, other, nan, NOT_COMPARED, reason)
    if name == GRADE:
        return _grade(level, before, now)
    least = least_detectable(name, before, now)
    verdict = NO_CHANGE if abs(other - one) <= least else HIGHER if other > one else LOWER
    return Difference(level, name, one, other, least, verdict)


def least_detectable(name: str, before: Values, now: Values) -> float:
    """The least difference beyond measurement error (95 %), in the unit of the measure.

    An estimated T1rho bears its own standard deviation; other measures have the one of ``REPEATABILITY``.
    """
    if name == T1RHO:
        deviations = [_number(values, "t1rho_mean_sd_ms") for values in (before, now)]
        return Z * float(np.linalg.norm(deviations))
    return REPEATABILITY[name].least_detectable


def _reason(name: str, before: Values, now: Values) -> str:
    """Why two values cannot be compared as such; empty where they can."""
    for values, whose in ((before, "the prior study"), (now, "this study")):
        if not isfinite(_number(values, name)):
            return f"not known of {whose}"
        if not _whole(name, values):
            return f"{whose} does not show the whole disc"
    return ""


def _whole(name: str, values: Values) -> bool:
    """Whether a size is of all that it should be of; an outline that the image cuts has an area, but no depth."""
    if name == "volume_mm3":
        return bool(values.get("volume_complete", False))
    return name != "area_mm2" or isfinite(_number(values, "depth_mm"))


def _grade(level: str, before: Values, now: Values) -> Difference:
    """Of two grades, each with how probable it is; their errors are taken to be independent."""
    joint = np.outer(_shares(before), _shares(now))
    higher, lower = float(np.triu(joint, 1).sum()), float(np.tril(joint, -1).sum())
    verdict = HIGHER if higher >= SURE else LOWER if lower >= SURE else NO_CHANGE
    one, other = _number(before, GRADE), _number(now, GRADE)
    return Difference(level, GRADE, one, other, nan, verdict, "", higher, lower)


def _shares(values: Values) -> list[float]:
    return [_number(values, f"pfirrmann_p{grade}") for grade in range(1, 6)]


def _number(values: Values, name: str) -> float:
    value = values.get(name)
    return float(value) if isinstance(value, int | float) else nan
