"""Slices to the working grid and back: places, means and known answers."""

from __future__ import annotations

import numpy as np
import pytest

from lumbardisc.preprocess.resample import from_grid, grid_shape, to_grid


def test_same_grid_changes_nothing() -> None:
    image = np.random.default_rng(0).normal(size=(31, 22)).astype(np.float32)
    np.testing.assert_array_equal(to_grid(image, (0.8, 0.8), 0.8), image)


def test_halving_pixels_by_hand() -> None:
    """Centres of the fine grid lie a quarter of a coarse pixel off the coarse centres."""
    fine = to_grid(np.array([[0.0, 4.0]]), (1.0, 1.0), 0.5)
    np.testing.assert_allclose(fine, [[0.0, 1.0, 3.0, 4.0]] * 2)


@pytest.mark.parametrize("pixel", [(0.3, 0.3), (0.5, 1.1), (1.5, 0.6)])
def test_a_ramp_in_mm_stays_the_same_ramp(pixel: tuple[float, float]) -> None:
    rows, columns = (np.arange(60) + 0.5) * pixel[0], (np.arange(80) + 0.5) * pixel[1]
    out = to_grid(rows[:, None] + 2 * columns, pixel, 0.8)
    true_pixel = (60 * pixel[0] / out.shape[0], 80 * pixel[1] / out.shape[1])
    expected = (np.arange(out.shape[0])[:, None] + 0.5) * true_pixel[0] + 2 * (
        np.arange(out.shape[1]) + 0.5
    ) * true_pixel[1]
    inner = (slice(6, -6), slice(6, -6))
    np.testing.assert_allclose(out[inner], expected[inner], atol=0.02)


def test_mask_survives_the_way_there_and_back() -> None:
    rows, columns = np.mgrid[:240, :200]
    mask = ((rows - 120) / 18) ** 2 + ((columns - 90) / 60) ** 2 < 1
    there = to_grid(mask.astype(float), (0.47, 0.47), 0.8)
    back = from_grid(there[None], (240, 200))[0] > 0.5
    assert 2 * (back & mask).sum() / (back.sum() + mask.sum()) > 0.985


def test_grid_covers_the_slice() -> None:
    assert grid_shape((512, 512), (0.625, 0.5), 0.8) == (400, 320)
    assert grid_shape((1, 1), (0.1, 0.1), 0.8) == (1, 1)
