"""Kappas: agreement beyond chance, of categories and of grades."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbardisc.evaluation.bootstrap import Interval

Values = NDArray[Any]
Distance = Callable[[Values, Values], Values]
"""How bad it is that one reader says a and the other b; 0 where they say the same."""

Z = 1.959963984540054
"""97.5 % point of the normal distribution."""
TINY = 1e-12
"""Variances below it are 0, but for rounding."""


def different(one: Values, other: Values) -> Values:
    """Any two categories are as far apart as any other two: Cohen (1960, Educ Psychol Meas 20:37-46)."""
    return np.asarray(one != other, dtype=np.float64)


def steps(one: Values, other: Values) -> Values:
    """Linear weights: two grades off is twice as bad as one (Cohen 1968, Psychol Bull 70:213-220)."""
    return np.asarray(np.abs(one - other))


def squared_steps(one: Values, other: Values) -> Values:
    """Quadratic weights: two grades off is four times as bad as one."""
    return np.asarray(np.square(one - other))


def observed_agreement(one: ArrayLike, other: ArrayLike) -> float:
    """Share of items on which both readers say the same, chance left in. Both (items,)."""
    return float(np.mean(np.asarray(one) == np.asarray(other)))


def kappa(one: ArrayLike, other: ArrayLike, distance: Distance = different) -> float:
    """1 - observed disagreement / that expected by chance. Both (items,), categories or grades as numbers.

    1: no disagreement, 0: as by chance. NaN where there is but one category on both sides.
    """
    categories, shares = _shares(one, other)
    return kappa_of(shares, distance(categories[:, None], categories))


def kappa_of(shares: Values, weights: Values) -> float:
    """The same from a table, (categories, categories). shares: of sum 1. weights: of disagreement, 0 where none."""
    expected = float((weights * _by_chance(shares)).sum())
    return 1 - float((weights * shares).sum()) / expected if expected > 0 else float("nan")


def kappa_interval(one: ArrayLike, other: ArrayLike, distance: Distance = different) -> Interval:
    """``kappa`` with its large-sample 95 % interval; items must be independent of each other (one of each patient)."""
    categories, shares = _shares(one, other)
    return kappa_interval_of(shares, distance(categories[:, None], categories), len(np.asarray(one)))


def kappa_interval_of(shares: Values, weights: Values, items: int) -> Interval:
    """The same from a table; standard error by Fleiss, Cohen and Everitt (1969, Psychol Bull 72:323-327).

    The ends are kept within -1 to 1. They are NaN where kappa is, and where the error comes out as 0 although the
    readers differ, as when one of them always says the same.
    """
    value = kappa_of(shares, weights)
    if np.isnan(value):
        return Interval(value, value, value)
    credit = 1 - weights / weights.max()  # their weights are of agreement
    observed, expected = (credit * shares).sum(), (credit * _by_chance(shares)).sum()
    means = (credit @ shares.sum(axis=0))[:, None] + shares.sum(axis=1) @ credit
    spread = (shares * (credit * (1 - expected) - means * (1 - observed)) ** 2).sum()
    variance = (spread - (observed * expected - 2 * expected + observed) ** 2) / (items * (1 - expected) ** 4)
    error = float(np.sqrt(variance)) if variance > TINY else 0.0
    if not error and value < 1:
        return Interval(value, float("nan"), float("nan"))
    return Interval(value, max(value - Z * error, -1.0), min(value + Z * error, 1.0), error)


def fleiss_kappa(table: ArrayLike) -> float:
    """Agreement of any number of readers beyond chance, without weights (Fleiss 1971, Psychol Bull 76:378-382).

    table: (items, readers), every item read by all. Chance is that of all readers together, so with two it is Scott's
    pi and a little below Cohen's kappa. NaN where there is but one category.
    """
    readings = np.asarray(table)
    items, readers = readings.shape
    counts = (readings[:, :, None] == np.unique(readings)).sum(axis=1)
    agreeing = (counts * (counts - 1)).sum() / (items * readers * (readers - 1))
    expected = float(np.square(counts.sum(axis=0) / (items * readers)).sum())
    return float((agreeing - expected) / (1 - expected)) if expected < 1 else float("nan")


def _shares(one: ArrayLike, other: ArrayLike) -> tuple[Values, Values]:
    """The categories that occur, ascending, and the share of the items in each (one's, other's) pair of them."""
    both = np.stack([np.asarray(one), np.asarray(other)])
    categories, codes = np.unique(both, return_inverse=True)
    first, second = codes.reshape(both.shape)
    size = len(categories)
    counts = np.bincount(first * size + second, minlength=size**2)
    return categories, counts.reshape(size, size) / both.shape[1]


def _by_chance(shares: Values) -> Values:
    return np.outer(shares.sum(axis=1), shares.sum(axis=0))
