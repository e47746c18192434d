"""Slices on the working grid of the network, and its answer back on theirs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lumbardisc.preprocess.intensity import Image


def to_grid(image: NDArray[np.generic], pixel: tuple[float, float], spacing: float) -> Image:
    """One slice (rows, columns) of ``pixel`` (row, column) mm on a square grid of ``spacing`` mm over the same extent.

    Pixels are areas: the outer edges of both grids coincide. Linear, smoothed first where the grid gets coarser.
    """
    source = np.asarray(image, dtype=np.float32)
    shape = grid_shape(source.shape, pixel, spacing)
    factors = np.asarray(source.shape) / np.asarray(shape)
    smooth = np.sqrt(np.maximum(factors**2 - 1.0, 0.0)) * 0.45
    if smooth.max() > 0.2:
        source = ndimage.gaussian_filter(source, smooth, truncate=2.5)
    return _stretch(source, shape)


def from_grid(probabilities: Image, shape: tuple[int, int]) -> Image:
    """Maps (classes, rows, columns) on the working grid -> (classes, *shape) on the slice's own grid, linear."""
    return np.stack([_stretch(channel, shape) for channel in probabilities])


def grid_shape(shape: tuple[int, ...], pixel: tuple[float, float], spacing: float) -> tuple[int, int]:
    """Size of the working grid that covers a slice."""
    rows, columns = (max(1, round(size * width / spacing)) for size, width in zip(shape, pixel, strict=True))
    return rows, columns


def _stretch(image: Image, shape: tuple[int, int]) -> Image:
    """Linear interpolation onto ``shape`` over the same extent, edge values held beyond the outermost centres."""
    rows, columns = (_interpolation(old, new) for old, new in zip(image.shape, shape, strict=True))
    lower, upper, part = rows
    image = image[lower] * (1.0 - part)[:, None] + image[upper] * part[:, None]
    lower, upper, part = columns
    stretched: Image = image[:, lower] * (1.0 - part) + image[:, upper] * part
    return stretched


def _interpolation(old: int, new: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Image]:
    """Lower and upper neighbour and the upper one's share, for each of the ``new`` centres."""
    positions = np.clip((np.arange(new) + 0.5) * (old / new) - 0.5, 0, old - 1)
    lower = np.minimum(positions.astype(np.intp), max(old - 2, 0))
    return lower, np.minimum(lower + 1, old - 1), (positions - lower).astype(np.float32)
