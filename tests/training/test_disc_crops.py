"""From a binary mask to counted discs and upright crops, on drawn spines whose places are known."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from lumbardisc.training.disc_crops import SHAPE, count_discs, find_crops
from lumbardisc.training.disc_mask import SquareSlice, training_crop
from lumbardisc.training.variation import Variation

pytestmark = pytest.mark.train

PIXEL = (1.0, 1.0)


def spine(*rows: int, tilt: float = 0.0, size: tuple[int, int] = (200, 200)) -> np.ndarray:
    """Discs of 34 x 10 mm at these rows, rising backward by ``tilt`` degrees."""
    y, x = np.ogrid[: size[0], : size[1]]
    sine, cosine = np.sin(np.radians(tilt)), np.cos(np.radians(tilt))
    discs = np.zeros(size, dtype=bool)
    for row in rows:
        along = (x - 100) * cosine - (y - row) * sine
        across = (x - 100) * sine + (y - row) * cosine
        discs |= (np.abs(along) <= 17) & (np.abs(across) <= 5)
    return discs


class Bright(torch.nn.Module):
    """Stands for a trained step 1: what is brighter than a half is disc."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return torch.cat([0.5 - image, image - 0.5], dim=1) * 20


def test_discs_are_counted_from_the_bottom_and_specks_are_none() -> None:
    mask = spine(40, 75, 110, 145).astype(np.float32)
    mask[172:175, 100:104] = 1.0
    labels = count_discs(mask, PIXEL)
    assert [labels[row, 100] for row in (145, 110, 75, 40)] == [1, 2, 3, 4]
    assert labels[173, 101] == 0


def test_the_number_of_a_disc_that_was_missed_is_left_out() -> None:
    labels = count_discs(spine(20, 55, 125, 160).astype(np.float32), PIXEL)
    assert [labels[row, 100] for row in (160, 125, 55, 20)] == [1, 2, 4, 5]


def test_nothing_found_is_no_disc() -> None:
    assert not count_discs(np.zeros((50, 50), dtype=np.float32), PIXEL).any()
    assert find_crops(Bright(), np.zeros((1, 64, 64)), PIXEL, 64, 1) == {}


@pytest.mark.parametrize("tilt", [0.0, 15.0, -20.0])
def test_crops_are_upright_and_of_one_scale(tilt: float) -> None:
    image = spine(60, 100, 140, tilt=tilt)[None] * 100.0
    crops = find_crops(Bright(), image, PIXEL, 208, 1)
    assert sorted(crops) == [1, 2, 3]
    for crop in crops.values():
        assert crop.image.shape == crop.mask.shape == (1, *SHAPE)
        rows, columns = (np.nonzero(crop.mask[0].any(axis=axis))[0] for axis in (1, 0))
        assert np.ptp(columns) == pytest.approx(0.7 * 256, rel=0.08)
        assert np.ptp(rows) == pytest.approx(0.7 * 256 * 11 / 35, rel=0.25)
        assert crop.mask[0].sum() == pytest.approx(np.ptp(rows) * np.ptp(columns), rel=0.15), (
            "upright: it fills its box"
        )
        assert crop.image[0][crop.mask[0]].mean() > 0.9


def test_neighbouring_slices_stand_beside_the_disc() -> None:
    image = np.stack([spine(60, 100, 140) * grey for grey in (80.0, 100.0, 120.0)])
    image[0, 50:70] = 0  # on the first slice the uppermost disc does not show
    crops = find_crops(Bright(), image, PIXEL, 208, 3)
    assert crops[1].mask.sum(axis=(1, 2)).min() > 0
    assert [bool(mask.any()) for mask in crops[3].mask] == [False, True, True]
    alone = find_crops(Bright(), image[1:2], PIXEL, 208, 3)[1].image
    assert np.array_equal(alone[0], alone[1]), "a slice without neighbours stands in for them"


def test_a_training_crop_keeps_image_and_mask_together() -> None:
    mask = spine(40, 75, 110, 145)
    one = SquareSlice(mask.astype(np.float32), mask)
    variation = Variation(rotation_deg=15, scale=0.1, gamma=0.3, noise=0.02)
    rng = np.random.default_rng(0)
    for _ in range(5):
        image, allowed = training_crop(one, (96, 64), variation, rng)
        assert image.shape == (1, 96, 64)
        assert set(np.unique(allowed)) == {1, 2}, "near a disc, and background round it"
        assert np.mean((image[0] > 0.5) == (allowed == 2)) > 0.99
    whole, _ = training_crop(one, (200, 200), Variation(), rng)
    assert np.array_equal(whole[0], one.image), "nothing is varied by default, as published"


def test_flips_turn_what_they_say() -> None:
    image = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    rng = np.random.default_rng(0)
    assert np.array_equal(Variation(flip_rows=1).flip(image, rng), image[:, ::-1])
    assert np.array_equal(Variation(flip_columns=1).flip(image, rng), image[:, :, ::-1])
    assert np.array_equal(Variation(flip_slices=1).flip(image, rng), image[::-1])
    assert np.array_equal(Variation().flip(image, rng), image)
    assert not Variation(noise=0.5).grey(np.zeros((4, 4), dtype=np.float32), rng).any(), "outside the mask stays black"
