"""The frozen support vector machine: what a file keeps of it, and probabilities of pairs brought together."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lumbardisc.inference.svm import Svm, coupled, logistic

TWO = Svm(
    classes=(1, 3),
    mean=np.array([10.0, 0.0]),
    scale=np.array([2.0, 1.0]),
    gamma=0.5,
    vectors=np.array([[0.0, 0.0], [1.0, 1.0]]),
    weights=np.array([[1.0, -1.0]]),
    shifts=np.array([0.25]),
    slope=2.0,
)
"""Small enough to work out by hand."""


def test_a_decision_worked_out_by_hand() -> None:
    at_the_first = 1.0 - np.exp(-0.5 * 2) + 0.25
    assert_allclose(TWO.decisions([[10.0, 0.0]]), [[at_the_first]])
    assert_array_equal(TWO.predict([[10.0, 0.0], [12.0, 1.0]]), [1, 3])
    assert_allclose(TWO.probabilities([[10.0, 0.0]])[0, 0], 1 / (1 + np.exp(-2 * at_the_first)))


def test_a_file_keeps_every_digit() -> None:
    again = Svm.from_json(json.loads(json.dumps(TWO.to_json())))
    values = np.random.default_rng(0).normal(10, 2, (20, 2))
    assert_array_equal(again.decisions(values), TWO.decisions(values))
    assert_array_equal(again.probabilities(values), TWO.probabilities(values))
    assert again.classes == (1, 3)


def test_a_record_of_something_else_is_refused() -> None:
    with pytest.raises(KeyError):
        Svm.from_json({"classes": [1, 2, 3]})


def pairs_of(shares: np.ndarray) -> np.ndarray:
    return shares[:, None] / (shares[:, None] + shares[None, :])


@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=5))
def test_pairs_that_agree_give_back_their_probabilities(shares: list[float]) -> None:
    """Where the pairs come from one distribution, the sum of squares is 0 there and nowhere else."""
    truth = np.array(shares) / sum(shares)
    assert_allclose(coupled(pairs_of(truth)[None])[0], truth, atol=1e-9)


@given(st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3))
def test_pairs_that_disagree_come_as_near_as_can_be(of_pair: list[float]) -> None:
    a, b, c = of_pair
    table = np.array([[0.5, a, b], [1 - a, 0.5, c], [1 - b, 1 - c, 0.5]])

    def misfit(p: np.ndarray) -> float:
        return sum((table[j, i] * p[i] - table[i, j] * p[j]) ** 2 for i in range(3) for j in range(3) if i != j)

    found = coupled(table[None])[0]
    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()
    grid = [np.array([x, y, 1 - x - y]) for x in np.linspace(0, 1, 21) for y in np.linspace(0, 1 - x, 21)]
    assert misfit(found) <= min(misfit(one) for one in grid) + 1e-9


def test_the_logistic_curve_does_not_overflow() -> None:
    assert_allclose(logistic(np.array([-1e9, 0.0, 1e9])), [0, 0.5, 1])
