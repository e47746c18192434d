"""Kappas beside published tables, scikit-learn, and what they must do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.metrics import cohen_kappa_score

from lumbardisc.evaluation.agreement.kappa import (
    different,
    fleiss_kappa,
    kappa,
    kappa_interval,
    kappa_interval_of,
    kappa_of,
    observed_agreement,
    squared_steps,
    steps,
)

GRADES = np.arange(3)
SAS = np.array([[0, 4, 1], [0, 8, 0], [0, 1, 5]])
"""A printout of SAS PROC FREQ, as statsmodels' tests quote it (statsmodels/stats/tests/test_inter_rater.py)."""
ANXIETY = np.array(
    [
        *(3, 3, 3, 4, 5, 5, 2, 3, 5, 2, 2, 6, 1, 5, 2, 2, 1, 2, 4, 3),
        *(3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4),
        *(2, 1, 4, 4, 3, 2, 1, 6, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 2),
    ]
).reshape(3, 20)
"""Three readers of 20 subjects: the data set `anxiety` of R's irr."""
DIAGNOSES = """
444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 222333 144444 224445
333335 111455 111112 224444 133555 555555 244444 224555 114444 144445 222224 111155 224444 133333 555555
"""
"""Six psychiatrists' diagnoses of 30 patients: Fleiss 1971, Table 1; the data set `diagnoses` of R's irr."""


def readers_of(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two readers whose table of counts this is."""
    one, other = np.indices(counts.shape)
    return np.repeat(one, counts.ravel()), np.repeat(other, counts.ravel())


def test_kappa_and_its_interval_as_sas_prints_them() -> None:
    found = kappa_interval(*readers_of(SAS))
    assert_allclose([found.value, found.error, found.low, found.high], [0.4842, 0.1380, 0.2137, 0.7547], atol=5e-5)
    found = kappa_interval(*readers_of(SAS), steps)
    assert_allclose([found.value, found.error, found.low, found.high], [0.4701, 0.1457, 0.1845, 0.7558], atol=6e-5)


def test_kappa_as_r_irr_gives_it() -> None:
    """kappa2(anxiety[,2:3]) of irr, quoted by statsmodels' tests."""
    assert_allclose(kappa(ANXIETY[1], ANXIETY[2]), -0.006289308, atol=1e-8)


@pytest.mark.parametrize(("distance", "expected"), [(steps, 0.1459075), (squared_steps, 0.2520325)])
def test_weighted_kappa_as_r_irr_gives_it(distance: object, expected: float) -> None:
    """irr, quoted by statsmodels' tests; it counts levels, of which 5 does not occur, so 6 is next to 4."""
    levels = np.unique(ANXIETY[1:], return_inverse=True)[1].reshape(2, 20)
    assert_allclose(kappa(*levels, distance), expected, atol=1e-7)  # type: ignore[arg-type]


def test_weighted_kappa_of_cohen_1968() -> None:
    """Cohen reports .492 and .348 for his table of 200 (quoted in the help of R's psych, cohen.kappa)."""
    shares = np.array([[0.44, 0.07, 0.09], [0.05, 0.20, 0.05], [0.01, 0.03, 0.06]])
    weights = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])
    assert_allclose(kappa_of(shares, 1 - np.eye(3)), 0.492, atol=5e-4)
    assert_allclose(kappa_of(shares, weights), 0.348, atol=5e-4)


def test_the_table_of_fleiss_cohen_everitt_1969() -> None:
    """Their table of 200 (in the help of R's psych), by hand: 0.3 differ, 0.525 would by chance; weighted below."""
    counts = np.array([[106, 10, 4], [22, 28, 10], [2, 12, 6]])
    shares = counts / 200
    weights = 1 - np.array([[1, 0, 4 / 9], [0, 1, 2 / 3], [4 / 9, 2 / 3, 1]])
    assert_allclose(kappa_interval_of(shares, different(GRADES[:, None], GRADES), 200).value, 1 - 0.30 / 0.525)
    assert_allclose(
        kappa_interval_of(shares, weights, 200).value,
        1 - (0.16 + 0.03 * 5 / 9 + 0.11 / 3) / (0.345 + 0.125 * 5 / 9 + 0.055 / 3),
    )


def test_interval_holds_the_truth_in_19_of_20_samples() -> None:
    """Readers drawn from a known table; the simulation knows nothing of the formula."""
    rng = np.random.default_rng(0)
    shares = np.array([[0.30, 0.05, 0.05], [0.05, 0.20, 0.05], [0.05, 0.05, 0.20]])
    weights = squared_steps(GRADES[:, None], GRADES)
    truth = kappa_of(shares, weights)
    drawn = [
        kappa_interval_of(one / 200, weights, 200)
        for one in rng.multinomial(200, shares.ravel(), 800).reshape(-1, 3, 3)
    ]
    assert 0.925 < np.mean([one.low <= truth <= one.high for one in drawn]) < 0.97


@pytest.mark.parametrize(("name", "distance"), [(None, different), ("linear", steps), ("quadratic", squared_steps)])
@given(data=st.data())
@settings(deadline=None)
def test_kappa_is_scikit_learns(name: str | None, distance: object, data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 30))
    grades = st.lists(st.integers(1, 5), min_size=size, max_size=size)
    one, other = np.array(data.draw(grades)), np.array(data.draw(grades))
    if len({*one, *other}) > 1:
        expected = cohen_kappa_score(one, other, labels=[1, 2, 3, 4, 5], weights=name)
        assert_allclose(kappa(one, other, distance), expected, atol=1e-12)  # type: ignore[arg-type]


def test_fleiss_of_the_diagnoses() -> None:
    """0.430 in the paper; 0.4302445 by irr, quoted by statsmodels' tests."""
    table = np.array([[int(one) for one in row] for row in DIAGNOSES.split()])
    assert table.shape == (30, 6)
    assert_allclose(fleiss_kappa(table), 0.4302445, atol=1e-7)


def test_fleiss_of_two_readers_is_scotts_pi() -> None:
    """By hand: they agree on 3 of 4; both say 1 five times of 8 and 2 three times: (6/8 - 34/64) / (1 - 34/64)."""
    assert_allclose(fleiss_kappa([[1, 1], [1, 1], [2, 2], [1, 2]]), (48 - 34) / (64 - 34))


def test_perfect_and_opposite_readers() -> None:
    assert kappa([1, 2, 3], [1, 2, 3]) == 1
    assert kappa([0, 1], [1, 0]) == -1
    assert observed_agreement([1, 2, 3, 3], [1, 2, 2, 2]) == 0.5


def test_ties_everywhere_are_undefined() -> None:
    assert np.isnan(kappa([3, 3, 3], [3, 3, 3]))
    assert np.isnan(kappa_interval([3, 3, 3], [3, 3, 3]).low)
    assert np.isnan(fleiss_kappa([[3, 3, 3], [3, 3, 3]]))


def test_a_reader_who_always_says_the_same_leaves_no_interval() -> None:
    found = kappa_interval([3, 3, 3, 3], [3, 4, 3, 4])
    assert found.value == 0
    assert np.isnan([found.low, found.high]).all()


def test_perfect_agreement_has_an_interval_without_width() -> None:
    found = kappa_interval([1, 2, 3], [1, 2, 3])
    assert (found.value, found.low, found.high) == (1, 1, 1)
