"""Dice and IoU counted by hand; undefined is NaN."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lumbardisc.evaluation.overlap import dice, iou, precision, recall, volume_ratio

ONE = np.array([[1, 1, 1, 0]], dtype=bool)
OTHER = np.array([[0, 1, 1, 1]], dtype=bool)
EMPTY = np.zeros((1, 4), dtype=bool)


def test_by_hand() -> None:
    assert dice(ONE, OTHER) == pytest.approx(4 / 6)
    assert iou(ONE, OTHER) == pytest.approx(2 / 4)


def test_nothing_found_is_zero_and_nothing_there_undefined() -> None:
    assert dice(EMPTY, ONE) == 0.0
    assert iou(EMPTY, ONE) == 0.0
    assert math.isnan(dice(EMPTY, EMPTY))
    assert math.isnan(iou(EMPTY, EMPTY))


def test_shares_and_volume_by_hand() -> None:
    half = np.array([[0, 1, 0, 0]], dtype=bool)
    assert (precision(half, ONE), recall(half, ONE)) == (1.0, pytest.approx(1 / 3))
    assert (precision(ONE, half), recall(ONE, half)) == (pytest.approx(1 / 3), 1.0)
    assert volume_ratio(half, ONE) == pytest.approx(1 / 3)


def test_a_missed_disc_has_no_precision() -> None:
    assert math.isnan(precision(EMPTY, ONE))
    assert (recall(EMPTY, ONE), volume_ratio(EMPTY, ONE)) == (0.0, 0.0)
    assert math.isnan(recall(ONE, EMPTY))
    assert math.isnan(volume_ratio(ONE, EMPTY))
