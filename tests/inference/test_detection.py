"""Boxes from raw scores, non-maximum suppression, and the discs of a slice read together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbardisc.inference.detection import (
    decode,
    grid,
    intersection_over_union,
    network_input,
    non_maximum_suppression,
    read_together,
)

ANCHORS = np.array([[[10, 20]] * 3, [[30, 40]] * 3, [[50, 60]] * 3], dtype=float)


def test_score_0_is_the_middle_of_the_cell_and_the_size_of_the_anchor() -> None:
    raw = np.zeros((5 + 2, 3 * (16 + 4 + 1)), dtype=np.float32)
    decoded = decode(raw, ANCHORS, 32)
    np.testing.assert_allclose(decoded[0], [-1, -6, 9, 14, 0.5, 0.5, 0.5])  # cell (0, 0): middle (4, 4), 10 x 20
    np.testing.assert_allclose(decoded[1, :4], [7, -6, 17, 14])  # the next column
    np.testing.assert_allclose(decoded[4, :4], [-1, 2, 9, 22])  # the next row
    np.testing.assert_allclose(decoded[-1, :4], [-9, -14, 41, 46])  # the only cell of the coarsest map: middle (16, 16)


def test_a_centre_reaches_half_a_cell_beyond_and_a_size_four_times_the_anchor() -> None:
    raw = np.zeros((7, 63), dtype=np.float32)
    raw[0], raw[2] = 50.0, 50.0
    x0, _, x1, _ = decode(raw, ANCHORS, 32)[0, :4]
    assert ((x0 + x1) / 2, x1 - x0) == (pytest.approx(12.0), pytest.approx(40.0))


def test_the_grid_runs_by_map_anchor_row_column() -> None:
    cells, sizes, strides = grid(ANCHORS, 64)
    assert len(cells) == 3 * (64 + 16 + 4)
    assert (cells[64 + 9] == [1, 1]).all()
    assert (sizes[3 * 64] == [30, 40]).all()
    assert (strides[3 * 64] == 16).all()


def test_overlap_by_hand() -> None:
    boxes = np.array([[0, 0, 4, 2], [2, 0, 6, 2], [10, 10, 11, 11], [3, 3, 3, 3]], dtype=float)
    expected = [[1, 1 / 3, 0, 0], [1 / 3, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(intersection_over_union(boxes, boxes), expected)


def test_the_surest_of_overlapping_boxes_stays() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [0, 6, 10, 16]], dtype=float)  # overlaps 0.82, 0.25, 0.22
    assert non_maximum_suppression(boxes) == [0, 2]
    assert non_maximum_suppression(boxes, overlap=0.2) == [0]
    assert non_maximum_suppression(np.zeros((0, 4))) == []


@given(st.lists(st.tuples(*[st.integers(0, 30)] * 2, *[st.integers(1, 15)] * 2), max_size=12))
def test_kept_boxes_do_not_overlap_and_dropped_ones_overlap_a_surer_one(sizes: list[tuple[int, int, int, int]]) -> None:
    boxes = np.array([(x, y, x + w, y + h) for x, y, w, h in sizes], dtype=float).reshape(-1, 4)
    kept = non_maximum_suppression(boxes)
    overlaps = intersection_over_union(boxes, boxes)
    assert all(overlaps[a, b] <= 0.45 for a in kept for b in kept if a != b)
    dropped = set(range(len(boxes))) - set(kept)
    assert all(any(overlaps[row, other] > 0.45 for other in kept if other < row) for row in dropped)


def test_padding_does_not_count_for_the_grey_scale() -> None:
    square = np.zeros((32, 32), dtype=np.float32)
    square[:, 10:20] = np.linspace(100, 200, 320).reshape(32, 10)
    (grey,) = network_input(square)
    assert grey[:, :10].max() == 0.0
    assert grey[16, 15] == pytest.approx(0.5, abs=0.02)


def _spine(count: int, gap: float = 30.0, skip: int | None = None) -> np.ndarray:
    """Boxes of ``count`` discs, lowest first, 30 pixels apart; one may be left out."""
    boxes = [[10.0, 400 - gap * i, 50.0, 410 - gap * i] for i in range(count) if i != skip]
    return np.array(boxes)


def _looks(labels: list[int], sure: float = 0.8) -> np.ndarray:
    scores = np.full((len(labels), 9), (1 - sure) / 8)
    scores[np.arange(len(labels)), np.array(labels) - 1] = sure
    return scores


def _labels(boxes: np.ndarray, classes: np.ndarray) -> list[int]:
    return [disc.label for disc in read_together(boxes, np.full(len(boxes), 0.9), classes)]


def test_one_disc_that_looks_otherwise_follows_the_others() -> None:
    assert _labels(_spine(6), _looks([1, 2, 2, 4, 5, 6])) == [1, 2, 3, 4, 5, 6]


def test_the_order_of_the_boxes_does_not_matter() -> None:
    boxes, looks = _spine(5), _looks([1, 2, 3, 4, 5])
    assert _labels(boxes[::-1], looks[::-1]) == [1, 2, 3, 4, 5]


def test_a_wide_gap_hides_a_disc() -> None:
    assert _labels(_spine(6, skip=2), _looks([1, 2, 4, 5, 6])) == [1, 2, 4, 5, 6]


def test_a_box_below_l5_s1_is_no_lumbar_disc() -> None:
    assert _labels(_spine(6), _looks([1, 1, 2, 3, 4, 5])) == [1, 2, 3, 4, 5]


def test_l5_s1_may_be_out_of_sight() -> None:
    assert _labels(_spine(5), _looks([2, 3, 4, 5, 6])) == [2, 3, 4, 5, 6]


def test_level_probabilities_tell_doubt() -> None:
    unsure = read_together(
        _spine(2), np.array([0.9, 0.8]), np.array([[0.5, 0.5] + [0.0] * 7, [0, 0.5, 0.5] + [0.0] * 6])
    )
    assert [disc.label for disc in unsure] == [1, 2]  # L5/S1 is seldom out of sight
    assert 0.99 < sum(unsure[0].level_probabilities.values()) <= 1.0  # the rest: it is no lumbar disc
    assert 0.02 < unsure[0].level_probabilities[2] < 0.2
    assert unsure[1].confidence == 0.8


def test_no_box_gives_no_disc() -> None:
    assert read_together(np.zeros((0, 4)), np.zeros(0), np.zeros((0, 9))) == ()


def test_more_boxes_than_levels_are_told_as_none() -> None:
    assert read_together(_spine(12), np.full(12, 0.9), np.full((12, 9), 0.5))[-1].label <= 9
