"""One spine in two images: the rigid motion that lays its named structures on each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from lumbardisc.anatomy.surfaces import Surface

Points = NDArray[np.float64]
Surfaces = Mapping[int, Surface]

SOFT_MM = 1.0
"""Distances well above this count by their size and no more by its square: an outline that runs off moves nothing."""


@dataclass(frozen=True, eq=False)
class Rigid:
    """A turn about ``centre`` and a shift, RAS mm -> RAS mm. turn: rotation vector, radians. All (3,)."""

    turn: Points
    shift: Points
    centre: Points

    def __call__(self, points: Points) -> Points:
        """points: (..., 3)."""
        return np.asarray((points - self.centre) @ self._matrix.T + self.centre + self.shift)

    @cached_property
    def _matrix(self) -> Points:
        return np.asarray(Rotation.from_rotvec(self.turn).as_matrix())

    @property
    def inverse(self) -> Rigid:
        """The motion back."""
        return Rigid(-self.turn, -self.shift, self.centre + self.shift)

    @property
    def turned_deg(self) -> float:
        """By how much it turns."""
        return float(np.degrees(np.linalg.norm(self.turn)))


def align(moving: Surfaces, fixed: Surfaces, start: Rigid | None = None) -> Rigid | None:
    """The motion that brings the points of ``moving`` onto the surfaces of the same labels in ``fixed``.

    Least squares of the distances, large ones softened (soft L1), from where the middles of the structures coincide, or
    from ``start``. None where no label is in both.
    """
    common = sorted(moving.keys() & fixed.keys())
    if not common:
        return None
    centre = np.mean([moving[label].centre for label in common], axis=0)
    first = start or Rigid(np.zeros(3), np.mean([fixed[label].centre for label in common], axis=0) - centre, centre)

    def apart(motion: Points) -> Points:
        move = Rigid(motion[:3], motion[3:], first.centre)
        return np.concatenate([fixed[label].distances(move(moving[label].points)) for label in common])

    # radians and mm: a turn of 0.01 moves the ends of a lumbar spine by about 1 mm
    scale = np.array([0.01] * 3 + [1.0] * 3)
    found = least_squares(
        apart, np.concatenate([first.turn, first.shift]), x_scale=scale, loss="soft_l1", f_scale=SOFT_MM, xtol=1e-4
    )
    return Rigid(found.x[:3], found.x[3:], first.centre)


def surface_distance_mm(moving: Surfaces, fixed: Surfaces, move: Rigid) -> float:
    """Mean distance of the surfaces of the labels that both have, both ways, after a motion; NaN without any."""
    common = sorted(moving.keys() & fixed.keys())
    there = [np.abs(fixed[label].distances(move(moving[label].points))) for label in common]
    back = [np.abs(moving[label].distances(move.inverse(fixed[label].points))) for label in common]
    return float(np.mean([np.concatenate(there).mean(), np.concatenate(back).mean()])) if common else float("nan")
