"""Scores of drawn spines, counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from label_maps import SPACING, spine

from lumbardisc.evaluation.segmentation.structures import disc_boxes, middle_slice, score, shift
from lumbardisc.levels import CANAL, SACRUM


def test_the_truth_itself_is_right_in_all() -> None:
    for one in score(spine(), spine(), SPACING):
        assert one.values["dice"] == one.values["volume_ratio"] == one.values["nsd"] == 1.0
        assert one.values["hd95_mm"] == one.values["assd_mm"] == 0.0
        assert one.predicted == pytest.approx(one.true, nan_ok=True)


def test_every_structure_of_the_truth_has_its_own_score() -> None:
    assert [one.label for one in score(spine(2), spine(3), SPACING)] == [1, 2, 3, SACRUM, 101, 102, 103, CANAL]


def test_two_rows_of_eight_missing_by_hand() -> None:
    one = score(spine(thinner=2), spine(), SPACING)[0]
    assert one.values["dice"] == pytest.approx(2 * 6 / 14)
    assert one.values["iou"] == pytest.approx(6 / 8)
    assert (one.values["precision"], one.values["recall"]) == (1.0, 6 / 8)
    assert one.values["hd95_mm"] == pytest.approx(2.0)
    assert one.true["volume_mm3"] == 5 * 8 * 30 * 4.0
    assert one.predicted["volume_mm3"] == 5 * 6 * 30 * 4.0
    assert one.true["height_mm"] - one.predicted["height_mm"] == pytest.approx(2.0, abs=0.3)


def test_a_missed_disc_is_zero_and_has_no_distance() -> None:
    missed = score(spine(4), spine(5), SPACING)[4]
    assert missed.missed
    assert missed.called == 0
    assert [missed.values[name] for name in ("dice", "iou", "recall", "volume_ratio", "nsd", "dice_any_name")] == [
        0.0
    ] * 6
    assert all(math.isnan(missed.values[name]) for name in ("precision", "hd95_mm", "assd_mm"))
    assert math.isnan(missed.predicted["volume_mm3"])


def test_discs_named_one_too_high_are_told() -> None:
    scored = score(spine(shift=1), spine(), SPACING)
    assert [one.called for one in scored[:5]] == [2, 3, 4, 5, 6]
    assert all(one.missed and one.values["dice_any_name"] == 1.0 for one in scored[:5])
    assert shift(scored) == 1
    assert shift(score(spine(), spine(), SPACING)) == 0


def test_one_slice_has_areas_but_no_volumes() -> None:
    one = score(spine(thinner=2)[3:4], spine()[3:4], SPACING)[0]
    assert one.values["volume_ratio"] == 6 / 8
    assert math.isnan(one.true["volume_mm3"])
    assert one.values["hd95_mm"] == pytest.approx(2.0)


def test_the_middle_slice_is_that_of_the_canal_or_else_of_the_discs() -> None:
    labels = spine()
    assert middle_slice(labels) == 3
    assert middle_slice(np.where(labels == CANAL, 0, labels)) == 3
    assert middle_slice(np.zeros_like(labels)) == 3


def test_boxes() -> None:
    boxes = disc_boxes(spine(), 3)
    assert boxes[1] == (12, 104, 42, 112)
    assert set(boxes) == {1, 2, 3, 4, 5}
    assert disc_boxes(spine(), 0) == {}
