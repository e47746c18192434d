"""Axes, borders and endplates on polygons whose answers are known on paper."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbardisc.anatomy.contours import Points
from lumbardisc.anatomy.endplates import (
    INNER,
    STATIONS,
    Endplate,
    across_deg,
    borders,
    facing_endplate,
    long_axis_deg,
)


def polygon(*corners: tuple[float, float]) -> Points:
    """A closed polygon from corners (column, row-upward): as drawn on paper, with y up."""
    closed = np.array([*corners, corners[0]])
    return np.stack([-closed[:, 1], closed[:, 0]], axis=1)


def turned(points: Points, angle_deg: float) -> Points:
    """Turned about the origin, the posterior end upward."""
    sine, cosine = np.sin(np.radians(angle_deg)), np.cos(np.radians(angle_deg))
    row, column = points.T
    return np.stack([row * cosine - column * sine, row * sine + column * cosine], axis=1)


BOX = polygon((-15, -4), (15, -4), (15, 4), (-15, 4))
# Borders meet at 2 atan(3 / 30); 12 high in front, 6 behind.
WEDGE = polygon((-15, -6), (15, -3), (15, 3), (-15, 6))
WEDGE_DEG = 2 * np.degrees(np.arctan(0.1))


@pytest.mark.parametrize("tilt", [-50.0, -20.0, 0.0, 10.0, 45.0])
def test_a_tilted_box(tilt: float) -> None:
    points = turned(BOX, tilt) + np.array([40.0, 60.0])
    found = borders(points, long_axis_deg(points))
    assert found.angle_deg == pytest.approx(tilt)
    assert found.depth_mm == pytest.approx(30.0)
    assert found.heights_mm == pytest.approx(np.full(100, 8.0))
    assert found.wedge_deg == pytest.approx(0.0, abs=1e-9)


def test_a_wedge_is_taller_in_front() -> None:
    found = borders(WEDGE, 5.0)
    assert found.angle_deg == pytest.approx(0.0, abs=1e-6)
    assert found.wedge_deg == pytest.approx(WEDGE_DEG)
    assert found.heights_mm == pytest.approx(12.0 - 6.0 * STATIONS)
    assert found.mean_height_mm(0.1, 0.3) == pytest.approx(12.0 - 6.0 * 0.2)


def test_endplates_end_where_the_corners_are() -> None:
    found = borders(WEDGE, 0.0)
    assert found.superior.anterior == pytest.approx([-6.0, -15.0])
    assert found.superior.posterior == pytest.approx([-3.0, 15.0])
    assert found.inferior.anterior == pytest.approx([6.0, -15.0])
    assert found.superior.angle_deg == pytest.approx(-WEDGE_DEG / 2)


def test_a_first_axis_that_is_30_degrees_off_is_put_right() -> None:
    body = polygon((-16, -13), (16, -13), (16, 13), (-16, 13))
    assert borders(turned(body, 12.0), -18.0).angle_deg == pytest.approx(12.0, abs=0.2)


def test_a_biconvex_disc_has_its_own_height_profile() -> None:
    angle = np.linspace(0.0, 2.0 * np.pi, 2001)
    found = borders(np.stack([5.0 * np.sin(angle), 17.0 * np.cos(angle)], axis=1), 0.0)
    chord = 10.0 * np.sqrt(1.0 - (2.0 * STATIONS - 1.0) ** 2)
    assert found.heights_mm == pytest.approx(chord, abs=1e-3)
    inner = abs(STATIONS - 0.5) < 0.5 - INNER[0]
    assert found.mean_height_mm() == pytest.approx(chord[inner].mean(), abs=1e-3)


def test_points_are_placed_by_depth_and_height() -> None:
    found = borders(turned(BOX, 30.0), 30.0)
    places = turned(polygon((-15, 0), (0, 4), (15, -4), (7.5, 2)), 30.0)[:4]
    depth, height = found.within(places)
    assert depth == pytest.approx([0.0, 0.5, 1.0, 0.75], abs=1e-9)
    assert height == pytest.approx([0.0, 1.0, -1.0, 0.5], abs=1e-9)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(
    tilt=st.floats(-60.0, 60.0),
    scale=st.floats(0.2, 5.0),
    shift=st.tuples(st.floats(-500.0, 500.0), st.floats(-500.0, 500.0)),
)
def test_turning_scaling_and_moving_change_only_what_they_should(
    tilt: float, scale: float, shift: tuple[float, float]
) -> None:
    found = borders(scale * turned(WEDGE, tilt) + shift, tilt + 8.0)
    assert found.angle_deg == pytest.approx(tilt, abs=0.01)
    assert found.wedge_deg == pytest.approx(WEDGE_DEG, abs=0.01)
    assert found.mean_height_mm() == pytest.approx(9.0 * scale, rel=1e-3)
    # Turned by the last hundredth of a degree a corner may win or lose that much of the depth.
    assert found.depth_mm == pytest.approx(30.0 * scale, rel=2e-3)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(tilt=st.floats(-60.0, 60.0))
def test_mirrored_front_to_back_the_wedge_changes_sign(tilt: float) -> None:
    points = turned(WEDGE, tilt)
    one, other = borders(points, tilt), borders(points * [1.0, -1.0], -tilt)
    assert other.angle_deg == pytest.approx(-one.angle_deg, abs=0.01)
    assert other.wedge_deg == pytest.approx(-one.wedge_deg, abs=0.01)
    assert other.heights_mm == pytest.approx(one.heights_mm[::-1], abs=0.01)


@pytest.mark.parametrize("facing_deg", [10.0, 30.0, 50.0])
def test_the_sacral_endplate_is_found_on_a_sacrum_that_runs_down_and_back(facing_deg: float) -> None:
    # Endplate from (0, 0) up to (30, 20), hollow by 1 mm in the middle; a blunt promontory and the rest fall away.
    hollow = (15 + np.sin(np.radians(33.7)), 10 - np.cos(np.radians(33.7)))
    sacrum = polygon((-3, -7), (0, 0), hollow, (30, 20), (45, -10), (80, -60), (60, -70), (15, -25))
    dense = np.concatenate([np.linspace(a, b, 40, endpoint=False) for a, b in itertools.pairwise(sacrum)])
    found = facing_endplate(np.concatenate([dense, dense[:1]]), facing_deg)
    assert found.angle_deg == pytest.approx(np.degrees(np.arctan2(20, 30)), abs=0.5)
    assert found.anterior == pytest.approx([0.0, 0.0], abs=2.0)
    assert found.posterior == pytest.approx([-20.0, 30.0], abs=2.0)


def test_an_endplate_that_rises_backward_has_a_positive_angle() -> None:
    assert Endplate(np.array([0.0, 0.0]), np.array([-10.0, 10.0])).angle_deg == pytest.approx(45.0)


def test_level_across_a_spine_that_leans_backward_below() -> None:
    assert across_deg(np.array([0.0, 0.0]), np.array([50.0, 0.0])) == 0.0
    assert across_deg(np.array([0.0, 0.0]), np.array([50.0, 50.0])) == pytest.approx(45.0)
