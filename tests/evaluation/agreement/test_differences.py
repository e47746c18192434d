"""Differences beside the peak flow data of Bland and Altman 1986, simulations, and hand-made answers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lumbardisc.evaluation.agreement.differences import (
    bias,
    bias_interval,
    concordance,
    limit,
    limit_interval,
    smallest_detectable_change,
    spread,
    standard_error_of_measurement,
)
from lumbardisc.evaluation.agreement.kappa import kappa, squared_steps

WRIGHT = (494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427)
WRIGHT_AGAIN = (490, 397, 512, 401, 470, 611, 415, 431, 638, 429, 420, 633, 275, 492, 165, 372, 421)
MINI = (512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451)
"""Peak expiratory flow of 17 people, l/min, by two meters: Bland and Altman 1986, Lancet 1:307-310, Table 1."""


def test_peak_flow_of_bland_and_altman() -> None:
    """The paper: mean difference -2.1, SD 38.8; limits at 2 SD -79.7 and 75.5; interval of the bias -22.0 to 17.8."""
    found = bias_interval(WRIGHT, MINI)
    assert_allclose([found.value, spread(WRIGHT, MINI)], [-2.1, 38.8], atol=0.05)
    assert_allclose([found.low, found.high], [-22.0, 17.8], atol=0.05)
    by_two = [found.value + sign * 2 * spread(WRIGHT, MINI) for sign in (-1, 1)]
    assert_allclose(by_two, [-79.7, 75.5], atol=0.1)  # they went on from rounded numbers
    assert_allclose([limit(WRIGHT, MINI, sign) for sign in (-1, 1)], [-78.10, 73.86], atol=0.005)  # at 1.96 SD


def test_standard_error_of_a_limit() -> None:
    """The paper's approximation sqrt(3 SD^2 / n) is 9.4 x sqrt(3) = 16.3; that of 1999 has about 2.92 in place of 3."""
    low, high = limit_interval(WRIGHT, MINI, -1), limit_interval(WRIGHT, MINI, 1)
    assert_allclose([low.error, high.error], 16.3, atol=0.15)
    assert_allclose(high.high - high.value, 2.12 * high.error, rtol=1e-3)  # t of 16 degrees of freedom, as in the paper


def test_intervals_hold_the_truth_in_19_of_20_samples() -> None:
    rng = np.random.default_rng(0)
    samples = [(rng.normal(5, 2, 25), np.zeros(25)) for _ in range(1000)]
    upper = [limit_interval(*one, 1) for one in samples]
    means = [bias_interval(*one) for one in samples]
    assert 0.92 < np.mean([one.low <= 5 + 1.96 * 2 <= one.high for one in upper]) < 0.97
    assert 0.93 < np.mean([one.low <= 5 <= one.high for one in means]) < 0.97


def test_repeatability_of_the_peak_flow_meter() -> None:
    """Within-subject SD 15.3 l/min: Bland and Altman 1999, Stat Methods Med Res 8:135-160, of the same Wright meter."""
    table = np.stack([WRIGHT, WRIGHT_AGAIN], axis=1)
    assert_allclose(standard_error_of_measurement(table), 15.3, atol=0.05)
    assert_allclose(smallest_detectable_change(table), 2.77 * 15.307, rtol=1e-3)


def test_error_of_two_readings_is_the_root_of_half_the_mean_squared_difference() -> None:
    assert_allclose(standard_error_of_measurement([[1, 3], [5, 5], [7, 8]]), np.sqrt((4 + 0 + 1) / 3 / 2))


def test_concordance_is_kappa_with_quadratic_weights() -> None:
    assert_allclose(concordance(WRIGHT, MINI), kappa(np.array(WRIGHT), np.array(MINI), squared_steps))


def test_swapping_the_readers_turns_the_differences_round() -> None:
    assert bias(WRIGHT, MINI) == -bias(MINI, WRIGHT)
    assert_allclose(limit(WRIGHT, MINI, 1), -limit(MINI, WRIGHT, -1))


@pytest.mark.parametrize("function", [bias_interval, lambda one, other: limit_interval(one, other, 1)])
def test_one_item_has_no_interval(function: object) -> None:
    assert np.isnan(function([3.0], [2.0]).low)  # type: ignore[operator]


def test_ties_everywhere() -> None:
    assert spread([2, 2], [2, 2]) == bias([2, 2], [2, 2]) == 0
    assert np.isnan(concordance([2, 2], [2, 2]))
