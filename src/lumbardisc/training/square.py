"""A slice as a square network input of fixed size, and answers back on its own grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbardisc.preprocess.intensity import Image
from lumbardisc.preprocess.resample import from_grid, to_grid


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
        inner = [max(1, round(n * width / self.pixel_mm)) for n, width in zip(self.shape, self.pixel, strict=True)]
        back: Image = from_grid(square[self._inside(tuple(inner))][None], self.shape)[0]
        return back

    def _inside(self, inner: tuple[int, ...]) -> tuple[slice, ...]:
        starts = [(self.size - count) // 2 for count in inner]
        return tuple(slice(start, start + count) for start, count in zip(starts, inner, strict=True))
