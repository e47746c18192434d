"""The smooth 3D curve of the spine, tabulated along z, and the soft tissues that follow it.

Each table has one entry per 0.25 mm of height; ``Column.at`` turns heights into entries. Distances across the curve are
first-order: (y - wall) x cosine of the wall's tilt, good for the few centimetres of canal, ligaments and vessels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbardisc.phantom.anatomy import SpineShape
from lumbardisc.phantom.shapes import Field, Vector

_STEP = 0.25
_REACH = 320.0  # mm above and below the middle of the spine


@dataclass(frozen=True, eq=False)
class Column:
    """Tables along z (float32, mm unless said otherwise).

    x, front, back: middle and walls of the bodies (RAS x; RAS y). cosine: of the wall's tilt. level: bodies above the
    sacrum (1 = L5). skin: RAS y of the back's skin. fat: thickness of the subcutaneous fat behind. canal: half depth
    and half width. sac: the same and the distance of its middle behind the back wall. cord: half depth (0 below the
    conus). aorta: radius and distance of the (iliac) arteries from the middle. psoas: half width.
    """

    low: float
    x: Field
    front: Field
    back: Field
    cosine: Field
    level: Field
    skin: Field
    fat: Field
    canal_depth: Field
    canal_width: Field
    sac_place: Field
    sac_depth: Field
    sac_width: Field
    cord: Field
    aorta: Field
    aorta_side: Field
    psoas: Field

    def at(self, z: Field) -> NDArray[np.int32]:
        """Table entries of heights, clipped to the ends."""
        return np.asarray(
            np.clip((z - np.float32(self.low)) * np.float32(1 / _STEP), 0, len(self.x) - 1), dtype=np.int32
        )


def trace_column(spine: SpineShape) -> Column:
    """Lay smooth curves along the walls of the bodies; canal, cord and vessels by level (conus at about L1)."""
    rng = np.random.default_rng((spine.seed, 3))
    z = np.arange(-_REACH, _REACH, _STEP) + spine.bodies[2].slab.frame.origin[2]
    size = spine.size
    back = _wall(spine, z, -1.0)
    front = _wall(spine, z, 1.0)
    level = _levels(spine, z)
    conus = float(np.clip(rng.normal(spine.lumbar_bodies + 0.1, 0.35), 3.5, 6.5))

    def by_level(*knots: tuple[float, float]) -> Field:
        places, values = zip(*knots, strict=True)
        return np.asarray(np.interp(level, places, values), dtype=np.float32)

    back_fat = float(rng.uniform(0.7, 1.9))
    fat = size * back_fat * by_level((-4, 22), (-1, 16), (1, 18), (3, 13), (7, 8), (10, 7))
    canal_depth = size * by_level((-4, 2), (-2, 4), (0, 8.0), (1, 9), (4, 8.5), (10, 8))
    sac_depth = size * by_level((-2.1, 0), (-1.8, 1.5), (-1, 3.2), (0, 5.6), (1.2, 7), (4, 7.2), (10, 6.6))
    place = canal_depth + size * by_level((-2, 0), (0, 1.2), (1.5, 0.2), (10, 0.1))
    return Column(
        low=float(z[0]),
        x=_centre(spine, z),
        front=front,
        back=back,
        cosine=(1.0 / np.hypot(1.0, np.gradient(back, _STEP))).astype(np.float32),
        level=level.astype(np.float32),
        skin=_skin(back, z, fat, size),
        fat=fat,
        canal_depth=canal_depth,
        canal_width=size * by_level((-4, 5), (0, 14), (1, 13), (4, 11.5), (10, 10)),
        sac_place=place,
        sac_depth=sac_depth,
        sac_width=size * by_level((-2.1, 0), (-1.5, 4), (0, 8), (1, 9.5), (4, 10), (10, 9)),
        cord=size * np.clip((level - conus) * 5.0, 0.0, by_level((5, 4.3), (7, 4.0), (10, 3.4))).astype(np.float32),
        aorta=size * by_level((1.2, 5.0), (1.9, 6.5), (2.4, 8.5), (8, 11)),
        aorta_side=size * by_level((-1, 34), (1.2, 20), (2.0, 9), (3, 8), (10, 7)),
        psoas=size * by_level((-2, 12), (0, 17), (2, 19), (4, 11), (5.5, 3), (6, 0)),
    )


def _knots(spine: SpineShape, side: float) -> list[Vector]:
    """Points of the front (+1) or back (-1) wall, from the sacrum upward."""
    plates = [plate for body in spine.sacrum[::-1] for plate in (body.slab.bottom, body.slab.top)]
    plates += [plate for body in spine.bodies for plate in (body.slab.bottom, body.slab.top)]
    return [plate.frame.world(0.0, side * plate.half_depth, 0.0) for plate in plates]


def _wall(spine: SpineShape, z: Field, side: float) -> Field:
    """RAS y of one wall at each height, smoothed; straight beyond the ends."""
    return _smooth(_along(_knots(spine, side), z, 1), 4.0)


def _centre(spine: SpineShape, z: Field) -> Field:
    """RAS x of the middle of the bodies at each height."""
    return _smooth(_along([body.slab.frame.origin for body in (*spine.sacrum[::-1], *spine.bodies)], z, 0), 8.0)


def _levels(spine: SpineShape, z: Field) -> Field:
    """Bodies above the sacrum at each height: 1 in the middle of L5, 0 in the middle of S1, negative below."""
    middles = [body.slab.frame.origin for body in (*spine.sacrum[::-1], *spine.bodies)]
    heights = np.maximum.accumulate([place[2] for place in middles])
    first = 1 - len(spine.sacrum)
    return np.asarray(np.interp(z, heights, np.arange(first, first + len(middles), dtype=float)))


def _along(points: list[Vector], z: Field, axis: int) -> Field:
    """Piecewise linear through the points as a function of height."""
    points = sorted(points, key=lambda point: float(point[2]))
    return np.asarray(np.interp(z, [point[2] for point in points], [point[axis] for point in points]))


def _smooth(values: Field, sigma_mm: float) -> Field:
    """Gaussian smoothing along the table."""
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(values, sigma_mm / _STEP, mode="nearest"), dtype=np.float32)


def _skin(back: Field, z: Field, fat: Field, size: float) -> Field:
    """RAS y of the skin of the back: a flattened copy of the spine's curve, behind spinous processes and fat."""
    flat = _smooth(back, 45.0)
    behind = _smooth(np.asarray(np.minimum(flat, back + 4.0)), 15.0)
    return behind - np.float32(57.0 * size) - fat + np.float32(0.0) * z.astype(np.float32)
