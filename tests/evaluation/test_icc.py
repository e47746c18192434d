"""Intraclass correlation beside the published example, a hand calculation, and what it must do."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lumbardisc.evaluation.icc import intraclass_correlation, intraclass_interval

SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
"""Table 2 of Shrout and Fleiss 1979: six targets, four judges."""


def test_the_published_example() -> None:
    found = intraclass_correlation(SHROUT_FLEISS)
    assert_allclose(astuple(found), [0.17, 0.29, 0.71, 0.44, 0.62, 0.91], atol=0.006)


def test_two_readers_by_hand() -> None:
    """Means of subjects 1.5, 3.5, 5.5: MS between 8; readers differ by 1 everywhere: MS of readers 1.5, residual 0."""
    found = intraclass_correlation([[1, 2], [3, 4], [5, 6]])
    assert found.consistency == found.consistency_average == 1
    assert_allclose(found.agreement, 8 / (8 + 2 * 1.5 / 3))
    assert_allclose(found.agreement_average, 8 / (8 + 1.5 / 3))
    assert_allclose(found.one_way, (8 - 0.5) / (8 + 0.5))
    assert_allclose(found.one_way_average, (8 - 0.5) / 8)


def test_simulated_readings_have_the_correlation_they_were_made_with() -> None:
    rng = np.random.default_rng(0)
    readings = rng.normal(100, 20, (4000, 1)) + rng.normal(0, 10, (4000, 3))
    found = intraclass_correlation(readings)
    assert_allclose(found.agreement, 400 / 500, atol=0.01)
    assert_allclose(found.agreement_average, 400 / (400 + 100 / 3), atol=0.01)


def test_a_subject_with_a_missing_reading_is_left_out() -> None:
    gap = [*SHROUT_FLEISS, [5, np.nan, 5, 5]]
    assert intraclass_correlation(gap) == intraclass_correlation(SHROUT_FLEISS)


@pytest.mark.parametrize("readings", [[[1, 2]], [[1], [2]], [[1, np.nan], [2, 3]], [[1, 1], [1, 1]]])
def test_undefined_is_nan(readings: list[list[float]]) -> None:
    assert np.isnan(intraclass_correlation(readings).agreement)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("one_way", (0.17, -0.133, 0.72)),
        ("agreement", (0.29, 0.019, 0.76)),
        ("consistency", (0.71, 0.342, 0.95)),
        ("one_way_average", (0.44, -0.884, 0.91)),
        ("agreement_average", (0.62, 0.071, 0.93)),
        ("consistency_average", (0.91, 0.676, 0.99)),
    ],
)
def test_intervals_as_r_psych_prints_them(form: str, expected: tuple[float, float, float]) -> None:
    """ICC(sf) of the help of R's psych, the same example; NAG prints 0.17, -0.13 and 0.72 for the first (g04gac)."""
    found = intraclass_interval(SHROUT_FLEISS, form)
    for value, printed in zip((found.value, found.low, found.high), expected, strict=True):
        digits = len(str(printed).partition(".")[2])
        assert round(value, digits) == printed
