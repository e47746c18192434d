"""Confidence intervals that know that the discs of one patient are alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

LOW, HIGH = 2.5, 97.5


@dataclass(frozen=True)
class Interval:
    """A value, the ends of its 95 % confidence interval and its standard error; NaN where undefined."""

    value: float
    low: float
    high: float
    error: float = float("nan")

    def __str__(self) -> str:
        ends = "" if np.isnan([self.low, self.high]).all() else f" ({self.low:.3f}, {self.high:.3f})"
        return f"{self.value:.3f}{ends}"


def clustered_interval(
    statistic: Callable[..., float], patients: ArrayLike, *arrays: ArrayLike, samples: int = 1000, seed: int = 0
) -> Interval:
    """``statistic(*arrays)`` and its percentile bootstrap interval over patients (Field and Welsh 2007).

    patients: (discs,) the patient of each disc. arrays: one entry (or row) per disc. As many patients as there are
    are drawn with replacement, each with all discs, ``samples`` times; resamples in which the statistic is undefined
    (a class is absent) are left out. Where resampling itself pushes a statistic one way, as noise pushes a calibration
    error up, the interval is widened to hold the value. The standard error is the resamples' standard deviation.
    """
    return clustered_intervals([statistic], patients, *arrays, samples=samples, seed=seed)[0]


def clustered_intervals(
    statistics: Sequence[Callable[..., float]],
    patients: ArrayLike,
    *arrays: ArrayLike,
    samples: int = 1000,
    seed: int = 0,
) -> list[Interval]:
    """``clustered_interval`` of several statistics of the same arrays, from the same resamples."""
    columns = [np.asarray(array) for array in arrays]
    values = [float(statistic(*columns)) for statistic in statistics]
    drawn = [
        [statistic(*resample) for statistic in statistics]
        for resample in ([column[chosen] for column in columns] for chosen in _resamples(patients, samples, seed))
    ]
    return [_percentiles(value, one) for value, one in zip(values, zip(*drawn, strict=True), strict=True)]


def clustered_means(patients: ArrayLike, table: ArrayLike, samples: int = 1000, seed: int = 0) -> list[Interval]:
    """``clustered_interval`` of the mean of each column of (discs, columns), where NaN is left out; all at once.

    The mean of a resample is the sum over its patients by the count over them, which needs no resample in full.
    """
    values = np.asarray(table, dtype=np.float64)
    names, owner = np.unique(np.asarray(patients), return_inverse=True)
    belongs = np.eye(len(names))[owner].T
    sums, counts = belongs @ np.nan_to_num(values), belongs @ ~np.isnan(values)
    drawn = np.random.default_rng(seed).integers(len(names), size=(samples, len(names)))
    with np.errstate(invalid="ignore"):  # 0 / 0: undefined
        means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
        whole = sums.sum(axis=0) / counts.sum(axis=0)
    return [_percentiles(float(value), one.tolist()) for value, one in zip(whole, means.T, strict=True)]


def _percentiles(value: float, resampled: Sequence[float]) -> Interval:
    """The interval of a value from those of the resamples."""
    defined = [one for one in resampled if not np.isnan(one)]
    if np.isnan(value) or not defined:
        return Interval(value, float("nan"), float("nan"))
    low, high = np.percentile(defined, [LOW, HIGH])
    return Interval(value, min(float(low), value), max(float(high), value), float(np.std(defined)))


def _resamples(patients: ArrayLike, samples: int, seed: int) -> Iterator[NDArray[np.intp]]:
    """Indices of the discs of each resample."""
    _, owner = np.unique(np.asarray(patients), return_inverse=True)
    discs: list[NDArray[Any]] = [np.flatnonzero(owner == one) for one in range(owner.max() + 1)]
    generator = np.random.default_rng(seed)
    for _ in range(samples):
        yield np.concatenate([discs[one] for one in generator.integers(len(discs), size=len(discs))])
