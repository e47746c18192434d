"""The square network input: window, proportions, and the way back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbardisc.preprocess.intensity import windowed
from lumbardisc.preprocess.square import Square


def test_the_window_is_the_percentiles_of_the_slice() -> None:
    ramp = np.arange(1001, dtype=np.int16).reshape(7, 143)
    found = windowed(ramp)
    assert found.ravel()[[10, 500, 990]] == pytest.approx([0.0, 0.5, 1.0])
    assert found.min() == 0.0
    assert found.max() == 1.0
    assert np.array_equal(windowed(ramp * 3 + 40), found), "scale and offset of a scanner do not matter"
    assert not windowed(np.full((4, 4), 7)).any()


@settings(max_examples=25, deadline=None)
@given(st.integers(40, 160), st.integers(40, 160), st.floats(0.4, 1.2), st.floats(0.4, 1.2))
def test_a_disc_comes_back_where_it_was(rows: int, columns: int, row_mm: float, column_mm: float) -> None:
    y, x = np.ogrid[:rows, :columns]
    inside = ((y + 0.5) / rows - 0.5) ** 2 / 0.09 + ((x + 0.5) / columns - 0.5) ** 2 / 0.04 < 1
    square = Square(256, (rows, columns), (row_mm, column_mm))
    back = square.back(square.forward(inside))
    assert back.shape == inside.shape
    overlap = 2 * ((back > 0.5) & inside).sum() / ((back > 0.5).sum() + inside.sum())
    assert overlap > 0.97


def test_proportions_are_kept_and_the_rest_is_padded() -> None:
    square = Square(64, (100, 100), (1.0, 0.5))
    filled = square.forward(np.ones((100, 100)))
    assert square.pixel_mm == pytest.approx(100 / 64)
    assert filled.any(axis=1).sum() == 64
    assert filled.any(axis=0).sum() == 32
    assert filled[:, :16].sum() == filled[:, 48:].sum() == 0


def test_boxes_go_to_the_square_and_back() -> None:
    square = Square(64, (32, 16), (1.0, 0.5))  # 32 x 8 mm on 0.5 mm pixels: 64 x 16, columns 24-40
    boxes = np.array([[0.0, 0.0, 16.0, 32.0], [4.0, 8.0, 8.0, 16.0]])
    there = square.boxes_forward(boxes)
    np.testing.assert_allclose(there, [[24, 0, 40, 64], [28, 16, 32, 32]])
    np.testing.assert_allclose(square.boxes_back(there), boxes)


def test_boxes_end_at_the_edges_of_the_slice() -> None:
    square = Square(64, (32, 16), (1.0, 0.5))
    np.testing.assert_allclose(square.boxes_back(np.array([[0.0, -5.0, 64.0, 70.0]])), [[0, 0, 16, 32]])
