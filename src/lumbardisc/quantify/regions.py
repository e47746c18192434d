"""Labelled structures, each cropped to its box, and their outlines on one sagittal slice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.anatomy.contours import Points, outline
from lumbardisc.anatomy.endplates import Borders, across_deg, borders, long_axis_deg
from lumbardisc.levels import SACRUM, is_disc

Mask = NDArray[np.bool_]
Spacing = tuple[float, float, float]

# A piece this small has no shape to speak of; Markhali et al. 2024 (doi 10.1002/jsp2.70000) drop it as an orphan.
MIN_PIXELS = 10


@dataclass(frozen=True, eq=False)
class Region:
    """One structure. mask: (slice, row, column) of its box. corner: the box's first index in the whole volume.
    shape: of the whole volume."""

    mask: Mask
    corner: tuple[int, int, int]
    shape: tuple[int, int, int]

    @property
    def areas(self) -> NDArray[np.int64]:
        """Pixels of the structure on each slice of the whole volume."""
        areas = np.zeros(self.shape[0], dtype=np.int64)
        areas[self.corner[0] : self.corner[0] + len(self.mask)] = self.mask.sum(axis=(1, 2))
        return areas

    def on(self, index: int) -> Mask:
        """The structure on a slice of the whole volume, (row, column) of its box."""
        inside = 0 <= index - self.corner[0] < len(self.mask)
        found: Mask = self.mask[index - self.corner[0]] if inside else np.zeros_like(self.mask[0])
        return found

    def box(self, index: int) -> tuple[int, int, int, int]:
        """First row, first column, and the row and column after the last, on a slice where the structure is."""
        rows, columns = np.nonzero(self.on(index))
        row, column = self.corner[1:]
        return row + rows.min(), column + columns.min(), row + rows.max() + 1, column + columns.max() + 1

    def centre(self, index: int, spacing: Spacing) -> Points | None:
        """Centroid on a slice, (row, column) in mm of that slice; None where the structure is absent."""
        pixels = np.argwhere(self.on(index))
        return (pixels.mean(axis=0) + self.corner[1:]) * spacing[1:] if len(pixels) else None

    def cut_on(self, index: int) -> bool:
        """Whether the structure runs into the border of the image on a slice where it is."""
        top, left, bottom, right = self.box(index)
        return top == 0 or left == 0 or bottom == self.shape[1] or right == self.shape[2]

    def outline(self, index: int, spacing: Spacing) -> Points | None:
        """Outline on a slice, (n, 2) in mm of that slice; None where the structure is too small to have a shape."""
        mask = self.on(index)
        if mask.sum() < MIN_PIXELS:
            return None
        return outline(mask, spacing[1:]) + np.multiply(self.corner[1:], spacing[1:])


def regions(labels: NDArray[Any]) -> dict[int, Region]:
    """Every structure of a label map (slice, row, column), by label number."""
    from scipy.ndimage import find_objects

    shape = labels.shape
    found = {}
    for label, box in enumerate(find_objects(labels), start=1):
        if box is not None:
            corner = (box[0].start, box[1].start, box[2].start)
            found[label] = Region(labels[box] == label, corner, (shape[0], shape[1], shape[2]))
    return found


@dataclass(frozen=True, eq=False)
class Section:
    """One sagittal slice of the structures; each is outlined once and remembered."""

    index: int
    structures: Mapping[int, Region]
    spacing: Spacing
    _known: dict[int, Borders | None] = field(default_factory=dict, repr=False)

    def outline(self, label: int) -> Points | None:
        """Outline in mm of the slice; None where the structure is absent or too small."""
        region = self.structures.get(label)
        return None if region is None else region.outline(self.index, self.spacing)

    def borders(self, label: int) -> Borders | None:
        """Borders of a disc or body that is seen whole; None where it is absent, too small or cut by the image."""
        if label not in self._known:
            self._known[label] = self._find(label)
        return self._known[label]

    def _find(self, label: int) -> Borders | None:
        points = self.outline(label)
        if points is None or self.structures[label].cut_on(self.index):
            return None
        return borders(points, long_axis_deg(points) if is_disc(label) else self._level_deg(label))

    def _level_deg(self, body: int) -> float:
        """A body is too square for its own long axis: it is level across the line from its neighbour above to the one
        below, discs before bodies, itself where there is none."""
        above = self._centre_of_first(body - SACRUM + 1, body + 1, body)
        below = self._centre_of_first(body - SACRUM, body - 1, body)
        return across_deg(above, below)

    def _centre_of_first(self, *labels: int) -> Points:
        """Centroid of the first of some structures that is on this slice."""
        regions = (self.structures[label] for label in labels if label in self.structures)
        centres = (region.centre(self.index, self.spacing) for region in regions)
        return next(centre for centre in centres if centre is not None)
