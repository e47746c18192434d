"""Scores of groups of discs: how they spread, and whether the groups differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.evaluation.bootstrap import Interval, clustered_means
from lumbardisc.evaluation.comparison.letters import letters, told_apart
from lumbardisc.evaluation.comparison.tests import KruskalWallis, Pair, kruskal_wallis, pairwise_wilcoxon

Values = NDArray[np.float64]
NAN = float("nan")


@dataclass(frozen=True)
class Spread:
    """One metric over a group. defined: how many have it. mean: with its 95 % interval over patients. sd: n - 1."""

    defined: int
    mean: Interval
    median: float
    sd: float


@dataclass(frozen=True)
class Contrast:
    """Whether groups differ. letters: groups that share one are not told apart; the highest mean has an ``a``."""

    overall: KruskalWallis
    pairs: tuple[Pair, ...]
    letters: Mapping[str, str]


def spreads(table: Mapping[str, Values], patients: NDArray[Any]) -> dict[str, Spread]:
    """How each metric spreads. table: metric -> (items,), NaN where undefined. patients: (items,) whose they are.

    The interval is that of ``clustered_interval``; a single patient has none.
    """
    means = clustered_means(patients, np.stack(list(table.values()), axis=-1))
    if len(np.unique(patients)) < 2:
        means = [Interval(one.value, NAN, NAN) for one in means]
    return {name: _spread(table[name], mean) for name, mean in zip(table, means, strict=True)}


def contrast(groups: Mapping[str, Values]) -> Contrast:
    """Kruskal and Wallis over all groups, then every two by Wilcoxon's rank-sum test, corrected by Holm.

    groups: name -> scores; NaN are left out. As in Markhali 2024 (doi 10.1002/jsp2.70000). Both take the discs for
    independent of each other, which discs of one patient are not.
    """
    pairs = pairwise_wilcoxon(groups)
    best_first = sorted(groups, key=lambda name: -np.nan_to_num(_mean(groups[name]), nan=-np.inf))
    return Contrast(kruskal_wallis(groups), pairs, letters(best_first, told_apart(pairs)))


def _spread(values: Values, mean: Interval) -> Spread:
    known = values[~np.isnan(values)]
    median = float(np.median(known)) if len(known) else NAN
    return Spread(len(known), mean, median, float(known.std(ddof=1)) if len(known) > 1 else NAN)


def _mean(values: Values) -> float:
    """Of those that are defined; NaN where none is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else NAN
