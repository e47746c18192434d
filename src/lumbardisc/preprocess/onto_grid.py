"""A label map on the grid of another volume, by the nearest voxel."""

from __future__ import annotations

import numpy as np

from lumbardisc.volume import LabelMap, Volume


def onto_grid(labels: LabelMap, grid: Volume) -> LabelMap:
    """The labels at the voxel centres of ``grid``, in its order; 0 where they lie outside the map."""
    array = np.zeros(grid.shape, dtype=labels.array.dtype)
    plane = np.stack(np.meshgrid(*(np.arange(size) for size in grid.shape[1:]), indexing="ij"), axis=-1)
    for first in range(grid.shape[0]):  # plane by plane, as three coordinates of every voxel are a lot
        points = np.concatenate([np.full((*plane.shape[:-1], 1), first), plane], axis=-1)
        nearest = np.floor(labels.indices(grid.world(points)) + 0.5).astype(int)
        inside = ((nearest >= 0) & (nearest < labels.shape)).all(axis=-1)
        array[first][inside] = labels.array[tuple(nearest[inside].T)]
    return LabelMap(array, grid.affine)
