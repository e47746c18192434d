"""Boxes as the input of stage 2: the window, the place of every pixel, variation that keeps the disc."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

pytest.importorskip("torch")

from lumbardisc.training.phases.crops import MeasuredDisc, box_crop, shown, training_crop
from lumbardisc.training.phases.readings import Measured
from lumbardisc.training.variation import Variation

pytestmark = pytest.mark.train

RAMP = np.add.outer(1000.0 * np.arange(40), np.arange(60.0)).astype(np.float32)
"""Row and column can be read off every pixel."""


def test_the_window_of_the_paper() -> None:
    grey = np.array([[0, 500, 1000, 2000, 3000]], dtype=np.uint16)
    assert_allclose(shown(grey, (2000, 1000)), [[0, 0.25, 0.5, 1, 1]])
    assert_allclose(shown(grey, (1000, 1000)), [[0, 0, 0.5, 1, 1]])


def test_a_picture_went_through_its_window_before() -> None:
    assert_allclose(shown(np.array([[0, 51, 255]], dtype=np.uint8), (2000, 1000)), [[0, 0.2, 1]])


def test_a_crop_of_the_boxes_own_size_is_its_pixels() -> None:
    assert_allclose(box_crop(RAMP, (5, 10, 25, 18), (8, 20)), RAMP[10:18, 5:25])


def test_a_finer_crop_has_its_pixels_between_them() -> None:
    crop = box_crop(RAMP, (5, 10, 25, 18), (16, 40))
    assert_allclose(crop[:, 0] // 1000, np.floor(10 + (np.arange(16) + 0.5) / 2 - 0.5))
    assert_allclose(np.diff(crop, axis=1), 0.5, atol=0.01)


def test_beyond_the_image_it_is_black() -> None:
    assert_allclose(box_crop(RAMP + 1, (-10, 10, 10, 18), (8, 20))[:, :10], 0)


def test_training_crops_vary_round_the_disc() -> None:
    image = np.zeros((60, 80), dtype=np.float32)
    image[20:40, 20:60] = 0.5
    disc = MeasuredDisc("x", "1", 1, image, (16, 16, 64, 44), Measured((120, 40, 90), 2, None))
    plain, values = training_crop(disc, (28, 48), Variation(), np.random.default_rng(0))
    assert plain.shape == (1, 28, 48)
    assert plain.dtype == np.float32
    assert_allclose(plain[0], box_crop(image, disc.box, (28, 48)), atol=1e-6)
    assert_allclose(values, [120, 40, 90])
    varied = [
        training_crop(disc, (28, 48), Variation(rotation_deg=20, shift=0.05, noise=0.1), np.random.default_rng(seed))[0]
        for seed in range(20)
    ]
    assert len({one.tobytes() for one in varied}) == 20
    assert np.mean([one[0, 14, 24] for one in varied]) == pytest.approx(0.5, abs=0.1), "the disc stays in the middle"
