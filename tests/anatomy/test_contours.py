"""Outlines: exact on straight edges, close on curved ones, free of stairs, and never lost."""

import numpy as np
import pytest

from lumbardisc.anatomy.contours import area, outline


def test_a_rectangle_keeps_its_sides_to_the_last_digit() -> None:
    mask = np.zeros((20, 40), dtype=bool)
    mask[5:9, 10:30] = True  # 4 rows, 20 columns
    points = outline(mask, (0.5, 0.8))
    assert np.ptp(points, axis=0) == pytest.approx([4 * 0.5, 20 * 0.8])
    assert points.min(axis=0) == pytest.approx([4.5 * 0.5, 9.5 * 0.8])


def test_the_outline_is_closed_and_one_pixel_frame_does_not_open_it() -> None:
    points = outline(np.ones((6, 9), dtype=bool), (1.0, 1.0))
    assert (points[0] == points[-1]).all()
    assert np.ptp(points, axis=0) == pytest.approx([6.0, 9.0])


@pytest.mark.parametrize("radius", [5.0, 12.0, 30.0])
def test_a_circle_shrinks_no_more_than_the_docstring_says(radius: float) -> None:
    rows, columns = np.mgrid[:80, :80]
    offsets = np.random.default_rng(0).uniform(38.0, 41.0, (20, 2))
    circles = [(rows - row) ** 2 + (columns - column) ** 2 <= radius**2 for row, column in offsets]
    radii = [np.sqrt(area(outline(circle, (1.0, 1.0))) / np.pi) for circle in circles]
    assert np.mean(radii) == pytest.approx(radius - 0.25 / radius, abs=0.04)


@pytest.mark.parametrize("tilt_deg", [7.0, 20.0, 33.0])
def test_a_tilted_edge_loses_its_stairs(tilt_deg: float) -> None:
    sine, cosine = np.sin(np.radians(tilt_deg)), np.cos(np.radians(tilt_deg))
    rows, columns = np.mgrid[:60, :60] - 29.7
    across = rows * cosine - columns * sine
    along = rows * sine + columns * cosine
    points = outline((abs(across) <= 8.0) & (abs(along) <= 20.0), (1.0, 1.0)) - 29.7
    distance = abs(points @ [cosine, -sine])[abs(points @ [sine, cosine]) < 15.0] - 8.0
    assert abs(distance.mean()) < 0.06
    assert distance.std() < 0.22  # the corners of the pixels themselves scatter by 1 / sqrt(12) = 0.29


@pytest.mark.parametrize("shape", [(1, 12), (12, 1), (1, 1), (2, 2)])
def test_thin_and_tiny_masks_are_not_lost(shape: tuple[int, int]) -> None:
    assert area(outline(np.ones(shape, dtype=bool), (1.0, 1.0))) >= 0.5


def test_the_largest_piece_is_outlined() -> None:
    mask = np.zeros((30, 30), dtype=bool)
    mask[2:5, 2:5] = mask[10:20, 10:25] = True
    assert outline(mask, (1.0, 1.0)).min(axis=0) == pytest.approx([9.5, 9.5])


def test_an_empty_mask_has_no_outline() -> None:
    assert outline(np.zeros((5, 5), dtype=bool), (1.0, 1.0)).shape == (0, 2)


def test_area_of_a_right_triangle_either_way_round() -> None:
    triangle = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0], [0.0, 0.0]])
    assert area(triangle) == area(triangle[::-1]) == 6.0
