"""One slice and the boxes of the discs on it: what every source of boxes gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1: the edges of a box in pixels of its slice, column before row; (0, 0) is the outer corner of the first
pixel, so that a box round one pixel (row 2, column 5) is (5, 2, 6, 3)."""


@dataclass(frozen=True, eq=False)
class BoxedSlice:
    """A sagittal slice, anterior to the left, head up.

    case: unique within the source. contrast: of ``io.CONTRASTS``, or None. image: (rows, columns), grey values.
    pixel: (row, column) in mm. boxes: disc label (1 = L5/S1, upward) -> box.
    """

    source: str
    patient: str
    case: str
    contrast: str | None
    image: NDArray[Any]
    pixel: tuple[float, float]
    boxes: Mapping[int, Box]
