"""A slice as a square network input of fixed size, and answers back on its own grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbardisc.preprocess.intensity import Image
from lumbardisc.preprocess.resample import from_grid, grid_shape, to_grid


@dataclass(frozen=True)
class Square:
    """The map between a slice and a square of ``size`` pixels whose side is the longer side of the slice.

    Proportions are kept and the shorter side is padded on both ends. shape, pixel: (row, column) of the slice, mm.
    """

    size: int
    shape: tuple[int, int]
    pixel: tuple[float, float]

    @property
    def pixel_mm(self) -> float:
        """Pixel size of the square, mm."""
        return max(count * width for count, width in zip(self.shape, self.pixel, strict=True)) / self.size

    def forward(self, image: NDArray[np.generic]) -> Image:
        """A slice (row, column) on the square, zero where it is padded."""
        inner = to_grid(image, self.pixel, self.pixel_mm)
        square = np.zeros((self.size, self.size), dtype=np.float32)
        square[self._inside(inner.shape)] = inner
        return square

    def back(self, square: Image) -> Image:
        """A map on the square -> the slice's own grid, linear."""
        back: Image = from_grid(square[self._inside(self._inner)][None], self.shape)[0]
        return back

    def boxes_forward(self, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Boxes of the slice on the square. boxes: (n, 4), x0, y0, x1, y1 as edges in pixels, column before row."""
        scale, start = self._box_map()
        return boxes * scale + start

    def boxes_back(self, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Boxes on the square -> on the slice, see ``boxes_forward``; they end at its edges."""
        scale, start = self._box_map()
        rows, columns = self.shape
        return np.clip((boxes - start) / scale, 0.0, (columns, rows, columns, rows))

    def _box_map(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Factor and shift of x, y, x, y."""
        rows, columns = self._inside(self._inner)
        scale = [inner / count for inner, count in zip(self._inner, self.shape, strict=True)]
        return np.tile(scale[::-1], 2), np.tile([float(columns.start), float(rows.start)], 2)

    @property
    def _inner(self) -> tuple[int, ...]:
        """Rows and columns that the slice takes on the square."""
        return grid_shape(self.shape, self.pixel, self.pixel_mm)

    def _inside(self, inner: tuple[int, ...]) -> tuple[slice, ...]:
        starts = [(self.size - count) // 2 for count in inner]
        return tuple(slice(start, start + count) for start, count in zip(starts, inner, strict=True))
