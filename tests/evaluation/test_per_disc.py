"""Overlap per disc, counted by hand on drawn squares."""

from __future__ import annotations

import numpy as np
import pytest

from lumbardisc.evaluation.per_disc import disc_overlaps, nearest_discs


def drawn(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    mask = np.zeros((40, 20), dtype=bool)
    for top, bottom, left, right in boxes:
        mask[top:bottom, left:right] = True
    return mask


def test_each_disc_gets_its_own_number() -> None:
    truth = drawn((2, 6, 2, 12), (12, 16, 2, 12), (22, 26, 2, 12))
    predicted = drawn((2, 6, 2, 12), (12, 14, 2, 12))
    (first, second, third) = disc_overlaps(predicted, truth)
    assert first == (1.0, 1.0)
    assert second == (pytest.approx(2 * 20 / 60), pytest.approx(20 / 40))
    assert third == (0.0, 0.0), "a disc that was not found is not left out"


def test_a_region_over_two_discs_counts_for_the_one_it_covers_more() -> None:
    truth = drawn((2, 6, 2, 12), (8, 12, 2, 12))
    (upper, lower) = disc_overlaps(drawn((2, 10, 2, 12)), truth)
    assert upper == (pytest.approx(2 * 40 / 120), pytest.approx(40 / 80))
    assert lower == (0.0, 0.0)


def test_a_region_apart_from_every_disc_counts_for_none() -> None:
    truth = drawn((2, 6, 2, 12))
    assert disc_overlaps(truth | drawn((30, 34, 2, 12)), truth) == [(1.0, 1.0)]
    assert disc_overlaps(truth, drawn()) == []


def test_every_voxel_counts_for_the_nearest_disc() -> None:
    truth = np.zeros((2, 1, 9), dtype=np.int32)
    truth[0, 0, 1], truth[0, 0, 7] = 1, 2
    predicted = np.ones((2, 1, 9), dtype=bool)
    predicted[0, 0, 0] = False
    found = nearest_discs(predicted, truth)
    assert found[0, 0].tolist()[:4] == [0, 1, 1, 1]
    assert found[0, 0].tolist()[5:] == [2, 2, 2, 2]
    assert found[1, 0].tolist()[:4] == [1, 1, 1, 1], "on a slice where the truth has none, that of the next slice"
    assert not nearest_discs(predicted, np.zeros_like(truth)).any()
