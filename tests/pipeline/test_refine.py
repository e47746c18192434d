"""Outlines drawn anew: what a refiner says lands where the disc is, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from lumbardisc.evaluation.overlap import dice
from lumbardisc.levels import CANAL
from lumbardisc.pipeline.refine import refine_discs
from lumbardisc.preprocess.intensity import Image

PIXEL = (0.5, 0.6)
SHAPE = (3, 240, 200)


class Threshold:
    """A refiner that takes what is brighter than the middle for disc: on a drawn image, the truth."""

    shape, step, threshold = (64, 128), 0.0115, 0.5

    def __call__(self, crops: Iterable[Image]) -> Iterator[Image]:
        for crop in crops:
            assert crop.shape == (3, *self.shape)
            yield (crop[1] > 50.0).astype(np.float32)


class Always(Threshold):
    """A refiner that says one thing."""

    def __init__(self, probability: float) -> None:
        self.probability = probability

    def __call__(self, crops: Iterable[Image]) -> Iterator[Image]:
        return (np.full(self.shape, self.probability, dtype=np.float32) for _ in crops)


def discs(grow_mm: float = 0.0) -> np.ndarray:
    """Three tilted ellipses, L5/S1 lowest, each with its number."""
    rows, columns = np.indices(SHAPE[1:]) * np.reshape(PIXEL, (2, 1, 1))
    labels = np.zeros(SHAPE, dtype=np.int16)
    for label, (centre, angle) in enumerate([((95.0, 55.0), 20.0), ((65.0, 50.0), 5.0), ((35.0, 52.0), -8.0)], start=1):
        sine, cosine = np.sin(np.radians(angle)), np.cos(np.radians(angle))
        down = cosine * (rows - centre[0]) + sine * (columns - centre[1])
        back = -sine * (rows - centre[0]) + cosine * (columns - centre[1])
        labels[:, (down / (5.0 + grow_mm)) ** 2 + (back / (17.0 + grow_mm)) ** 2 <= 1.0] = label
    return labels


@pytest.mark.parametrize("grow", [-1.5, 1.5])
def test_a_wrong_outline_becomes_the_one_that_is_seen(grow: float) -> None:
    truth, coarse = discs(), discs(grow)
    coarse[1] = discs(0.0)[1]  # slices may differ
    refined = refine_discs(Threshold(), 100.0 * (truth > 0), coarse, PIXEL)
    for label in (1, 2, 3):
        assert dice(coarse[0] == label, truth[0] == label) < 0.85
        assert dice(refined == label, truth == label) > 0.97


def test_other_structures_stay_where_no_disc_comes() -> None:
    truth = discs()
    coarse = discs(-1.0)
    coarse[:, :, 170:] = CANAL
    refined = refine_discs(Threshold(), 100.0 * (truth > 0), coarse, PIXEL)
    assert ((refined == CANAL) == (coarse == CANAL)).all()
    assert set(np.unique(refined)) == {0, 1, 2, 3, CANAL}


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_an_implausible_answer_is_not_taken(probability: float) -> None:
    coarse = discs()
    assert (refine_discs(Always(probability), np.zeros(SHAPE), coarse, PIXEL) == coarse).all()


def test_a_disc_keeps_its_slices_and_the_input_is_left_alone() -> None:
    coarse = discs(-1.0)
    coarse[0] = 0
    before = coarse.copy()
    refined = refine_discs(Threshold(), 100.0 * (discs() > 0), coarse, PIXEL)
    assert not refined[0].any()
    assert refined[1:].any(axis=(1, 2)).all()
    assert (coarse == before).all()


def test_nothing_to_refine() -> None:
    assert not refine_discs(Threshold(), np.zeros(SHAPE), np.zeros(SHAPE, dtype=np.int16), PIXEL).any()
