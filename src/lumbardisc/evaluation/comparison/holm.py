"""Holm's correction: many tests, and still one chance in twenty to find a difference where there is none."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Adjusted p values in the order given (Holm 1979, Scand J Stat 6:65-70).

    The smallest of m is multiplied by m, the next by m - 1 and so on, none falls below one before it nor rises above
    1. NaN stays NaN and does not count among the m.
    """
    given = np.asarray(p, dtype=np.float64)
    adjusted = np.full(given.shape, np.nan)
    order = np.argsort(given)[: np.count_nonzero(~np.isnan(given))]  # NaN is sorted last
    steps = len(order) - np.arange(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(given[order] * steps), 1.0)
    return adjusted
