"""Overlap disc by disc, where a mask does not say which disc is which."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lumbardisc.evaluation.overlap import Mask, dice, iou


def disc_overlaps(predicted: Mask, truth: Mask) -> list[tuple[float, float]]:
    """(Dice, IoU) of every disc of ``truth`` on one slice, both (row, column); one that was not found gets 0.

    A disc is a connected region of the truth. Each region of the prediction counts for the disc it overlaps most; one
    that overlaps none counts for none, which is the custom of tables per disc.
    """
    discs, count = ndimage.label(truth, structure=np.ones((3, 3)))
    regions, _ = ndimage.label(predicted, structure=np.ones((3, 3)))
    owner = {region: _most(discs[regions == region]) for region in np.unique(regions[truth & predicted])}
    pairs = []
    for disc in range(1, count + 1):
        found = np.isin(regions, [region for region, owns in owner.items() if owns == disc])
        pairs.append((dice(found, discs == disc), iou(found, discs == disc)))
    return pairs


def nearest_discs(predicted: Mask, truth: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
    """Which disc of ``truth`` each voxel of ``predicted`` counts for: the nearest, by voxels; 0 where nothing is.

    truth: numbers of discs, 0 elsewhere; same shape. Nothing that was predicted is left out.
    """
    if not truth.any():
        return np.zeros_like(truth)
    nearest = ndimage.distance_transform_edt(truth == 0, return_distances=False, return_indices=True)
    return np.where(predicted, truth[tuple(nearest)], 0)


def _most(discs: np.ndarray) -> int:
    """The disc that occurs most often, background left out."""
    return int(np.bincount(discs[discs > 0]).argmax())
