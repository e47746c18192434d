"""A disc and what lies round it, cut out upright in the disc's own frame and at the scale of the study's discs."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, eq=False)
class Placement:
    """Where a crop of ``shape`` (rows, columns) lies in an image: its pixel p shows the image at matrix p + offset.

    matrix: (2, 2), offset: (2,), both in pixels of the image, (row, column).
    """

    matrix: NDArray[np.float64]
    offset: NDArray[np.float64]
    shape: tuple[int, int]

    def cut(self, image: NDArray[np.generic], order: int = 1) -> Image:
        """The crop: linear, first smoothed where it is coarser than the image; edge values are held beyond edges."""
        corner, last = self._window(image.shape)
        source = np.asarray(image[corner[0] : last[0] + 1, corner[1] : last[1] + 1], dtype=np.float32)
        smooth = np.sqrt(np.maximum((self.matrix**2).sum(axis=1) - 1.0, 0.0)) * 0.45
        if order and smooth.max() > 0.2:
            source = ndimage.gaussian_filter(source, smooth, truncate=2.5)
        crop: Image = ndimage.affine_transform(
            source, self.matrix, self.offset - corner, self.shape, order=order, mode="nearest"
        )
        return crop

    def paste(self, crop: Image, shape: tuple[int, ...]) -> tuple[tuple[slice, slice], Image]:
        """The crop back on its image of ``shape``: the part of the image it reaches, and its values there, linear; NaN
        where it does not reach."""
        corner, last = self._window(shape)
        back = np.linalg.inv(self.matrix)
        size = tuple(last - corner + 1)
        values: Image = ndimage.affine_transform(
            crop, back, back @ (corner - self.offset), size, order=1, mode="constant", cval=np.nan
        )
        return (slice(corner[0], last[0] + 1), slice(corner[1], last[1] + 1)), values

    def _window(self, shape: tuple[int, ...]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """First and last pixel of the part of an image that the crop is made of, with room for smoothing."""
        rows, columns = self.shape
        corners = np.array([(row, column) for row in (0, rows) for column in (0, columns)])
        reached = corners @ self.matrix.T + self.offset
        last = np.array(shape) - 1
        low = np.clip(np.floor(reached.min(axis=0)).astype(int) - _ROOM, 0, np.maximum(last - _ROOM, 0))
        high = np.clip(np.ceil(reached.max(axis=0)).astype(int) + _ROOM, np.minimum(_ROOM, last), last)
        return low, high


def place(
    pixel: tuple[float, float],
    centre_mm: tuple[float, float],
    angle_deg: float,
    step_mm: float,
    shape: tuple[int, int],
    middle: tuple[float, float] = (0.5, 0.5),
) -> Placement:
    """A crop of ``step_mm`` pixels whose ``middle`` (fractions of rows and columns) shows ``centre_mm``.

    pixel: (row, column) mm of the image. Rows run down across the disc, columns backward along it.
    """
    down, back = _axes(angle_deg)
    matrix = np.stack([down, back], axis=1) * step_mm / np.asarray(pixel)[:, None]
    offset = np.asarray(centre_mm) / np.asarray(pixel) - matrix @ (np.asarray(shape) * middle - 0.5)
    return Placement(matrix, offset, shape)


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

    image: (row, column) of ``pixel`` mm. centre_mm, angle_deg, depth_mm: see ``anatomy.frames.DiscFrame``. See
    ``Placement.cut``.
    """
    return place(pixel, centre_mm, angle_deg, depth_mm / COLUMNS_PER_DEPTH, shape, CENTRE).cut(image, order)


def _axes(angle_deg: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors (row, column) down across the disc and backward along it."""
    sine, cosine = np.sin(np.radians(angle_deg)), np.cos(np.radians(angle_deg))
    return np.array([cosine, sine]), np.array([-sine, cosine])
