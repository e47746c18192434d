"""Implicit shapes that can be asked at any points: capsules, plates, endplates and what lies between two of them.

Points are a tuple ``(x, y, z)`` of arrays that broadcast together, patient RAS mm. Distances are in mm, negative
inside, exact for capsules and first-order accurate near the border of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Field = NDArray[Any]
Points = tuple[Field, Field, Field]
Vector = NDArray[np.float64]


def outline_radius(across: Field, ahead: Field) -> Field:
    """Relative radius (1 on the border) in a vertebra's kidney-shaped outline, from u / half width and v / half depth.

    Between an ellipse and a rounded square; the sides lie further back than the middle, which flattens the back.
    """
    wide = across * across
    bent = ahead + 0.16 * (wide - 0.3)
    deep = bent * bent
    return np.asarray(np.sqrt(np.sqrt(wide * wide + deep * deep + 1.1 * wide * deep)))


@dataclass(frozen=True, eq=False)
class Box:
    """An upright box in RAS mm."""

    low: Vector
    high: Vector

    @classmethod
    def around(cls, *corners: Vector, margin: float) -> Self:
        """The smallest box that holds all the points and a margin."""
        stack = np.stack(corners)
        return cls(stack.min(axis=0) - margin, stack.max(axis=0) + margin)

    @property
    def corners(self) -> Vector:
        """The eight corners, (8, 3)."""
        pick = np.indices((2, 2, 2)).reshape(3, 8).T.astype(bool)
        return np.where(pick, self.high, self.low)


@dataclass(frozen=True, eq=False)
class Frame:
    """A place and three directions (rows of ``axes``: right, anterior, up), all in RAS mm."""

    origin: Vector
    axes: Vector

    @classmethod
    def tilted(cls, origin: Vector, tilt_deg: float, lean_deg: float) -> Self:
        """Up leans forward by ``tilt_deg`` (sagittal) and to the right by ``lean_deg`` (coronal)."""
        sin_t, cos_t = np.sin(np.radians(tilt_deg)), np.cos(np.radians(tilt_deg))
        sin_l, cos_l = np.sin(np.radians(lean_deg)), np.cos(np.radians(lean_deg))
        right = (cos_l, -sin_l * sin_t, -sin_l * cos_t)
        return cls(origin, np.array((right, (0.0, cos_t, -sin_t), (sin_l, cos_l * sin_t, cos_l * cos_t))))

    def local(self, points: Points) -> Points:
        """RAS points -> (u right, v anterior, w up) in mm."""
        x, y, z = (axis - axis.dtype.type(start) for axis, start in zip(points, self.origin, strict=True))
        u, v, w = (x.dtype.type(a) * x + x.dtype.type(b) * y + x.dtype.type(c) * z for a, b, c in self.axes)
        return u, v, w

    def world(self, u: float, v: float, w: float) -> Vector:
        """One local point -> RAS mm, (3,)."""
        return self.origin + np.array((u, v, w)) @ self.axes


def midway(one: Frame, other: Frame) -> Frame:
    """The frame half-way between two that differ by a small rotation."""
    up = one.axes[2] + other.axes[2]
    up /= np.linalg.norm(up)
    right = one.axes[0] + other.axes[0]
    right -= up * (right @ up)
    right /= np.linalg.norm(right)
    return Frame((one.origin + other.origin) / 2, np.stack((right, np.cross(up, right), up)))


@dataclass(frozen=True, eq=False)
class Capsule:
    """All points within ``radius`` of a straight segment."""

    start: Vector
    end: Vector
    radius: float

    @property
    def box(self) -> Box:
        """Holds the whole shape."""
        return Box.around(self.start, self.end, margin=self.radius + 0.5)

    def distance(self, points: Points) -> Field:
        """Signed distance to the surface, mm."""
        along = self.end - self.start
        steps = [axis - axis.dtype.type(start) for axis, start in zip(points, self.start, strict=True)]
        scale = along / max(float(along @ along), 1e-12)
        part = np.clip(sum(step * step.dtype.type(s) for step, s in zip(steps, scale, strict=True)), 0.0, 1.0)
        square = sum((step - part * step.dtype.type(d)) ** 2 for step, d in zip(steps, along, strict=True))
        return np.asarray(np.sqrt(square)) - self.radius


@dataclass(frozen=True, eq=False)
class Plate:
    """A flat plate with half sizes ``half`` (right, anterior, up) in its own frame; the outline has round corners."""

    frame: Frame
    half: tuple[float, float, float]
    rounding: float

    @property
    def box(self) -> Box:
        """Holds the whole shape."""
        signs = np.indices((2, 2, 2)).reshape(3, 8).T * 2.0 - 1.0
        return Box.around(*(self.frame.origin + (signs * self.half) @ self.frame.axes), margin=0.5)

    def distance(self, points: Points) -> Field:
        """Signed distance to the surface, mm (a little too small beyond an edge)."""
        across, ahead, up = (np.abs(axis) for axis in self.frame.local(points))
        ahead, up = (axis - np.float32(h - self.rounding) for axis, h in zip((ahead, up), self.half[1:], strict=True))
        outside = np.sqrt(np.maximum(ahead, 0.0) ** 2 + np.maximum(up, 0.0) ** 2)
        outline = outside + np.minimum(np.maximum(ahead, up), 0.0) - self.rounding
        return np.asarray(np.maximum(outline, across - np.float32(self.half[0])))


@dataclass(frozen=True, eq=False)
class Union:
    """Several shapes grown together."""

    parts: tuple[Capsule | Plate, ...]

    @property
    def box(self) -> Box:
        """Holds all the parts."""
        boxes = [part.box for part in self.parts]
        return Box(np.min([box.low for box in boxes], axis=0), np.max([box.high for box in boxes], axis=0))

    def distance(self, points: Points) -> Field:
        """Signed distance to the nearest part's surface, mm (exact outside)."""
        return reduce(np.minimum, (part.distance(points) for part in self.parts))


