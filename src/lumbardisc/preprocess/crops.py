"""A disc and what lies round it, cut out upright in the disc's own frame and at the scale of the study's discs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lumbardisc.preprocess.intensity import Image

COLUMNS_PER_DEPTH = 70.0
"""A disc of usual depth spans this many columns of its crop."""
_ROOM = 12
"""Pixels round what a crop shows; more than smoothing and interpolation reach."""
CENTRE = (0.5, 0.42)
"""Where the disc's middle lies in the crop, as fractions of its rows and columns: the canal needs room behind it."""


def cut(
    image: NDArray[np.generic],
    pixel: tuple[float, float],
    centre_mm: tuple[float, float],
    angle_deg: float,
    depth_mm: float,
    shape: tuple[int, int],
    order: int = 1,
) -> Image:
    """Grey values (rows, columns) of ``shape`` round a disc: rows run down across it, columns backward along it.

    image: (row, column) of ``pixel`` mm. centre_mm, angle_deg, depth_mm: see ``anatomy.frames.DiscFrame``. Linear,
    first smoothed where the crop is coarser than the image; the image's edge values are held beyond its edges.
    """
    step = depth_mm / COLUMNS_PER_DEPTH
    down, back = _axes(angle_deg)
    matrix = np.stack([down, back], axis=1) * step / np.asarray(pixel)[:, None]
    centre = np.asarray(centre_mm) / np.asarray(pixel)
    offset = centre - matrix @ (np.asarray(shape) * CENTRE - 0.5)
    corner, source = _window(image, matrix, offset, shape)
    offset = offset - corner
    smooth = np.sqrt(np.maximum((step / np.asarray(pixel)) ** 2 - 1.0, 0.0)) * 0.45
    if order and smooth.max() > 0.2:
        source = ndimage.gaussian_filter(source, smooth, truncate=2.5)
    crop: Image = ndimage.affine_transform(source, matrix, offset, shape, order=order, mode="nearest")
    return crop


def _window(
    image: NDArray[np.generic], matrix: NDArray[np.float64], offset: NDArray[np.float64], shape: tuple[int, int]
) -> tuple[NDArray[np.intp], Image]:
    """The part of an image that a crop is made of, with room for smoothing, and the indices of its first pixel."""
    corners = np.array([(row, column) for row in (0, shape[0]) for column in (0, shape[1])]) @ matrix.T + offset
    last = np.array(image.shape) - 1
    low = np.clip(np.floor(corners.min(axis=0)).astype(int) - _ROOM, 0, np.maximum(last - _ROOM, 0))
    high = np.clip(np.ceil(corners.max(axis=0)).astype(int) + _ROOM, np.minimum(_ROOM, last), last)
    return low, np.asarray(image[low[0] : high[0] + 1, low[1] : high[1] + 1], dtype=np.float32)


def _axes(angle_deg: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors (row, column) down across the disc and backward along it."""
    sine, cosine = np.sin(np.radians(angle_deg)), np.cos(np.radians(angle_deg))
    return np.array([cosine, sine]), np.array([-sine, cosine])
