"""A plane of points being painted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lumbardisc.phantom.shapes import Box, Points, Vector

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Canvas:
    """A plane: ``rows`` (palette rows) and ``labels``, both (row, column), and where it lies.

    origin: RAS mm of element (0, 0). steps: RAS mm from one row, and one column, to the next, (2, 3).
    """

    rows: Bytes
    labels: Bytes
    origin: Vector
    steps: Vector

    @cached_property
    def points(self) -> Points:
        """RAS mm of all points, three float32 arrays that broadcast to the plane's shape.

        A coordinate that is the same along rows or columns has one element there, so an upright plane costs little.
        """
        height, width = self.rows.shape
        down = np.arange(height, dtype=np.float32)[:, None]
        along = np.arange(width, dtype=np.float32)[None, :]
        x, y, z = (
            (down * np.float32(d) if d else np.float32(0))
            + (along * np.float32(a) if a else np.zeros((1, 1), np.float32))
            + np.float32(o)
            for o, d, a in zip(self.origin, *self.steps, strict=True)
        )
        return x, y, z

    def windows(self, corners: NDArray[np.float64]) -> Iterator[Canvas | None]:
        """For each box, given by its corners (boxes, 8, 3), the part of the plane it meets (a view), or None."""
        normal = np.cross(*self.steps)
        places = (corners - self.origin) @ np.linalg.inv(np.vstack((self.steps, normal)))
        low, high = places.min(axis=1), places.max(axis=1)
        first = np.maximum(np.floor(low[:, :2]).astype(int), 0)
        end = np.minimum(np.ceil(high[:, :2]).astype(int) + 1, self.rows.shape)
        meets = (low[:, 2] <= 0) & (high[:, 2] >= 0) & (first < end).all(axis=1)
        for start, stop, met in zip(first, end, meets, strict=True):
            yield self._part(start, stop) if met else None

    def _part(self, start: NDArray[np.int_], stop: NDArray[np.int_]) -> Canvas:
        """The view from one row and column to another."""
        part = (slice(start[0], stop[0]), slice(start[1], stop[1]))
        return Canvas(self.rows[part], self.labels[part], self.origin + start @ self.steps, self.steps)

    def fill(self, where: NDArray[np.bool_], rows: int | Bytes, label: int | None = None) -> None:
        """Paint points, and label them where a label is given."""
        np.copyto(self.rows, np.asarray(rows, dtype=np.uint8), where=where)
        if label is not None:
            np.copyto(self.labels, np.uint8(label), where=where)


def corners_of(boxes: list[Box]) -> NDArray[np.float64]:
    """Corners of boxes, (boxes, 8, 3)."""
    return np.stack([box.corners for box in boxes])
