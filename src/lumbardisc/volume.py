"""Volume and LabelMap: an array and its affine, the one place for geometry.

Frame: patient RAS in mm. The affine maps array indices (i, j, k) of voxel *centres* to RAS. A volume as it is read
keeps its file's own index order; ``sagittal`` gives the working order used everywhere else: axis 0 slices running left
to right, axis 1 rows running downward (inferior), axis 2 columns running backward (posterior).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import permutations
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbardisc.errors import GeometryError

Array = NDArray[Any]
Affine = NDArray[np.float64]

# RAS axis and sign that each axis of the working order runs along: slice -> +R, row -> -S, column -> -A
_SAGITTAL = ((0, 1.0), (2, -1.0), (1, -1.0))


@dataclass(frozen=True)
class AxisOrder:
    """How a file's axes become the working order: ``array.transpose(axes)`` and then a flip where ``flips`` is true."""

    axes: tuple[int, int, int]
    flips: tuple[bool, bool, bool]

    def apply(self, array: Array) -> Array:
        """File order -> working order (slice, row, column). A view, not a copy."""
        return array.transpose(self.axes)[tuple(slice(None, None, -1 if flip else 1) for flip in self.flips)]

    def slice_index(self, index: int, count: int) -> int:
        """Index of one of ``count`` slices in the working order <-> along the file's own left-right axis."""
        return count - 1 - index if self.flips[0] else index

    def undo(self, array: Array) -> Array:
        """Working order -> file order. A view, not a copy."""
        flipped = array[tuple(slice(None, None, -1 if flip else 1) for flip in self.flips)]
        return flipped.transpose(np.argsort(self.axes))


@dataclass(frozen=True, eq=False)
class Volume:
    """A scalar image on a regular grid.

    array: (i, j, k), any numeric type. affine: 4 x 4, indices of voxel centres -> RAS mm.
    Raises GeometryError if the array is not 3D or the affine cannot be inverted.
    """

    array: Array
    affine: Affine

    def __post_init__(self) -> None:
        if self.array.ndim != 3:
            raise GeometryError(f"a volume has 3 axes, this array has {self.array.ndim} (shape {self.array.shape})")
        affine = np.asarray(self.affine, dtype=np.float64)
        if affine.shape != (4, 4) or not np.isfinite(affine).all():
            raise GeometryError("the affine is not a finite 4 x 4 matrix; repair the header or convert the image again")
        with np.errstate(over="ignore"):
            sizes = np.linalg.norm(affine[:3, :3], axis=0)
        if not np.isfinite(sizes).all():
            raise GeometryError("the affine has a spacing beyond all measure; repair the header")
        if (sizes <= 1e-6).any() or abs(np.linalg.det(affine[:3, :3] / np.where(sizes > 1e-6, sizes, 1.0))) < 1e-3:
            raise GeometryError(
                "the affine is singular (a spacing is zero or two axes fall together); repair the header"
            )
        object.__setattr__(self, "affine", affine)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels along each axis of the array."""
        i, j, k = self.array.shape
        return i, j, k

    @cached_property
    def spacing(self) -> tuple[float, float, float]:
        """Distance of voxel centres along each axis of the array, mm."""
        i, j, k = (float(size) for size in np.linalg.norm(self.affine[:3, :3], axis=0))
        return i, j, k

    @cached_property
    def axis_order(self) -> AxisOrder:
        """How this array's axes become (slice, row, column); an oblique stack goes by its nearest axes."""
        directions = self.affine[:3, :3] / np.asarray(self.spacing)
        return _nearest_order(directions)

    @cached_property
    def obliquity_deg(self) -> float:
        """Largest angle in degrees between an axis of the array and the patient axis it is taken for."""
        directions = self.affine[:3, :3] / np.asarray(self.spacing)
        cosines = [abs(directions[ras, axis]) for (ras, _), axis in zip(_SAGITTAL, self.axis_order.axes, strict=True)]
        return float(np.degrees(np.arccos(np.clip(min(cosines), -1.0, 1.0))))

    def sagittal(self) -> Self:
        """The same image in the working order: (slice, row, column). A view of the array."""
        order = self.axis_order
        affine = self.affine.copy()
        affine[:3, :3] = self.affine[:3, list(order.axes)]
        for axis, flip in enumerate(order.flips):
            if flip:
                last = self.shape[order.axes[axis]] - 1
                affine[:3, 3] += affine[:3, axis] * last
                affine[:3, axis] *= -1.0
        return replace(self, array=order.apply(self.array), affine=affine)

    def world(self, indices: ArrayLike) -> NDArray[np.float64]:
        """Array indices (..., 3) of voxel centres -> RAS mm (..., 3)."""
        return np.asarray(indices, dtype=np.float64) @ self.affine[:3, :3].T + self.affine[:3, 3]

    def indices(self, world: ArrayLike) -> NDArray[np.float64]:
        """RAS mm (..., 3) -> continuous array indices (..., 3)."""
        return (np.asarray(world, dtype=np.float64) - self.affine[:3, 3]) @ np.linalg.inv(self.affine[:3, :3]).T


class LabelMap(Volume):
    """A volume of label numbers (see ``levels``); 0 is background."""

    @cached_property
    def present(self) -> tuple[int, ...]:
        """The label numbers that occur, background left out, ascending."""
        return tuple(int(label) for label in np.unique(self.array) if label != 0)


def _nearest_order(directions: Affine) -> AxisOrder:
    """The assignment of array axes to (slice, row, column) that is nearest to the patient axes."""

    def fit(axes: tuple[int, ...]) -> float:
        return float(sum(abs(directions[ras, axis]) for (ras, _), axis in zip(_SAGITTAL, axes, strict=True)))

    i, j, k = max(permutations(range(3)), key=fit)
    flips = [bool(directions[ras, axis] * sign < 0) for (ras, sign), axis in zip(_SAGITTAL, (i, j, k), strict=True)]
    return AxisOrder((i, j, k), (flips[0], flips[1], flips[2]))
