"""Crops of discs: where they lie, how they are turned, and their scale."""

from __future__ import annotations

import numpy as np
import pytest

from lumbardisc.preprocess.crops import CENTRE, COLUMNS_PER_DEPTH, cut, place

SHAPE = (96, 128)


def ramp(shape: tuple[int, int], pixel: tuple[float, float], down: float, back: float) -> np.ndarray:
    """An image that rises by ``down`` and ``back`` per mm from 0 in its first pixel."""
    rows, columns = np.indices(shape) * np.reshape(pixel, (2, 1, 1))
    return down * rows + back * columns


@pytest.mark.parametrize("angle", [0.0, 25.0, -40.0])
def test_every_pixel_shows_its_own_place(angle: float) -> None:
    """On a ramp linear interpolation is exact, so the crop must equal the ramp at the places worked out by hand."""
    pixel, centre, depth = (0.5, 0.4), (80.0, 70.0), 35.0
    crop = cut(ramp((320, 400), pixel, 2.0, -3.0), pixel, centre, angle, depth, SHAPE)
    step = depth / COLUMNS_PER_DEPTH
    across = (np.arange(SHAPE[0]) - (SHAPE[0] * CENTRE[0] - 0.5))[:, None] * step
    along = (np.arange(SHAPE[1]) - (SHAPE[1] * CENTRE[1] - 0.5))[None] * step
    sine, cosine = np.sin(np.radians(angle)), np.cos(np.radians(angle))
    row, column = centre[0] + cosine * across - sine * along, centre[1] + sine * across + cosine * along
    assert np.allclose(crop, 2.0 * row - 3.0 * column, atol=2e-2)


def test_the_middle_of_the_disc_is_where_it_should_be() -> None:
    image = np.zeros((200, 200))
    image[98:103, 78:83] = 1.0
    crop = cut(image, (1.0, 1.0), (100.0, 80.0), 10.0, 35.0, SHAPE)
    centre = np.average(np.indices(SHAPE).reshape(2, -1), axis=1, weights=crop.ravel())
    assert centre == pytest.approx([SHAPE[0] * CENTRE[0] - 0.5, SHAPE[1] * CENTRE[1] - 0.5], abs=0.05)


def test_an_image_of_twice_the_size_gives_the_same_crop() -> None:
    rng = np.random.default_rng(0)
    image = rng.random((300, 300))
    once = cut(image, (0.5, 0.5), (70.0, 60.0), 5.0, 30.0, SHAPE)
    twice = cut(image, (1.0, 1.0), (140.0, 120.0), 5.0, 60.0, SHAPE)
    assert np.allclose(once, twice, atol=1e-5)


def test_a_fine_image_is_smoothed_first() -> None:
    """A checkerboard of single pixels, four of which make one of the crop, comes out nearly grey."""
    image = (np.indices((800, 800)).sum(axis=0) % 2).astype(float)
    crop = cut(image, (0.125, 0.125), (50.0, 50.0), 7.0, 35.0, SHAPE)
    assert crop.std() < 0.05
    assert crop.mean() == pytest.approx(0.5, abs=0.01)


def test_beyond_the_image_its_edge_goes_on() -> None:
    crop = cut(np.full((20, 20), 7.0), (1.0, 1.0), (0.0, 0.0), 0.0, 35.0, SHAPE)
    assert np.allclose(crop, 7.0)


@pytest.mark.parametrize("angle", [0.0, 18.0])
def test_a_crop_goes_back_where_it_came_from(angle: float) -> None:
    """On a ramp both ways are exact; where the crop does not reach, nothing is claimed."""
    image = ramp((220, 240), (0.5, 0.4), 2.0, -3.0)
    placement = place((0.5, 0.4), (60.0, 45.0), angle, 0.4, (64, 128))
    window, values = placement.paste(placement.cut(image), image.shape)
    known = np.isfinite(values)
    assert np.allclose(values[known], image[window][known], atol=5e-2)
    assert known.sum() * 0.5 * 0.4 == pytest.approx(63 * 127 * 0.4**2, rel=0.03)  # its area, in mm2
    assert not known.all()