@dataclass(frozen=True, eq=False)
class Endplate:
    """One endplate: a kidney-shaped plate with half depth and half width (mm) whose middle domes up by ``dome_mm``."""

    frame: Frame
    half_depth: float
    half_width: float
    dome_mm: float

    def rim(self) -> list[Vector]:
        """Corners of the rectangle around the rim, RAS mm."""
        deep, wide = self.half_depth, self.half_width
        return [self.frame.world(u, v, 0.0) for u, v in ((-wide, -deep), (-wide, deep), (wide, -deep), (wide, deep))]

    def above(self, points: Points) -> Points:
        """(u, v, height over the domed surface), mm. The dome is a paraboloid inside 95 % of the outline."""
        u, v, w = self.frame.local(points)
        across, ahead = u * u.dtype.type(1 / self.half_width), v * v.dtype.type(1 / self.half_depth)
        dome = np.maximum(1.0 - (across * across + ahead * ahead) * (1 / 0.9), 0.0)
        return u, v, w - w.dtype.type(self.dome_mm) * dome


class Between(NamedTuple):
    """Where points lie between two endplates.

    u, v: mm right and forward of the axis. part: 0 at the bottom, 1 at the top. below_top, above_bottom: mm of room.
    radius: 1 on the outline. reach: mm from the axis to the outline in this direction.
    """

    u: Field
    v: Field
    part: Field
    below_top: Field
    above_bottom: Field
    radius: Field
    reach: Field

    @property
    def waist(self) -> Field:
        """0 at the endplates, 1 half-way between them."""
        return 4.0 * self.part * (1.0 - self.part)


@dataclass(frozen=True, eq=False)
class Slab:
    """What lies between two endplates: a vertebral body or a disc."""

    top: Endplate
    bottom: Endplate

    @property
    def frame(self) -> Frame:
        """Half-way between the two endplates."""
        return midway(self.bottom.frame, self.top.frame)

    def box(self, margin: float) -> Box:
        """Holds the slab with room (mm) for domes, bulges and osteophytes."""
        return Box.around(*self.top.rim(), *self.bottom.rim(), margin=margin)

    def between(self, points: Points) -> Between:
        """The slab's own coordinates of points; its outline changes evenly from one endplate to the other."""
        u_top, v_top, over_top = self.top.above(points)
        u_low, v_low, above = self.bottom.above(points)
        below = -over_top
        part = np.clip(above / np.maximum(above + below, 0.2), 0.0, 1.0)
        u, v = u_low + part * (u_top - u_low), v_low + part * (v_top - v_low)
        wide = self.bottom.half_width + part * part.dtype.type(self.top.half_width - self.bottom.half_width)
        deep = self.bottom.half_depth + part * part.dtype.type(self.top.half_depth - self.bottom.half_depth)
        radius = outline_radius(u / wide, v / deep) + np.float32(1e-4)
        return Between(u, v, part, below, above, radius, np.sqrt(u * u + v * v) / radius)
