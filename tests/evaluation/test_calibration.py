"""Calibration: bins filled by hand, scikit-learn's curve, simulated truth, and properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from lumbardisc.evaluation.calibration import (
    Bin,
    brier_score,
    coverage_curve,
    expected_calibration_error,
    ranked_probability_score,
    reliability,
)

STATED = np.array([0.15, 0.2, 0.55, 0.6, 0.95, 1.0, np.nan])
RIGHT = np.array([False, True, True, True, True, False, False])
CONFIDENCE = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40)


def test_bins_of_equal_width_by_hand() -> None:
    assert reliability(STATED, RIGHT) == [
        Bin(0.1, 0.2, 2, pytest.approx(0.175), 0.5),
        Bin(0.5, pytest.approx(0.6), 2, pytest.approx(0.575), 1.0),
        Bin(0.9, 1.0, 2, pytest.approx(0.975), 0.5),
    ]
    expected = (2 * 0.325 + 2 * 0.425 + 2 * 0.475) / 6
    assert expected_calibration_error(STATED, RIGHT) == pytest.approx(expected)


def test_bins_of_equal_mass_by_hand() -> None:
    assert reliability(STATED, RIGHT, bins=2, equal_mass=True) == [
        Bin(0.15, 0.55, 3, pytest.approx(0.3), pytest.approx(2 / 3)),
        Bin(0.6, 1.0, 3, pytest.approx(0.85), pytest.approx(2 / 3)),
    ]
    expected = (2 / 3 - 0.3) / 2 + (0.85 - 2 / 3) / 2
    assert expected_calibration_error(STATED, RIGHT, bins=2, equal_mass=True) == pytest.approx(expected)


def test_bins_are_those_of_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    stated = generator.random(500)
    right = generator.random(500) < stated**2
    share, mean = calibration_curve(right, stated, n_bins=10)
    found = reliability(stated, right)
    assert [one.accuracy for one in found] == pytest.approx(share)
    assert [one.confidence for one in found] == pytest.approx(mean)


def test_a_calibrated_forecast_has_little_error_and_an_overconfident_one_its_own() -> None:
    generator = np.random.default_rng(1)
    stated = generator.uniform(0.5, 1, 20_000)
    drawn = generator.random(20_000)
    assert expected_calibration_error(stated, drawn < stated) < 0.015
    assert expected_calibration_error(stated, drawn < stated - 0.2) == pytest.approx(0.2, abs=0.015)


def test_coverage_by_hand() -> None:
    coverage, accuracy, threshold = coverage_curve(
        np.array([0.9, 0.5, 0.9, np.nan, 0.7]), np.array([1, 0, 1, 0, 0]) > 0
    )
    assert coverage == pytest.approx([2 / 5, 3 / 5, 4 / 5, 1])  # the two of 0.9 come in together, the lost disc last
    assert accuracy == pytest.approx([1, 2 / 3, 1 / 2, 2 / 5])
    assert threshold.tolist() == [0.9, 0.7, 0.5, -1]


def test_proper_scores_by_hand() -> None:
    truth = np.array([2, 5])
    shares = np.array([[0.5, 0.5, 0, 0, 0], [np.nan] * 5])
    # the disc that was not found counts as certainty of grade 1
    assert brier_score(truth, shares) == pytest.approx((0.25 + 0.25 + 2) / 2)
    assert ranked_probability_score(truth, shares) == pytest.approx((0.25 / 4 + 1) / 2)


def test_brier_is_that_of_scikit_learn() -> None:
    generator = np.random.default_rng(2)
    truth, shares = generator.integers(1, 6, 50), generator.dirichlet(np.ones(5), 50)
    expected = brier_score_loss(truth, shares, labels=[1, 2, 3, 4, 5], scale_by_half=False)
    assert brier_score(truth, shares) == pytest.approx(expected)


def test_a_near_miss_ranks_better_than_a_far_one() -> None:
    near, far = np.eye(5)[[3]], np.eye(5)[[0]]
    truth = np.array([5])
    assert brier_score(truth, near) == brier_score(truth, far) == 2
    assert (ranked_probability_score(truth, near), ranked_probability_score(truth, far)) == (0.25, 1)


@given(CONFIDENCE, st.booleans())
def test_every_disc_is_in_one_bin_and_the_error_is_a_share(pairs: list[tuple[float, bool]], equal_mass: bool) -> None:
    stated, right = np.array([one for one, _ in pairs]), np.array([one for _, one in pairs])
    points = reliability(stated, right, equal_mass=equal_mass)
    assert sum(one.count for one in points) == len(pairs)
    assert all(one.low - 1e-12 <= one.confidence <= one.high + 1e-12 for one in points)
    assert 0 <= expected_calibration_error(stated, right, equal_mass=equal_mass) <= 1
    gap = abs(right.mean() - stated.mean())  # binning can only find more error than no bins
    assert expected_calibration_error(stated, right, equal_mass=equal_mass) >= gap - 1e-9


@given(CONFIDENCE, st.randoms(use_true_random=False))
def test_coverage_does_not_depend_on_the_order(pairs: list[tuple[float, bool]], random: st.Random) -> None:
    curves = []
    for order in (pairs, random.sample(pairs, len(pairs))):
        curves.append(coverage_curve(np.array([one for one, _ in order]), np.array([one for _, one in order])))
    for one, other in zip(*curves, strict=True):
        assert one.tolist() == other.tolist()
    assert curves[0][0][-1] == 1


def test_nothing_stated() -> None:
    assert math.isnan(expected_calibration_error(np.full(3, np.nan), np.zeros(3, dtype=bool)))
