"""A label map brought onto the grid of its image, which it may cover in part; refused where it has another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lumbardisc.errors import InputError
from lumbardisc.volume import Affine, LabelMap, Volume

NEAR = 0.25
"""How far, in voxels, a corner may lie from where a common grid has it: rounded headers stay below."""
_AXES = ("left-right", "up-down", "front-back")


def on_grid(labels: LabelMap, volume: Volume, path: Path, image: Path, *, part: bool) -> NDArray[np.int32]:
    """The labels on the grid of ``volume``, 0 where they do not reach; both in the working order.

    part: whether they may cover a part of it. Raises InputError for another grid, and voxels outside the image.
    """
    start = np.rint(volume.indices(labels.affine[:3, 3])).astype(int)
    shifted = volume.affine.copy()
    shifted[:3, 3] = volume.world(start)
    aligned = _apart(labels.affine, Volume(labels.array, shifted)) <= NEAR
    whole = labels.shape == volume.shape and not start.any()
    if outside := _outside(labels, volume):
        raise InputError(
            f"{path}: {outside} labelled voxels lie outside its image {image.name}; is it another image's?"
        )
    if not aligned or not (whole or part):
        raise InputError(_told(labels, volume, path, image))
    return _pasted(labels.array, start, volume.shape)


def mirrored(labels: LabelMap, volume: Volume) -> tuple[str, ...]:
    """The directions that a label file's axes run the other way along than those of its image; both as they are stored.

    Empty where that is right, as their affines put the voxels in the same places, or where the grids differ otherwise.
    """
    if labels.shape != volume.shape or _apart(labels.sagittal().affine, volume.sagittal()) <= NEAR:
        return ()
    one, other = labels.axis_order, volume.axis_order
    if one.axes != other.axes or not np.allclose(labels.spacing, volume.spacing, rtol=1e-3):
        return ()
    return tuple(name for name, a, b in zip(_AXES, one.flips, other.flips, strict=True) if a != b)


def _apart(affine: Affine, volume: Volume) -> float:
    """How far an affine puts a corner of the grid from where ``volume`` has it, in voxels of the latter."""
    ends = np.stack(np.meshgrid(*((0, size - 1) for size in volume.shape), indexing="ij"), axis=-1).reshape(-1, 3)
    return float(np.abs(volume.indices(ends @ affine[:3, :3].T + affine[:3, 3]) - ends).max())


def _outside(labels: LabelMap, volume: Volume) -> int:
    """How many labelled voxels have their centre outside the image."""
    where = volume.indices(labels.world(np.argwhere(labels.array)))
    return int(((where < -0.5 - NEAR) | (where > np.asarray(volume.shape) - 0.5 + NEAR)).any(axis=1).sum())


def _pasted(array: NDArray[np.int32], start: NDArray[np.int_], shape: tuple[int, int, int]) -> NDArray[np.int32]:
    """An array put into one of ``shape``, its first voxel at ``start``."""
    low, high = np.clip(start, 0, shape), np.clip(start + array.shape, 0, shape)
    whole = np.zeros(shape, dtype=np.int32)
    inside = tuple(slice(a, b) for a, b in zip(low - start, high - start, strict=True))
    whole[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = array[inside]
    return whole


def _told(labels: LabelMap, volume: Volume, path: Path, image: Path) -> str:
    sizes = [" x ".join(map(str, one.shape)) for one in (labels, volume)]
    if sizes[0] != sizes[1]:
        return f"{path}: has {sizes[0]} voxels, its image {image.name} {sizes[1]}; resample it to the image's grid"
    return (
        f"{path}: has another grid than its image {image.name}, up to {_apart(labels.affine, volume):.1f} voxels "
        "apart; resample it to the image's grid"
    )
