"""How groups of scores spread and differ: by hand, and what is undefined."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lumbardisc.evaluation.segmentation.groups import contrast, spreads

PATIENTS = np.array(["a", "a", "b", "c"])


def test_by_hand() -> None:
    found = spreads({"dice": np.array([0.8, 0.9, 0.7, np.nan])}, PATIENTS)["dice"]
    assert (found.defined, found.median) == (3, 0.8)
    assert found.mean.value == pytest.approx(0.8)
    assert found.sd == pytest.approx(0.1)
    assert found.mean.low < 0.8 < found.mean.high


def test_one_patient_has_no_interval() -> None:
    found = spreads({"dice": np.array([0.8, 0.9])}, np.array(["a", "a"]))["dice"].mean
    assert found.value == pytest.approx(0.85)
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_a_metric_that_no_disc_has_is_undefined() -> None:
    found = spreads({"hd95_mm": np.full(4, np.nan)}, PATIENTS)["hd95_mm"]
    assert found.defined == 0
    assert all(math.isnan(value) for value in (found.mean.value, found.mean.low, found.median, found.sd))


def test_groups_far_apart_have_letters_of_their_own_the_best_first() -> None:
    generator = np.random.default_rng(0)
    groups = {"low": generator.normal(0.5, 0.01, 12), "high": generator.normal(0.9, 0.01, 12)}
    found = contrast(groups)
    assert found.letters == {"high": "a", "low": "b"}
    assert found.overall.p < 0.001
    assert found.pairs[0].p_holm < 0.001


def test_ties_everywhere_are_undefined_and_share_a_letter() -> None:
    found = contrast({"one": np.ones(5), "other": np.ones(5), "none": np.full(3, np.nan)})
    assert math.isnan(found.overall.p)
    assert all(math.isnan(pair.p) for pair in found.pairs)
    assert set(found.letters.values()) == {"a"}
