"""Surfaces of named structures in an image: points on them, and how far any place is from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lumbardisc.anatomy.contours import area, outline

Points = NDArray[np.float64]
Labels = NDArray[Any]
Affine = NDArray[np.float64]

BETWEEN_MM = 2.0
"""About how far points on a surface are apart along it, and the pixels on which distances are kept."""
_ROOM_MM = 10.0


@dataclass(frozen=True, eq=False)
class Surface:
    """The surface of one structure.

    points: (n, 3), RAS mm, on its outline on every slice. distance: (slice, row, column), mm, negative inside, on the
    part of the image around it. affine: indices of ``distance`` -> RAS mm. area_mm2: inside the largest outline.
    """

    points: Points
    distance: NDArray[np.float32]
    affine: Affine
    area_mm2: float

    @property
    def centre(self) -> Points:
        """(3,) middle of the points."""
        middle: Points = self.points.mean(axis=0)
        return middle

    def distances(self, points: Points) -> Points:
        """How far points (n, 3), RAS mm, are from the surface, negative inside; (n,) in mm."""
        to_index = np.linalg.inv(self.affine)
        indices = points @ to_index[:3, :3].T + to_index[:3, 3]
        inside = np.clip(indices, 0, np.subtract(self.distance.shape, 1))
        beyond = np.linalg.norm((indices - inside) @ self.affine[:3, :3].T, axis=1)
        return np.asarray(ndimage.map_coordinates(self.distance, inside.T, order=1) + beyond)


def surfaces(labels: Labels, affine: Affine) -> dict[int, Surface]:
    """The surface of every structure that no side of the image cuts, by label number.

    labels: (slice, row, column) in the working order, see ``levels``. affine: 4 x 4, its indices -> RAS mm. A structure
    that the first or last slice cuts has a surface all the same: of its outlines nothing is wrong.
    """
    spacing = np.linalg.norm(affine[:3, 1:3], axis=0)
    found = {}
    for label, box in enumerate(ndimage.find_objects(labels), start=1):
        if box is not None and not _cut(box, labels.shape):
            lines = [outline(section, (float(spacing[0]), float(spacing[1]))) for section in labels[box] == label]
            distance, placed = _distance(labels, label, box, affine)
            found[label] = Surface(_points(lines, box, affine), distance, placed, max(map(area, lines)))
    return found


def _cut(box: tuple[slice, ...], shape: tuple[int, ...]) -> bool:
    return any(side.start == 0 or side.stop == size for side, size in zip(box[1:], shape[1:], strict=True))


def _points(lines: Sequence[Points], box: tuple[slice, ...], affine: Affine) -> Points:
    """Points on the outlines of a structure on its slices, RAS mm. lines: in mm of each slice."""
    spacing = np.linalg.norm(affine[:3, 1:3], axis=0)
    found = []
    for index, line in enumerate(lines, start=box[0].start):
        step = max(round(BETWEEN_MM * len(line) / max(_length(line), 1e-6)), 1)
        flat = line[:-1:step] / spacing + (box[1].start, box[2].start)
        found.append(np.column_stack([np.full(len(flat), index), flat]))
    return np.concatenate(found) @ affine[:3, :3].T + affine[:3, 3]


def _length(line: Points) -> float:
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())


def _distance(labels: Labels, label: int, box: tuple[slice, ...], affine: Affine) -> tuple[NDArray[np.float32], Affine]:
    """Distance to the surface on every n-th row and column around a structure, and where these lie."""
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    rooms = np.ceil(_ROOM_MM / spacing).astype(int)
    start = [max(side.start - room, 0) for side, room in zip(box, rooms, strict=True)]
    stop = [side.stop + room for side, room in zip(box, rooms, strict=True)]
    steps = [1, *(max(int(BETWEEN_MM / size), 1) for size in spacing[1:])]
    part = labels[tuple(map(slice, start, stop, steps))] == label
    sampling = spacing * steps
    half = sampling[1:].mean() / 2  # the surface lies between the last voxel inside and the first outside
    inner = ndimage.distance_transform_edt(part, sampling=sampling) - half
    outer = ndimage.distance_transform_edt(~part, sampling=sampling) - half
    placed = affine.copy()
    placed[:3, 3] += affine[:3, :3] @ start
    placed[:3, :3] *= steps
    return np.where(part, -inner, outer).astype(np.float32), placed
