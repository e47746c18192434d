"""Shapes against volumes worked out on paper, and frames against what a rotation must be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbardisc.phantom.canvas import Canvas, corners_of
from lumbardisc.phantom.shapes import Box, Capsule, Endplate, Frame, Plate, Slab, Union, midway

angles = st.floats(-60, 60)


def grid(half: float, step: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    line = np.arange(-half, half, step) + step / 2
    x, y, z = np.meshgrid(line, line, line, indexing="ij")
    return x, y, z


def test_capsule_volume_is_a_ball_and_a_cylinder() -> None:
    capsule = Capsule(np.array((-3.0, 1.0, 0.5)), np.array((3.0, 2.0, -1.0)), 4.0)
    length = np.sqrt(36 + 1 + 2.25)
    sampled = (capsule.distance(grid(12.0, 0.25)) < 0).sum() * 0.25**3
    assert sampled == pytest.approx(np.pi * 16 * length + 4 / 3 * np.pi * 64, rel=0.005)


def test_capsule_distance_by_hand() -> None:
    capsule = Capsule(np.zeros(3), np.array((0.0, 0.0, 10.0)), 2.0)
    points = tuple(np.array(axis, dtype=float) for axis in ((3, 0, 0), (4, 0, 0), (5, 14, -6)))
    assert capsule.distance(points) == pytest.approx([5 - 2, 4 - 2, 6 - 2])


def test_plate_volume_is_a_rounded_rectangle_times_thickness() -> None:
    plate = Plate(Frame.tilted(np.zeros(3), 20.0, 10.0), (3.0, 8.0, 6.0), 2.0)
    area = 16 * 12 - (4 - np.pi) * 2.0**2
    assert (plate.distance(grid(12.0, 0.25)) < 0).sum() * 0.25**3 == pytest.approx(6.0 * area, rel=0.005)


def test_union_is_no_larger_than_its_parts_and_holds_both() -> None:
    parts = (Capsule(np.zeros(3), np.ones(3), 2.0), Capsule(np.ones(3) * 5, np.ones(3) * 6, 2.0))
    points = grid(10.0, 0.5)
    inside = [part.distance(points) < 0 for part in parts]
    assert np.array_equal(Union(parts).distance(points) < 0, inside[0] | inside[1])


def flat_slab(tilt_deg: float, height: float) -> Slab:
    bottom = Frame.tilted(np.zeros(3), tilt_deg, 0.0)
    top = Frame(bottom.world(0, 0, height), bottom.axes)
    return Slab(Endplate(top, 15.0, 20.0, 0.0), Endplate(bottom, 15.0, 20.0, 0.0))


def outline_area(half_depth: float, half_width: float) -> float:
    """Area of the kidney outline by integration in polar coordinates, solved by bisection along each ray."""
    total, rays = 0.0, 360
    for angle in np.arange(rays) * 2 * np.pi / rays:
        low, high = 0.0, 60.0
        for _ in range(40):
            middle = (low + high) / 2
            wide = (middle * np.sin(angle) / half_width) ** 2
            deep = (middle * np.cos(angle) / half_depth + 0.16 * (wide - 0.3)) ** 2
            low, high = (middle, high) if wide**2 + deep**2 + 1.1 * wide * deep < 1 else (low, middle)
        total += 0.5 * low**2 * 2 * np.pi / rays
    return total


@pytest.mark.parametrize("tilt_deg", [0.0, 33.0])
def test_slab_between_flat_plates_has_height_times_area(tilt_deg: float) -> None:
    at = flat_slab(tilt_deg, 9.0).between(grid(30.0, 0.75))
    inside = (at.below_top > 0) & (at.above_bottom > 0) & (at.radius < 1)
    assert inside.sum() * 0.75**3 == pytest.approx(9.0 * outline_area(15.0, 20.0), rel=0.01)


def test_dome_takes_a_paraboloid_away() -> None:
    plate = Endplate(Frame.tilted(np.zeros(3), 0.0, 0.0), 15.0, 20.0, 2.0)
    at_centre, at_rim = plate.above(tuple(np.array(axis, dtype=float) for axis in ((0, 0), (0, 15), (5, 5))))[2]
    assert at_centre == pytest.approx(3.0)
    assert at_rim == pytest.approx(5.0)


@settings(deadline=None)
@given(tilt=angles, lean=angles)
def test_frames_are_right_handed_and_undo_themselves(tilt: float, lean: float) -> None:
    frame = Frame.tilted(np.array((1.0, 2.0, 3.0)), tilt, lean)
    assert frame.axes @ frame.axes.T == pytest.approx(np.eye(3))
    assert np.linalg.det(frame.axes) == pytest.approx(1.0)
    point = frame.world(4.0, -5.0, 6.0)
    assert np.ravel(frame.local(tuple(point[:, None]))) == pytest.approx([4.0, -5.0, 6.0])


@settings(deadline=None)
@given(tilt=angles)
def test_midway_halves_the_tilt(tilt: float) -> None:
    middle = midway(Frame.tilted(np.zeros(3), 0.0, 0.0), Frame.tilted(np.array((0, 0, 8.0)), tilt, 0.0))
    assert middle.axes == pytest.approx(Frame.tilted(np.zeros(3), tilt / 2, 0.0).axes, abs=1e-9)
    assert middle.origin == pytest.approx([0, 0, 4])


def test_a_window_holds_exactly_the_part_of_the_plane_in_the_box() -> None:
    shape = (40, 50)
    steps = np.array(((0.0, 0.0, -1.0), (0.0, -1.0, 0.0)))
    canvas = Canvas(np.zeros(shape, np.uint8), np.zeros(shape, np.uint8), np.array((0.0, 20.0, 15.0)), steps)
    hit, missed = canvas.windows(corners_of([Box(np.array((-1, 2, 3)), np.array((1, 6, 8))), Box(*np.ones((2, 3)))]))
    assert missed is None
    assert hit is not None
    hit.fill(np.ones(hit.rows.shape, bool), 7)
    rows, columns = np.nonzero(canvas.rows)
    assert (rows.min(), rows.max()) == (7, 12)  # z = 15 - row from 8 down to 3
    assert (columns.min(), columns.max()) == (14, 18)  # y = 20 - column from 6 down to 2
    x, y, z = np.broadcast_arrays(*hit.points)
    assert (x[0, 0], y[0, 0], z[0, 0]) == (0.0, 6.0, 8.0)
