"""Rank tests beside what R prints, to its last digit, and what is undefined."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lumbardisc.evaluation.comparison.tests import kruskal_wallis, pairwise_wilcoxon, rank_sum, signed_rank

NA = np.nan
AIRQUALITY = {
    "5": [
        *(41, 36, 12, 18, NA, 28, 23, 19, 8, NA, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32),
        23,
        45,
        115,
        37,
    ],
    "6": [29, 71, 39, 23, 21, 37, 20, 12, 13],
    "7": [
        *(135, 49, 32, 64, 40, 77, 97, 97, 85, 10, 27, 7, 48, 35, 61, 79, 63, 16, 80, 108, 20, 52, 82, 50, 64, 59),
    ],
    "8": [
        *(39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59, 23, 31, 44, 21, 9, 45, 168, 73, 76, 118, 84, 85),
    ],
    "9": [
        *(96, 78, 73, 91, 47, 32, 20, 23, 21, 24, 44, 21, 28, 9, 13, 46, 18, 13, 24, 16, 13, 23, 36, 7, 14, 30, NA),
        *(14, 18, 20),
    ],
}
"""Ozone by month, of R's data set airquality."""

DEPRESSION = (
    [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30],
    [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29],
)
"""Scale factors of nine patients at two visits: Hollander and Wolfe 1973, the first example of R's wilcox.test."""
PERMEABILITY = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46], [1.15, 0.88, 0.90, 0.74, 1.21]
"""Of the membrane at term and before: the second example of R's wilcox.test."""
SLEEP = (
    [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
    [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
)
"""Extra hours of ten patients with two drugs: R's data set sleep. It has ties, and one difference of 0."""


def test_kruskal_wallis_as_the_example_of_r() -> None:
    """kruskal.test(Ozone ~ Month): chi-squared = 29.267, df = 4, p-value = 6.901e-06."""
    found = kruskal_wallis(AIRQUALITY)
    assert (round(found.statistic, 3), found.degrees_of_freedom, f"{found.p:.3e}") == (29.267, 4, "6.901e-06")


def test_pairwise_wilcoxon_as_the_example_of_r() -> None:
    """pairwise.wilcox.test(Ozone, Month), the example of its help: rank sums with continuity correction, Holm."""
    found = {(one.first, one.second): one.p_holm for one in pairwise_wilcoxon(AIRQUALITY)}
    printed = {
        **{("5", "6"): 0.5775, ("5", "7"): 0.0003, ("5", "8"): 0.0011, ("5", "9"): 0.4744, ("6", "7"): 0.0848},
        **{("6", "8"): 0.1295, ("6", "9"): 1.0, ("7", "8"): 1.0, ("7", "9"): 0.0060, ("8", "9"): 0.0227},
    }
    assert {pair: round(p, 4) for pair, p in found.items()} == printed


@pytest.mark.parametrize(
    ("test", "data", "statistic", "p"),
    [
        # R prints one-sided p there: 0.01953 and 0.1272
        (signed_rank, DEPRESSION, 40, 2 * 0.01953),
        (rank_sum, PERMEABILITY, 35, 2 * 0.1272),
        # R: W = 25.5, p-value = 0.06933; paired V = 0, p-value = 0.009091
        (rank_sum, SLEEP, 25.5, 0.06933),
        (signed_rank, SLEEP, 0, 0.009091),
    ],
)
def test_two_groups_as_r_prints_them(
    test: Callable[..., tuple[float, float]], data: tuple[list[float], list[float]], statistic: float, p: float
) -> None:
    found = test(*data)
    assert found[0] == statistic
    assert_allclose(found[1], p, rtol=5e-4)


def test_paired_groups() -> None:
    (pair,) = pairwise_wilcoxon(dict(zip("xy", DEPRESSION, strict=True)), paired=True)
    assert (pair.first, pair.second, pair.statistic) == ("x", "y", 40)
    assert pair.p_holm == pair.p


def test_fifty_scores_are_no_longer_exact() -> None:
    """R's exact p is (number of rank sums as far off) / (all of them): its least value is far below the normal's."""
    low, high = np.arange(49.0), np.arange(100.0, 149)
    assert rank_sum(low, high)[1] < 1e-26 < rank_sum([*low, 49], high)[1]


@pytest.mark.parametrize(
    "groups", [{}, {"a": [1, 2]}, {"a": [1, 2], "b": []}, {"a": [1, 1], "b": [1, NA]}, {"a": [NA], "b": [NA]}]
)
def test_undefined_is_nan(groups: dict[str, list[float]]) -> None:
    found = kruskal_wallis(groups)
    assert np.isnan([found.statistic, found.p]).all()
    assert all(np.isnan([one.statistic, one.p, one.p_holm]).all() for one in pairwise_wilcoxon(groups))


def test_pairs_without_a_difference_are_undefined() -> None:
    assert np.isnan(signed_rank([1, 2, 3], [1, 2, 3])).all()
    assert np.isnan(signed_rank([1, NA], [NA, 2])).all()
