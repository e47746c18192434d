"""Distances of surfaces: worked out by hand, and against brute force over points strewn on the faces."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from lumbardisc.evaluation.segmentation.surface import surface_distances

SHAPE = (4, 6, 6)


def box(*ends: tuple[int, int], shape: tuple[int, ...] = (12, 12, 12)) -> np.ndarray:
    mask = np.zeros(shape, dtype=bool)
    mask[tuple(slice(*one) for one in ends)] = True
    return mask


def test_one_voxel_beside_another_by_hand() -> None:
    """From half of each surface, on average, it is 5 slices to the other, from half 4."""
    found = surface_distances(box((0, 1), (2, 3), (2, 3)), box((5, 6), (2, 3), (2, 3)), (4.0, 0.5, 0.7))
    assert found.hd95_mm == pytest.approx(20.0)
    assert found.assd_mm == pytest.approx(18.0)
    assert found.nsd == 0.0


def test_one_voxel_askew_of_another_by_hand() -> None:
    """Corners lie 2 or 3 and 3 or 4 voxels away, all with an eighth of the surface."""
    found = surface_distances(box((0, 1), (0, 1), (0, 1)), box((0, 1), (3, 4), (4, 5)), (1.0, 1.0, 1.0), 3.7)
    assert found.hd95_mm == pytest.approx(5.0)
    assert found.assd_mm == pytest.approx((math.sqrt(13) + math.sqrt(18) + math.sqrt(20) + 5) / 4)
    assert found.nsd == pytest.approx(1 / 4)


def test_a_flat_plate_by_hand() -> None:
    """A plate without sides to speak of, one voxel thicker above: half of the surface is 2 mm away, half 0."""
    thin, thick = (
        box((1, 2), (0, 300), (0, 300), shape=(3, 300, 300)),
        box((1, 3), (0, 300), (0, 300), shape=(3, 300, 300)),
    )
    found = surface_distances(thin, thick, (2.0, 0.5, 0.5))
    assert found.hd95_mm == pytest.approx(2.0)
    assert found.assd_mm == pytest.approx(1.0, rel=0.05)
    assert found.nsd == pytest.approx(0.5, abs=0.03)


def test_a_ball_in_a_ball() -> None:
    spacing = (1.5, 0.4, 0.4)
    grid = np.meshgrid(
        *((np.arange(n) - n / 2 + 0.5) * s for n, s in zip((30, 100, 100), spacing, strict=True)), indexing="ij"
    )
    away = np.sqrt(sum(one**2 for one in grid))
    found = surface_distances(away <= 12, away <= 15, spacing)
    assert found.assd_mm == pytest.approx(3.0, abs=0.5)  # a staircase of 1.5 mm
    assert found.hd95_mm == pytest.approx(3.0, abs=0.8)


def test_one_slice_is_compared_by_its_outlines() -> None:
    """Squares of 4 and 6 pixels about one centre: 0.5 mm from every side, its corners sqrt(2) x 0.5 mm."""
    small, large = box((0, 1), (1, 5), (1, 5), shape=(1, 6, 6)), box((0, 1), (0, 6), (0, 6), shape=(1, 6, 6))
    found = surface_distances(small, large, (4.0, 0.5, 0.5), tolerance_mm=0.6)
    assert found.hd95_mm == pytest.approx(0.5 * math.sqrt(2))
    assert found.nsd == pytest.approx((8.0 + 12.0 - 4 * 0.5) / (8.0 + 12.0))
    assert found == surface_distances(small[0], large[0], (0.5, 0.5), tolerance_mm=0.6)


def test_the_same_mask_lies_nowhere_apart() -> None:
    mask = box((2, 5), (3, 9), (1, 4))
    found = surface_distances(mask, mask, (3.3, 0.6, 0.6))
    assert (found.hd95_mm, found.assd_mm, found.nsd) == (0.0, 0.0, 1.0)


def test_what_is_empty_has_no_distance() -> None:
    mask, empty = box((2, 5), (3, 9), (1, 4)), box((0, 0), (0, 0), (0, 0))
    for found in (surface_distances(empty, mask, (1, 1, 1)), surface_distances(mask, empty, (1, 1, 1))):
        assert math.isnan(found.hd95_mm)
        assert math.isnan(found.assd_mm)
        assert found.nsd == 0.0
    assert math.isnan(surface_distances(empty, empty, (1, 1, 1)).nsd)


def strewn(mask: np.ndarray, spacing: tuple[float, ...], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Points in mm, count x count on every face of the mask, and the area each stands for."""
    points, areas = [], []
    padded = np.pad(mask, 1)
    steps = (np.arange(count) + 0.5) / count
    for voxel, axis, side in product(np.argwhere(padded), range(3), (0, 1)):
        neighbour = voxel.copy()
        neighbour[axis] += 2 * side - 1
        if padded[tuple(neighbour)]:
            continue
        others = [one for one in range(3) if one != axis]
        for first, second in product(steps, steps):
            point = voxel.astype(float)
            point[axis] += side
            point[others] += first, second
            points.append(point * spacing)
            areas.append(np.prod([spacing[one] for one in others]) / count**2)
    return np.array(points), np.array(areas)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.booleans(), min_size=48, max_size=48),
    st.lists(st.booleans(), min_size=48, max_size=48),
    st.sampled_from([(1.0, 1.0, 1.0), (2.0, 0.8, 0.8)]),
)
def test_mean_as_by_brute_force(one: list[bool], other: list[bool], spacing: tuple[float, float, float]) -> None:
    masks = [np.array([True, *bits[1:]]).reshape(3, 4, 4) for bits in (one, other)]
    fine = [strewn(mask, spacing, 4) for mask in masks]
    apart = cdist(fine[0][0], fine[1][0])
    away = np.concatenate([apart.min(axis=1), apart.min(axis=0)])
    expected = np.average(away, weights=np.concatenate([fine[0][1], fine[1][1]]))
    assert surface_distances(*masks, spacing).assd_mm == pytest.approx(expected, abs=0.35 * spacing[0])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.booleans(), min_size=144, max_size=144), st.lists(st.booleans(), min_size=144, max_size=144))
def test_neither_order_of_masks_nor_of_axes_matters(one: list[bool], other: list[bool]) -> None:
    first, second = (np.array([True, *bits[1:]]).reshape(SHAPE) for bits in (one, other))
    found = surface_distances(first, second, (2.0, 0.5, 0.7))
    for again in (
        surface_distances(second, first, (2.0, 0.5, 0.7)),
        surface_distances(first.transpose(2, 0, 1), second.transpose(2, 0, 1), (0.7, 2.0, 0.5)),
    ):
        assert (again.hd95_mm, again.assd_mm, again.nsd) == pytest.approx((found.hd95_mm, found.assd_mm, found.nsd))
