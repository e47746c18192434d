"""A disc and what lies round it, cut out upright in the disc's own frame and at the scale of the study's discs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lumbardisc.preprocess.intensity import Image

COLUMNS_PER_DEPTH = 70.0
"""A disc of usual depth spans this many columns of its crop."""
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
    source = np.asarray(image, dtype=np.float32)
    smooth = np.sqrt(np.maximum((step / np.asarray(pixel)) ** 2 - 1.0, 0.0)) * 0.45
    if order and smooth.max() > 0.2:
        source = ndimage.gaussian_filter(source, smooth, truncate=2.5)
    crop: Image = ndimage.affine_transform(source, matrix, offset, shape, order=order, mode="nearest")
    return crop


def _axes(angle_deg: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors (row, column) down across the disc and backward along it."""
    sine, cosine = np.sin(np.radians(angle_deg)), np.cos(np.radians(angle_deg))
    return np.array([cosine, sine]), np.array([-sine, cosine])
