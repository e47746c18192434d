"""Frames of discs on a slice: centre, angle and the study's own scale; which slices a disc is cut on."""

from __future__ import annotations

import numpy as np
import pytest

from lumbardisc.anatomy.frames import DEPTH_MM, LARGEST_TILT_DEG, disc_crops, disc_frames

PIXEL = (0.5, 0.8)


def draw(
    labels: np.ndarray, label: int, centre: tuple[float, float], depth: float, height: float, angle: float
) -> None:
    """An ellipse of mm sizes; angle in degrees, positive where the posterior end is the higher one."""
    down, back = (np.indices(labels.shape) * np.reshape(PIXEL, (2, 1, 1))) - np.reshape(centre, (2, 1, 1))
    sine, cosine = np.sin(np.radians(angle)), np.cos(np.radians(angle))
    along, across = -sine * down + cosine * back, cosine * down + sine * back
    labels[(2 * along / depth) ** 2 + (2 * across / height) ** 2 <= 1.0] = label


def spine(angles: tuple[float, ...], depths: tuple[float, ...]) -> np.ndarray:
    """Discs 1, 2, ... from the bottom, 34 mm apart, all in one column."""
    labels = np.zeros((400, 150), dtype=np.int16)
    for place, (angle, depth) in enumerate(zip(angles, depths, strict=True)):
        draw(labels, place + 1, (170.0 - 34.0 * place, 60.0), depth, 9.0, angle)
    return labels


def test_centre_angle_and_depth_are_those_drawn() -> None:
    angles, depths = (20.0, 10.0, 0.0, -10.0), (34.0, 36.0, 38.0, 36.0)
    frames = disc_frames(spine(angles, depths), PIXEL)
    assert sorted(frames) == [1, 2, 3, 4]
    for label, frame in frames.items():
        assert frame.centre_mm == pytest.approx((170.0 - 34.0 * (label - 1), 60.0), abs=0.4)
        assert frame.angle_deg == pytest.approx(angles[label - 1], abs=3.0)
        assert frame.depth_mm == pytest.approx(36.0, abs=0.8), "the median of all, so that all crops have one scale"


def test_one_cut_disc_does_not_change_the_scale() -> None:
    frames = disc_frames(spine((0.0, 0.0, 0.0), (36.0, 36.0, 12.0)), PIXEL)
    assert frames[3].depth_mm == pytest.approx(36.0, abs=0.8)


def test_a_disc_is_not_believed_to_stand_upright() -> None:
    """A tall remnant has its long axis along the spine; its frame stays near the spine's normal."""
    labels = spine((0.0, 0.0, 0.0), (36.0, 36.0, 36.0))
    labels[labels == 2] = 0
    draw(labels, 2, (136.0, 60.0), 6.0, 14.0, 0.0)
    assert abs(disc_frames(labels, PIXEL)[2].angle_deg) <= LARGEST_TILT_DEG + 0.5


def test_nothing_and_specks_have_no_frame() -> None:
    labels = np.zeros((50, 50), dtype=np.int16)
    assert disc_frames(labels, PIXEL) == {}
    labels[10:40, 10:40] = 101
    assert disc_frames(labels, PIXEL) == {}, "a body is no disc"


def test_a_single_disc_has_a_frame() -> None:
    frames = disc_frames(spine((12.0,), (30.0,)), PIXEL)
    assert frames[1].angle_deg == pytest.approx(12.0, abs=3.0)
    assert frames[1].depth_mm == pytest.approx(30.0, abs=0.8)
    assert pytest.approx(35.0) == DEPTH_MM


def test_a_disc_is_cut_on_the_slices_that_show_it_well() -> None:
    """Disc 1 is on all slices, disc 2 only far from the middle, disc 3 is a sliver beside it."""
    flat = spine((0.0, 0.0, 0.0), (36.0, 36.0, 36.0))
    labels = np.stack([flat] * 5)
    labels[1:][labels[1:] == 2] = 0
    labels[[0, 1, 3, 4]] = np.where(labels[[0, 1, 3, 4]] == 3, 0, labels[[0, 1, 3, 4]])
    image = np.arange(5.0)[:, None, None] + np.zeros(labels.shape)
    crops = disc_crops(image, labels, PIXEL, 2, (48, 64))
    shown = {label: [round(float(crop.mean())) for crop in slices] for label, slices in crops.items()}
    assert shown == {1: [2, 1, 3], 2: [0], 3: [2]}
    assert all(crop.shape == (48, 64) for slices in crops.values() for crop in slices)
