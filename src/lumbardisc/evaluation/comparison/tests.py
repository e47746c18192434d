"""Rank tests of two or more groups of scores, as R runs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbardisc.evaluation.comparison.holm import holm

Scores = NDArray[np.float64]

EXACT_BELOW = 50
"""R takes the exact distribution below this many scores, where no two are equal."""
UNDEFINED = float("nan")


@dataclass(frozen=True)
class KruskalWallis:
    """Whether any group differs. statistic: chi-squared with so many degrees of freedom; NaN where undefined."""

    statistic: float
    degrees_of_freedom: int
    p: float


@dataclass(frozen=True)
class Pair:
    """Whether two groups differ. statistic: R's W or V. p_holm: p corrected for all pairs. NaN where undefined."""

    first: str
    second: str
    statistic: float
    p: float
    p_holm: float = UNDEFINED


def kruskal_wallis(groups: Mapping[str, ArrayLike]) -> KruskalWallis:
    """Kruskal and Wallis (1952, J Am Stat Assoc 47:583-621), corrected for ties; as R's ``kruskal.test``.

    groups: name -> scores, any number of each; NaN and groups without a score are left out. NaN where fewer than two
    groups are left, or all scores are equal.
    """
    from scipy.stats import kruskal

    known = [scores for scores in map(_known, groups.values()) if len(scores)]
    freedom = max(len(known) - 1, 0)
    if not freedom or len(np.unique(np.concatenate(known))) < 2:
        return KruskalWallis(UNDEFINED, freedom, UNDEFINED)
    found = kruskal(*known)
    return KruskalWallis(float(found.statistic), freedom, float(found.pvalue))


def pairwise_wilcoxon(groups: Mapping[str, ArrayLike], paired: bool = False) -> tuple[Pair, ...]:
    """Every two groups by Wilcoxon's test, two-sided, corrected by Holm; as R's ``pairwise.wilcox.test``.

    groups: name -> scores; NaN are left out. Rank-sum (Mann-Whitney); with ``paired`` signed-rank, where the n-th score
    of every group is of the same subject. Exact below 50 scores without ties, else the normal approximation with
    continuity correction, as in R up to 4.5.
    """
    test = signed_rank if paired else rank_sum
    names = list(combinations(groups, 2))
    found = [test(groups[first], groups[second]) for first, second in names]
    corrected = holm([p for _, p in found])
    return tuple(
        Pair(*two, statistic, p, float(of_all))
        for two, (statistic, p), of_all in zip(names, found, corrected, strict=True)
    )


def rank_sum(one: ArrayLike, other: ArrayLike) -> tuple[float, float]:
    """W, of how many pairs of scores ``one`` has the higher, and p; NaN without scores or where all are equal."""
    from scipy.stats import mannwhitneyu

    first, second = _known(one), _known(other)
    both = np.concatenate([first, second])
    if not (len(first) and len(second)) or len(np.unique(both)) < 2:
        return UNDEFINED, UNDEFINED
    few = max(len(first), len(second)) < EXACT_BELOW and len(np.unique(both)) == len(both)
    found = mannwhitneyu(first, second, method="exact" if few else "asymptotic")
    return float(found.statistic), float(found.pvalue)


def signed_rank(one: ArrayLike, other: ArrayLike) -> tuple[float, float]:
    """V, the ranks of the differences above 0, and p; NaN where none differs. Both (subjects,)."""
    from scipy.stats import rankdata, wilcoxon

    differences = _known(np.subtract(one, other, dtype=np.float64))
    unequal = differences[differences != 0]
    if not len(unequal):
        return UNDEFINED, UNDEFINED
    without_ties = len(unequal) == len(differences) and len(np.unique(np.abs(unequal))) == len(unequal)
    few = len(unequal) < EXACT_BELOW and without_ties
    p = wilcoxon(unequal, correction=True, method="exact" if few else "asymptotic").pvalue
    return float(rankdata(np.abs(unequal))[unequal > 0].sum()), float(p)


def _known(scores: ArrayLike) -> Scores:
    given = np.asarray(scores, dtype=np.float64)
    return given[~np.isnan(given)]
