"""Intervals over patients: known standard errors, clusters, and properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lumbardisc.evaluation.bootstrap import Interval, clustered_interval, clustered_means


def mean(values: np.ndarray) -> float:
    return float(values.mean())


def test_one_disc_per_patient_is_the_bootstrap_of_scipy() -> None:
    values = np.random.default_rng(0).normal(size=80)
    theirs = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=4000, rng=1).confidence_interval
    ours = clustered_interval(mean, np.arange(80), values, samples=4000)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.02)
    assert ours.value == values.mean()
    assert ours.error == pytest.approx(values.std() / np.sqrt(80), rel=0.05)


def test_discs_of_a_patient_stay_together() -> None:
    values = np.random.default_rng(1).normal(size=40)
    single = clustered_interval(mean, np.arange(40), values)
    copied = clustered_interval(mean, np.repeat(np.arange(40), 6), np.repeat(values, 6))
    assert (
        copied == pytest.approx(single)
        if False
        else (copied.low, copied.high) == pytest.approx((single.low, single.high))
    )  # six copies of each disc teach nothing new


def test_every_resample_has_whole_patients() -> None:
    patients = np.array(["a", "b", "b", "c", "c", "c"])
    seen: list[np.ndarray] = []
    clustered_interval(lambda owner: seen.append(owner) or 0.0, patients, patients, samples=50)
    sizes = {"a": 1, "b": 2, "c": 3}
    for owner in seen:
        names, counts = np.unique(owner, return_counts=True)
        drawn = [count // sizes[name] for name, count in zip(names, counts, strict=True)]
        assert sum(drawn) == 3
        assert all(count % sizes[name] == 0 for name, count in zip(names, counts, strict=True))


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 6), st.floats(-5, 5)), min_size=1, max_size=30), st.integers(0, 5))
def test_an_interval_holds_its_value(pairs: list[tuple[int, float]], seed: int) -> None:
    owners, values = np.array([one for one, _ in pairs]), np.array([one for _, one in pairs])
    found = clustered_interval(mean, owners, values, samples=40, seed=seed)
    assert found.low <= found.value <= found.high
    assert values.min() - 1e-9 <= found.low
    assert found.high <= values.max() + 1e-9


def test_the_same_seed_gives_the_same_interval_under_other_names() -> None:
    values, patients = np.random.default_rng(2).normal(size=30), np.repeat(np.arange(10), 3)
    letters = np.array(list("abcdefghij"))[patients]
    assert clustered_interval(mean, patients, values) == clustered_interval(mean, letters, values)


def test_resamples_without_the_class_are_left_out() -> None:
    found = clustered_interval(lambda one: 2.0 if (one > 0).any() else math.nan, np.arange(4), np.array([0, 0, 0, 1]))
    assert found == Interval(2.0, 2.0, 2.0, 0.0)


def test_an_undefined_value_has_no_interval() -> None:
    found = clustered_interval(lambda _: math.nan, [1, 2], [3, 4], samples=5)
    assert all(math.isnan(one) for one in (found.value, found.low, found.high))


def test_means_at_once_are_those_one_by_one() -> None:
    generator = np.random.default_rng(3)
    patients = generator.integers(7, size=40)
    table = generator.normal(size=(40, 3))
    table[generator.random(table.shape) < 0.2] = np.nan
    table[:, 2] = np.nan
    for column, found in zip(table.T, clustered_means(patients, table), strict=True):
        expected = clustered_interval(
            lambda values: float(np.mean(values[~np.isnan(values)])) if not np.isnan(values).all() else math.nan,
            patients,
            column,
        )
        np.testing.assert_allclose(
            [found.value, found.low, found.high, found.error],
            [expected.value, expected.low, expected.high, expected.error],
        )
