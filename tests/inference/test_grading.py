"""Crops in, grades out: probabilities, evidence, findings, and several images as one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from lumbardisc.inference.grading import (
    GRADES,
    STEPS,
    THRESHOLDS,
    Grader,
    Grading,
    grade_probabilities,
    raw_probabilities,
)
from lumbardisc.preprocess.intensity import Image

CALIBRATION = {"knots": [1.0, 1.8, 2.4, 3.3, 4.0, 5.0], "spread": [-0.2, 0.4], "outliers": 0.05}
LOG_ODDS = some.lists(some.floats(-30, 30), min_size=THRESHOLDS, max_size=THRESHOLDS)


@pytest.fixture(scope="module")
def grader() -> Grader:
    return Grader()


@pytest.fixture(scope="module")
def crop(grader: Grader) -> Image:
    """A bright canal behind two bodies and a dark disc, with some texture."""
    rows, columns = grader.shape
    image = np.full(grader.shape, 0.5, dtype=np.float32)
    image[rows // 2 - 8 : rows // 2 + 8, columns // 8 : columns // 2 + 20] = 0.15
    image[:, columns // 2 + 24 : columns // 2 + 40] = 1.0
    return image + np.random.default_rng(0).normal(0, 0.05, grader.shape).astype(np.float32)


@pytest.fixture(scope="module")
def found(grader: Grader, crop: Image) -> Grading:
    return grader({1: [crop]}, "t2")[1]


def test_raw_probabilities_by_hand() -> None:
    """Log-odds of 0 are one half each; the third threshold, likelier than the second, is held down to it."""
    log_odds = np.log(np.array([0.9, 0.5, 0.6, 0.1]) / np.array([0.1, 0.5, 0.4, 0.9]))
    assert raw_probabilities(log_odds) == pytest.approx([0.1, 0.4, 0.0, 0.4, 0.1])


def test_calibrated_probabilities_by_hand() -> None:
    """Raw 0.1, 0.4, 0, 0.4, 0.1 has mean 3 and variance 1.6; the knots put 3 half-way from 1.5 to 2.5."""
    log_odds = np.log(np.array([0.9, 0.5, 0.5, 0.1]) / np.array([0.1, 0.5, 0.5, 0.9]))
    calibration = {"knots": [1.0, 2.5, 3.5, 4.0, 4.5, 5.0], "spread": [np.log(0.5), 2.0], "outliers": 0.1}
    width = 0.5 * 1.6
    density = np.exp(-0.5 * (np.array([-1.0, 0.0, 1.0, 2.0, 3.0]) / width) ** 2)
    assert grade_probabilities(log_odds, calibration) == pytest.approx(0.9 * density / density.sum() + 0.02)


@given(LOG_ODDS)
def test_probabilities_are_probabilities(log_odds: list[float]) -> None:
    for shares in (raw_probabilities(np.array(log_odds)), grade_probabilities(np.array(log_odds), CALIBRATION)):
        assert shares.shape == (GRADES,)
        assert (shares >= 0).all()
        assert shares.sum() == pytest.approx(1.0)


@given(LOG_ODDS, some.floats(0.1, 5))
def test_more_evidence_never_lowers_the_grade(log_odds: list[float], more: float) -> None:
    before, after = (grade_probabilities(np.array(log_odds) + added, CALIBRATION) for added in (0.0, more))
    assert after.argmax() >= before.argmax()


def test_a_grading_is_consistent(found: Grading, grader: Grader) -> None:
    assert found.confidence == pytest.approx(max(found.probabilities))
    assert found.probabilities[found.grade - 1] == found.confidence
    assert found.degeneration == STEPS[found.grade - 1]
    assert found.certain == (found.confidence >= grader.weights.settings["certain_from"])
    assert set(found.findings) == set(grader.findings)
    assert all(0.0 <= share <= 1.0 for share in found.findings.values())
    assert found.group == "t2"


def test_the_evidence_adds_up_to_the_score(found: Grading, grader: Grader) -> None:
    """Its mean is the sum of the thresholds' raw scores: every place has its share, none is left over."""
    assert found.evidence.shape == found.crop.shape == grader.shape
    assert found.evidence.mean() == pytest.approx(found.scores[:THRESHOLDS].sum(), abs=2e-2)


def test_gain_and_offset_of_the_image_change_nothing(grader: Grader, crop: Image, found: Grading) -> None:
    other = grader({1: [40.0 + 900.0 * crop]}, "t2")[1]
    assert other.probabilities == pytest.approx(found.probabilities, abs=1e-2)


def test_slices_of_a_disc_are_averaged(grader: Grader, crop: Image, found: Grading) -> None:
    other = grader({1: [crop[:, ::-1].copy()]}, "t2")[1]
    both = grader({1: [crop, crop[:, ::-1].copy()], 2: [crop]}, "t2")
    assert both[1].scores == pytest.approx((found.scores + other.scores) / 2.0, abs=1e-4)
    assert both[2].scores == pytest.approx(found.scores, abs=1e-4)


def test_contrasts_have_their_own_calibration(grader: Grader, crop: Image) -> None:
    groups = {contrast: grader({1: [crop]}, contrast)[1].group for contrast in ("t2", "t2_space", "stir", "t1", None)}
    assert groups == {"t2": "t2", "t2_space": "t2", "stir": "t2", "t1": "t1", None: "t1"}


def test_images_are_fused_disc_by_disc(grader: Grader, crop: Image) -> None:
    t2 = grader({1: [crop], 2: [crop]}, "t2")
    t1 = grader({1: [crop[:, ::-1].copy()], 3: [crop]}, "t1")
    fused = grader.fuse([t2, t1])
    weight = grader.weights.settings["t1_weight"]
    assert {label: one.group for label, one in fused.items()} == {1: "t1+t2", 2: "t2", 3: "t1"}
    assert fused[1].scores == pytest.approx((t2[1].scores + weight * t1[1].scores) / (1.0 + weight), abs=1e-6)
    assert fused[2] is t2[2]


def test_no_disc_no_grade(grader: Grader) -> None:
    assert grader({}, "t2") == {}


def test_a_black_crop_has_a_grade_that_is_not_certain(grader: Grader) -> None:
    found = grader({1: [np.zeros(grader.shape, dtype=np.float32)]}, "t2")[1]
    assert np.isfinite(found.probabilities).all()
    assert np.isfinite(found.evidence).all()
