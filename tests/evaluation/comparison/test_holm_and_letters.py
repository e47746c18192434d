"""Holm's correction by hand and beside statsmodels; letters by what they must tell."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lumbardisc.evaluation.comparison.holm import holm
from lumbardisc.evaluation.comparison.letters import letters, told_apart
from lumbardisc.evaluation.comparison.tests import Pair

P = st.lists(st.floats(0, 1), min_size=1, max_size=12)
NAMES = "abcdefg"
PAIRS = st.sets(st.sampled_from(list(combinations(NAMES, 2))))


def test_holm_by_hand() -> None:
    """0.005 x 4, 0.01 x 3, 0.03 x 2, and 0.04 x 1 which may not fall below the one before it."""
    assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])


def test_undefined_stays_undefined_and_is_not_counted() -> None:
    assert_allclose(holm([0.02, np.nan, 0.6]), [0.04, np.nan, 0.6])
    assert holm([]).shape == (0,)


@settings(deadline=None)  # the first call loads statsmodels
@given(P)
def test_holm_as_statsmodels(p: list[float]) -> None:
    from statsmodels.stats.multitest import multipletests

    assert_allclose(holm(p), multipletests(p, method="holm")[1], atol=1e-15)


@pytest.mark.parametrize(
    ("different", "expected"),
    [
        ([], ["a", "a", "a", "a"]),
        ([("a", "d")], ["a", "ab", "ab", "b"]),
        ([("d", "a"), ("d", "b"), ("c", "d")], ["a", "a", "a", "b"]),
        (list(combinations("abcd", 2)), ["a", "b", "c", "d"]),
        # a chain in which only neighbours are alike
        ([("a", "c"), ("a", "d"), ("b", "d")], ["a", "ab", "bc", "c"]),
    ],
)
def test_letters_by_hand(different: list[tuple[str, str]], expected: list[str]) -> None:
    assert list(letters("abcd", different).values()) == expected


@given(PAIRS)
def test_a_letter_is_shared_by_those_and_only_those_not_told_apart(different: set[tuple[str, str]]) -> None:
    shown = letters(NAMES, different)
    for one, other in combinations(NAMES, 2):
        assert bool(set(shown[one]) & set(shown[other])) == ((one, other) not in different)
    assert all(shown.values())
    assert "a" in shown[NAMES[0]]


@given(PAIRS)
def test_no_letter_could_be_left_out(different: set[tuple[str, str]]) -> None:
    shown = letters(NAMES, different)
    for letter in set("".join(shown.values())):
        left = {name: set(own) - {letter} for name, own in shown.items()}
        alike = set(combinations(NAMES, 2)) - different
        assert not all(left.values()) or not all(left[one] & left[other] for one, other in alike)


def test_there_are_more_than_26_letters() -> None:
    names = [f"{number:02}" for number in range(28)]
    assert list(letters(names, list(combinations(names, 2))).values())[25:] == ["z", "aa", "ab"]


def test_undefined_p_tells_nothing_apart() -> None:
    pairs = [Pair("x", "y", 1, 0.01, 0.049), Pair("x", "z", 1, 0.05, 0.05), Pair("y", "z", 1, np.nan, np.nan)]
    assert told_apart(pairs) == {("x", "y")}
