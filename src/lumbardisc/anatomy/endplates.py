"""The own axis, the borders and the endplates of a disc or vertebral body in a sagittal slice.

Points are (row, column) in mm in the slice: rows run downward, columns backward. An angle is that of a direction
pointing backward, in degrees, positive where the posterior end is the higher one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lumbardisc.anatomy.contours import Points

Array = NDArray[np.float64]

# Where the borders are sampled, as fractions of the depth from the anterior end.
STATIONS: Array = (np.arange(100) + 0.5) / 100
# The outer tenths are left out of every line and mean: there rounded corners, osteophytes and partial volume rule.
INNER = (0.10, 0.90)
# The axis and the borders define each other; from a few degrees away the axis stands still after two or three rounds.
_ROUNDS, _STILL_DEG = 10, 0.01
# The ruler laid on the sacrum: how far it is turned, and the depth of an endplate's hollow that it spans.
_TURNS: Array = np.arange(-45.0, 46.0)
_RULER_MM = 1.5


@dataclass(frozen=True, eq=False)
class Endplate:
    """A straight endplate: its anterior and posterior end, (row, column) in mm."""

    anterior: Array
    posterior: Array

    @property
    def angle_deg(self) -> float:
        """Degrees; positive where the posterior end is the higher one."""
        down, back = self.posterior - self.anterior
        return float(np.degrees(np.arctan2(-down, back)))


@dataclass(frozen=True, eq=False)
class Borders:
    """A disc or body seen along its own axis, the bisector of its two borders.

    angle_deg: of the axis. start_mm, depth_mm: where the outline begins along the axis, and its extent.
    upper_mm, lower_mm: (100,) the outermost border above and below at each of ``STATIONS``, across the axis.
    """

    angle_deg: float
    start_mm: float
    depth_mm: float
    upper_mm: Array
    lower_mm: Array

    @property
    def heights_mm(self) -> Array:
        """(100,) height perpendicular to the axis at each of ``STATIONS``."""
        return self.upper_mm - self.lower_mm

    def mean_height_mm(self, begin: float = INNER[0], end: float = INNER[1]) -> float:
        """Mean height between two fractions of the depth."""
        return float(self.heights_mm[_between(begin, end)].mean())

    @cached_property
    def superior(self) -> Endplate:
        """The upper border as a straight line."""
        return self._endplate(self.upper_mm)

    @cached_property
    def inferior(self) -> Endplate:
        """The lower border as a straight line."""
        return self._endplate(self.lower_mm)

    @property
    def wedge_deg(self) -> float:
        """Angle between the two borders; positive where the anterior side is the taller one."""
        return self.inferior.angle_deg - self.superior.angle_deg

    def within(self, points: Points) -> tuple[Array, Array]:
        """Where points (n, 2) lie: fraction of the depth (0 anterior, 1 posterior), and of the height (-1 lower border,
        1 upper border)."""
        along, across = _to_axis(points, self.angle_deg)
        depth = (along - self.start_mm) / self.depth_mm
        upper = np.interp(depth, STATIONS, self.upper_mm)
        lower = np.interp(depth, STATIONS, self.lower_mm)
        return depth, (2.0 * across - upper - lower) / np.maximum(upper - lower, 1e-6)

    def _endplate(self, border_mm: Array) -> Endplate:
        ends = self.start_mm + self.depth_mm * np.array([0.0, 1.0])
        return _line(self.start_mm + self.depth_mm * STATIONS, border_mm, ends, self.angle_deg)


def long_axis_deg(outline: Points) -> float:
    """Angle of the longest principal axis of an outline (n, 2), within 90 degrees of backward: a disc's first axis."""
    _, axes = np.linalg.eigh(np.cov(outline[:-1].T))
    down, back = axes[:, 1] * (1.0 if axes[1, 1] >= 0.0 else -1.0)
    return float(np.degrees(np.arctan2(-down, back)))


def across_deg(above: Points, below: Points) -> float:
    """Angle of the direction at right angles to the line between two points of the spine: a body's first axis."""
    down, back = below - above
    return float(np.degrees(np.arctan2(back, down)))


