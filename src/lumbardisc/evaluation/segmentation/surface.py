"""How far apart the surfaces of two masks lie, in mm, voxels of any proportions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbardisc.evaluation.overlap import Mask

Values = NDArray[np.float64]

TOLERANCE_MM = 1.0
"""Default tolerance of the normalised surface distance."""
_ROBUST = 0.95


@dataclass(frozen=True)
class SurfaceDistances:
    """hd95_mm: Hausdorff distance, 95 %: the larger of both ways' 95th percentiles (Metrics Reloaded, Maier-Hein et
    al. 2024, Nat Methods 21:195-212). assd_mm: average symmetric surface distance, the mean over both surfaces. nsd:
    normalised surface distance (surface Dice), the share of both surfaces within the tolerance of the other (Nikolov
    et al. 2021, J Med Internet Res 23:e26151). NaN where a mask is empty, except nsd, which is 0 where one is.
    """

    hd95_mm: float
    assd_mm: float
    nsd: float


UNDEFINED = SurfaceDistances(float("nan"), float("nan"), float("nan"))


def surface_distances(
    predicted: Mask, truth: Mask, spacing: Sequence[float], tolerance_mm: float = TOLERANCE_MM
) -> SurfaceDistances:
    """Distances of the surfaces of two masks of equal shape, (slice, row, column) or (row, column).

    spacing: mm along each axis. A single slice is compared by its outlines, as its two sides are no surface of the
    structure. The surface of a mask is that of its voxels: it is looked at in the corners of all faces that part inside
    from outside, each with its share of their area, so that thick slices count by their size. From such a corner the
    nearest point of another surface on the same grid is a corner too, hence these distances are exact.
    """
    if predicted.ndim == 3 and len(predicted) == 1:
        return surface_distances(predicted[0], truth[0], spacing[1:], tolerance_mm)
    if not predicted.any() or not truth.any():
        missed = bool(predicted.any() or truth.any())
        return SurfaceDistances(float("nan"), float("nan"), 0.0) if missed else UNDEFINED
    box = _box(predicted | truth)
    areas = [_corner_areas(mask[box], spacing) for mask in (predicted, truth)]
    ways = [_way(areas[0], areas[1], spacing), _way(areas[1], areas[0], spacing)]
    distances, weights = (np.concatenate(parts) for parts in zip(*ways, strict=True))
    return SurfaceDistances(
        hd95_mm=max(_quantile(*way, _ROBUST) for way in ways),
        assd_mm=float(np.average(distances, weights=weights)),
        nsd=float(weights[distances <= tolerance_mm].sum() / weights.sum()),
    )


def _box(mask: Mask) -> tuple[slice, ...]:
    """Smallest box that holds a mask."""
    places = np.nonzero(mask)
    return tuple(slice(int(place.min()), int(place.max()) + 1) for place in places)


def _corner_areas(mask: Mask, spacing: Sequence[float]) -> Values:
    """Surface area (mm2; of a slice, length of outline in mm) that each corner of the voxel grid stands for.

    The grid of corners has one more along each axis than that of the voxels.
    """
    padded = np.pad(mask, 1)
    areas = np.zeros([size + 1 for size in mask.shape])
    for axis, size in enumerate(spacing):
        inside = [slice(1, -1)] * mask.ndim
        inside[axis] = slice(None)
        faces = np.diff(padded[tuple(inside)].astype(np.int8), axis=axis) != 0
        share = float(np.prod(spacing)) / size / 2 ** (mask.ndim - 1)  # of a face, for each of its corners
        areas += share * _to_corners(faces, axis)
    return areas


def _to_corners(faces: NDArray[np.bool_], axis: int) -> NDArray[np.int64]:
    """How many faces normal to an axis meet in each corner."""
    corners = faces.astype(np.int64)
    for other in set(range(faces.ndim)) - {axis}:
        ends = [(0, 0)] * faces.ndim
        before, after = [*ends], [*ends]
        before[other], after[other] = (1, 0), (0, 1)
        corners = np.pad(corners, before) + np.pad(corners, after)
    return corners


def _way(one: Values, other: Values, spacing: Sequence[float]) -> tuple[Values, Values]:
    """Distance of each corner of one surface from the other, and the area it stands for."""
    from scipy.ndimage import distance_transform_edt

    on = one > 0
    away = distance_transform_edt(other == 0, sampling=spacing)
    return away[on], one[on]


def _quantile(values: Values, weights: Values, share: float) -> float:
    """Smallest value that at least this share of the weight does not exceed."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, share * reached[-1] * (1 - 1e-12))])
