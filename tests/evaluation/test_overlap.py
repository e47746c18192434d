"""Dice and IoU counted by hand; undefined is NaN."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lumbardisc.evaluation.overlap import dice, iou

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