def borders(outline: Points, angle_deg: float) -> Borders:
    """The borders of a disc or body, its axis turned until it is the bisector of both.

    The bisector as the axis of a disc follows Frobin et al. 1997 (Clin Biomech 12 Suppl 1), who take that of the two
    vertebral midplanes; here the disc's own borders serve, so that a disc between unlabelled bodies has an axis too.
    outline: (n, 2) closed, (row, column) in mm. angle_deg: a first axis, right within some 30 degrees.
    """
    found = _borders_along(outline, angle_deg)
    for _ in range(_ROUNDS):
        bisector = (found.superior.angle_deg + found.inferior.angle_deg) / 2.0
        if abs(bisector - found.angle_deg) < _STILL_DEG:
            break
        found = _borders_along(outline, bisector)
    return found


def facing_endplate(outline: Points, facing_deg: float) -> Endplate:
    """The superior endplate of a structure that may run on far below it, as the sacrum does.

    A ruler is laid on the structure from above, at every angle within 45 degrees of the endplate that faces it. Where
    most of the outline lies within 1.5 mm of the ruler, there is the endplate; the least-squares line of its inner part
    is given. The walls below the promontory and behind fall away from the ruler and do not tilt the line.

    outline: (n, 2) closed, (row, column) in mm. facing_deg: angle of the inferior endplate above.
    """
    angle_deg, begin, end = max((_rest(outline, facing_deg + turn) for turn in _TURNS), key=lambda rest: rest[0])[1:]
    along = begin + (end - begin) * STATIONS
    upper, _ = _crossings(outline, angle_deg, along)
    return _line(along, upper, np.array([begin, end]), angle_deg)


def _rest(outline: Points, angle_deg: float) -> tuple[int, float, float, float]:
    """A ruler laid on an outline: the number of points near it, its angle, and where they begin and end along it."""
    along, across = _to_axis(outline, angle_deg)
    near = along[across > across.max() - _RULER_MM]
    return len(near), angle_deg, float(near.min()), float(near.max())


def _borders_along(outline: Points, angle_deg: float) -> Borders:
    along, _ = _to_axis(outline, angle_deg)
    start, depth = float(along.min()), float(np.ptp(along))
    upper, lower = _crossings(outline, angle_deg, start + depth * STATIONS)
    return Borders(angle_deg, start, depth, upper, lower)


def _crossings(outline: Points, angle_deg: float, stations: Array) -> tuple[Array, Array]:
    """Highest and lowest crossing of an outline with the line across the axis at each station (mm along the axis)."""
    along, across = _to_axis(outline, angle_deg)
    (left, right), (start, stop) = (along[:-1], along[1:]), (across[:-1], across[1:])
    at = stations[:, None]
    hit = (np.minimum(left, right) <= at) & (at < np.maximum(left, right))
    share = (at - left) / np.where(left == right, 1.0, right - left)
    height = start + share * (stop - start)
    return np.where(hit, height, -np.inf).max(axis=1), np.where(hit, height, np.inf).min(axis=1)


def _line(along: Array, across: Array, ends: Array, angle_deg: float) -> Endplate:
    """Least-squares line through the inner part of a border, cut at two positions along the axis."""
    inner = _between(*INNER)
    centre, level = along[inner].mean(), across[inner].mean()
    offset = along[inner] - centre
    slope = offset @ across[inner] / (offset @ offset)
    return Endplate(*_from_axis(ends, level + slope * (ends - centre), angle_deg))


def _between(begin: float, end: float) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (begin <= STATIONS) & (end >= STATIONS)
    return inside


def _unit(angle_deg: float) -> tuple[Array, Array]:
    """Unit vectors along the axis (backward) and across it (upward), (row, column)."""
    sine, cosine = np.sin(np.radians(angle_deg)), np.cos(np.radians(angle_deg))
    return np.array([-sine, cosine]), np.array([-cosine, -sine])


def _to_axis(points: Points, angle_deg: float) -> tuple[Array, Array]:
    backward, upward = _unit(angle_deg)
    return points @ backward, points @ upward


def _from_axis(along: Array, across: Array, angle_deg: float) -> Points:
    backward, upward = _unit(angle_deg)
    points: Points = along[:, None] * backward + across[:, None] * upward
    return points
