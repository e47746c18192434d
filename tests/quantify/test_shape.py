"""Heights, depth, wedge angle and height index of masks whose answers are known on paper."""

from collections.abc import Mapping

import numpy as np
import pytest
from hand_drawn import Array, Mask, ellipse, own_axes, rectangle, trapezoid, upright_spine
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbardisc.quantify.regions import Section, regions
from lumbardisc.quantify.shape import shape

CANVAS = (160, 160)


def shape_of(masks: Mapping[int, Mask], spacing: tuple[float, float], disc: int = 2) -> dict[str, float]:
    labels = np.sum([label * mask[None].astype(np.int16) for label, mask in masks.items()], axis=0)
    return shape(disc, Section(0, regions(labels), (4.0, *spacing)))


def axes(spacing: tuple[float, float], tilt: float = 0.0) -> Array:
    return own_axes(CANVAS, spacing, (40.0 + 0.3 * spacing[0], 40.0 + 0.2 * spacing[1]), tilt)


@pytest.mark.parametrize("spacing", [(0.5, 0.5), (0.8, 0.5), (0.5, 0.8)])
def test_an_upright_rectangle_of_whole_pixels_is_exact(spacing: tuple[float, float]) -> None:
    mask = np.zeros(CANVAS, dtype=bool)
    mask[50:62, 40:100] = True
    found = shape_of({2: mask}, spacing)
    for name in ("height_mm", "height_anterior_mm", "height_middle_mm", "height_posterior_mm"):
        assert found[name] == pytest.approx(12 * spacing[0])
    assert found["depth_mm"] == pytest.approx(60 * spacing[1])
    assert found["wedge_angle_deg"] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("spacing", [(0.5, 0.5), (0.6, 0.9), (0.9, 0.6)])
@pytest.mark.parametrize("tilt", [-20.0, 15.0, 42.0])
def test_a_tilted_rectangle(spacing: tuple[float, float], tilt: float) -> None:
    found = shape_of({2: rectangle(axes(spacing, tilt), 34.0, 9.0)}, spacing)
    assert found["height_mm"] == pytest.approx(9.0, abs=0.15)
    assert found["height_middle_mm"] == pytest.approx(9.0, abs=0.3)
    assert found["depth_mm"] == pytest.approx(34.0, abs=0.8)
    assert found["wedge_angle_deg"] == pytest.approx(0.0, abs=0.6)


@pytest.mark.parametrize("tilt", [0.0, 35.0])
def test_a_wedge(tilt: float) -> None:
    # 12 mm in front, 6 behind, 34 deep: the borders part by 2 atan(3 / 34).
    found = shape_of({2: trapezoid(axes((0.5, 0.5), tilt), 34.0, 12.0, 6.0)}, (0.5, 0.5))
    assert found["wedge_angle_deg"] == pytest.approx(2 * np.degrees(np.arctan(3 / 34)), abs=0.5)
    assert found["height_anterior_mm"] == pytest.approx(12 - 6 * 0.2, abs=0.2)
    assert found["height_middle_mm"] == pytest.approx(9.0, abs=0.2)
    assert found["height_posterior_mm"] == pytest.approx(12 - 6 * 0.8, abs=0.2)
    assert found["height_mm"] == pytest.approx(9.0, abs=0.1)


def test_an_ellipse() -> None:
    found = shape_of({2: ellipse(axes((0.4, 0.4), 25.0), 36.0, 10.0)}, (0.4, 0.4))
    # Mean chord between 10 and 90 % of the depth, from the integral of sqrt(1 - u^2) over |u| < 0.8.
    assert found["height_mm"] == pytest.approx(10 * (np.arcsin(0.8) + 0.8 * 0.6) / 1.6, abs=0.1)
    assert found["height_middle_mm"] == pytest.approx(10 * (np.arcsin(0.2) + 0.2 * np.sqrt(0.96)) / 0.4, abs=0.2)
    assert found["depth_mm"] == pytest.approx(36.0, abs=0.5)


def test_height_index_against_both_bodies_or_the_one_there_is() -> None:
    labels = upright_spine()
    structures = regions(labels)
    middle = Section(6, structures, (4.0, 0.5, 0.5))
    assert shape(3, middle)["disc_height_index"] == pytest.approx(8.0 / 26.0, rel=0.04)
    assert shape(1, middle)["disc_height_index"] == pytest.approx(8.0 / 26.0, rel=0.04)  # L5 alone
    labels[labels == 103] = 0
    assert shape(3, Section(6, regions(labels), (4.0, 0.5, 0.5)))["disc_height_index"] == pytest.approx(
        8 / 26, rel=0.04
    )
    labels[labels > 100] = 0
    assert np.isnan(shape(3, Section(6, regions(labels), (4.0, 0.5, 0.5)))["disc_height_index"])


def test_a_body_that_the_image_cuts_is_no_measure() -> None:
    labels = upright_spine()
    short = labels[:, np.argmax((labels == 105).any(axis=(0, 2))) + 20 :]
    assert shape(5, Section(6, regions(short), (4.0, 0.5, 0.5)))["disc_height_index"] == pytest.approx(8 / 26, rel=0.04)
    short = short.copy()
    short[short == 104] = 0
    assert np.isnan(shape(5, Section(6, regions(short), (4.0, 0.5, 0.5)))["disc_height_index"])


def test_a_cut_a_tiny_and_an_absent_disc_have_no_shape() -> None:
    cut, tiny = np.zeros((2, *CANVAS), dtype=bool)
    cut[50:62, :60] = True
    tiny[50:53, 50:53] = True
    for masks in ({2: cut}, {2: tiny}, {3: tiny}):
        assert np.isnan(list(shape_of(masks, (0.5, 0.5)).values())).all()


@settings(max_examples=20, deadline=None, derandomize=True)
@given(tilt=st.floats(-40, 40), front=st.floats(5, 13), rear=st.floats(5, 13), scale=st.floats(0.5, 3.0))
def test_mirrors_and_units(tilt: float, front: float, rear: float, scale: float) -> None:
    mask = trapezoid(axes((0.5, 0.5), tilt), 34.0, front, rear)
    one = shape_of({2: mask}, (0.5, 0.5))
    turned = shape_of({2: mask[::-1, ::-1]}, (0.5, 0.5))  # half a turn: front and rear change places
    upside = shape_of({2: mask[::-1]}, (0.5, 0.5))
    larger = shape_of({2: mask}, (0.5 * scale, 0.5 * scale))
    assert turned["height_anterior_mm"] == pytest.approx(one["height_posterior_mm"], abs=0.01)
    assert turned["wedge_angle_deg"] == pytest.approx(-one["wedge_angle_deg"], abs=0.05)
    assert upside["wedge_angle_deg"] == pytest.approx(one["wedge_angle_deg"], abs=0.05)
    assert upside["height_mm"] == pytest.approx(one["height_mm"], abs=0.01)
    for name in ("height_mm", "height_anterior_mm", "depth_mm"):
        assert larger[name] == pytest.approx(scale * one[name], rel=1e-6)
