"""How far two readings of a continuous measure lie apart, in its own unit: Bland and Altman, measurement error."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from lumbardisc.evaluation.agreement.kappa import Z, squared_steps
from lumbardisc.evaluation.bootstrap import HIGH, Interval
from lumbardisc.evaluation.icc import mean_squares


def bias(one: ArrayLike, other: ArrayLike) -> float:
    """Mean of one - other. Both (items,), as below."""
    return float(np.mean(_differences(one, other)))


def spread(one: ArrayLike, other: ArrayLike) -> float:
    """Standard deviation of the differences; NaN for a single one."""
    off = _differences(one, other)
    return float(np.std(off, ddof=1)) if len(off) > 1 else float("nan")


def limit(one: ArrayLike, other: ArrayLike, sign: int) -> float:
    """A limit of agreement, sign -1 or +1: bias -/+ 1.96 SD, between which 95 % of normal differences lie.

    Bland and Altman (1986, Lancet 1:307-310); they took 2 SD, and 1.96 from 1999 on.
    """
    return bias(one, other) + sign * Z * spread(one, other)


def bias_interval(one: ArrayLike, other: ArrayLike) -> Interval:
    """``bias`` with its 95 % interval by the t distribution; items must be independent of each other."""
    return _around(bias(one, other), 1.0, one, other)


def limit_interval(one: ArrayLike, other: ArrayLike, sign: int) -> Interval:
    """``limit`` with its 95 % interval by the t distribution; items must be independent of each other.

    Standard error SD sqrt(1/n + 1.96^2 / (2 (n - 1))), Bland and Altman (1999, Stat Methods Med Res 8:135-160).
    """
    items = len(np.asarray(one))
    factor = 1 + items * Z**2 / (2 * (items - 1)) if items > 1 else float("nan")
    return _around(limit(one, other, sign), factor, one, other)


def concordance(one: ArrayLike, other: ArrayLike) -> float:
    """Lin's concordance correlation (1989, Biometrics 45:255-268): how near the points lie to the line of identity.

    That is kappa with quadratic weights, each value a grade of its own (King and Chinchilli 2001). NaN where there is
    but one value on both sides.
    """
    first, second = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    expected = first.var() + second.var() + (first.mean() - second.mean()) ** 2
    return 1 - float(np.mean(squared_steps(first, second))) / float(expected) if expected > 0 else float("nan")


def standard_error_of_measurement(table: ArrayLike) -> float:
    """Standard deviation of readings of the same item, readers' differences included. table: (items, readings).

    The root of the mean square within items (Bland and Altman 1996, BMJ 313:744), which is the SEM for agreement of
    de Vet et al. (2006, J Clin Epidemiol 59:1033-1039).
    """
    return math.sqrt(mean_squares(table).within)


def smallest_detectable_change(table: ArrayLike) -> float:
    """1.96 sqrt(2) SEM: two readings of an unchanged item differ by more in 1 of 20 cases (same sources)."""
    return Z * math.sqrt(2) * standard_error_of_measurement(table)


def _around(value: float, factor: float, one: ArrayLike, other: ArrayLike) -> Interval:
    """value -/+ t SD sqrt(factor / n)."""
    from scipy.special import stdtrit

    items = len(np.asarray(one))
    error = spread(one, other) * math.sqrt(factor / items)
    reach = float(stdtrit(items - 1, HIGH / 100)) * error if items > 1 else float("nan")
    return Interval(value, value - reach, value + reach, error)


def _differences(one: ArrayLike, other: ArrayLike) -> np.ndarray:
    return np.asarray(one, dtype=np.float64) - np.asarray(other, dtype=np.float64)
