"""The spine that a seed draws: vertebral bodies, sacrum, discs and arches as frozen shapes in patient RAS mm.

Sizes are means of adults, close to Panjabi 1992 (lumbar bodies), Nissan and Gilad 1986 (sagittal sizes and disc heights
from lateral radiographs) and Onishi 2019 (disc heights on MRI), rounded; a seed scales them by +- 10 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from lumbardisc.errors import UsageError
from lumbardisc.levels import SACRUM, disc_name
from lumbardisc.phantom.degeneration import GRADES, Degeneration, draw_degeneration
from lumbardisc.phantom.shapes import Between, Box, Capsule, Endplate, Field, Frame, Plate, Points, Slab, Union, Vector


@dataclass(frozen=True)
class _Level:
    """Healthy mean size of one body and the disc below it, mm and degrees (a wedge is open in front)."""

    height: float
    half_depth: float
    half_width: float
    wedge: float
    disc_height: float
    disc_wedge: float


# counted upward from the sacrum: L5, L4, L3, L2, L1, T12, ... T9
_LEVELS = (
    _Level(25.5, 17.3, 25.0, 7.5, 10.8, 12.5),
    _Level(26.5, 17.4, 24.2, 1.5, 11.6, 9.5),
    _Level(27.0, 17.3, 23.0, 0.0, 11.0, 7.0),
    _Level(26.8, 17.0, 22.0, -1.0, 10.0, 5.0),
    _Level(26.2, 16.6, 21.2, -2.0, 8.8, 3.5),
    _Level(25.2, 16.0, 20.5, -2.5, 7.4, 1.5),
    _Level(23.8, 15.5, 19.0, -3.0, 6.4, 0.5),
    _Level(22.6, 15.0, 17.5, -3.0, 5.6, 0.0),
    _Level(21.6, 14.5, 16.5, -3.0, 5.0, 0.0),
    _Level(20.8, 14.2, 16.0, -3.0, 4.8, 0.0),
)
# S1 ... S5: height, half depth and half width at the top, wedge (the sacrum is concave in front)
_SACRAL = ((29, 16.5, 25, 6), (24, 11.0, 19, -3), (20, 8.0, 15, -13), (17, 6.5, 12, -17), (14, 5.5, 9, -14))


@dataclass(frozen=True, eq=False)
class BodyShape:
    """A vertebral body or sacral segment. ``label``: its number in the label map, 0 for S2 and below.

    ``osteophytes_mm`` and ``modic`` are (top, bottom); Modic type 0 is none. ``fatty``: fat fraction of its marrow.
    """

    label: int
    slab: Slab
    waist: float
    osteophytes_mm: tuple[float, float]
    modic: tuple[int, int]
    fatty: float

    @property
    def box(self) -> Box:
        """Holds the whole shape."""
        return self.slab.box(1.5 + max(self.osteophytes_mm))

    def side(self, at: Between) -> Field:
        """Signed distance (mm) to the side wall: a waist half-way, lips in front at worn endplates."""
        lips: Field = np.zeros((1, 1), dtype=np.float32)
        for size, room in zip(self.osteophytes_mm, (at.below_top, at.above_bottom), strict=True):
            if size > 0:
                lips = lips + size * np.exp(-((room / 3.5) ** 2)) * np.clip(0.45 + at.v / at.reach, 0.0, 1.0)
        return (at.radius - 1.0 + self.waist * at.waist) * at.reach - lips

    def depth(self, points: Points) -> Field:
        """Distance (mm) to the nearest wall or endplate, positive inside."""
        at = self.slab.between(points)
        return np.minimum(np.minimum(at.below_top, at.above_bottom), -self.side(at))


@dataclass(frozen=True, eq=False)
class DiscShape:
    """A disc between two bodies. ``bulge_mm``: (front, back) beyond the endplates' rims, half-way between them.

    ``protrusion_mm``: a focal bulge at the back, ``protrusion_at_mm`` to the right of the middle.
    """

    label: int
    slab: Slab
    degeneration: Degeneration
    bulge_mm: tuple[float, float]
    protrusion_mm: float
    protrusion_at_mm: float

    @property
    def level(self) -> str:
        """Name by count from the sacrum."""
        return disc_name(self.label)

    @property
    def box(self) -> Box:
        """Holds the whole shape."""
        return self.slab.box(1.5 + max(self.bulge_mm) + self.protrusion_mm)

    def side(self, at: Between) -> Field:
        """Signed distance (mm) to the outer border, which bulges between the endplates."""
        front, back = self.bulge_mm
        backward = -at.v / at.reach
        bulge = (front + back) / 2 + (back - front) / 2 * backward
        if self.protrusion_mm > 0:
            focus = np.exp(-(((at.u - np.float32(self.protrusion_at_mm)) / 6.0) ** 2))
            bulge = bulge + self.protrusion_mm * focus * np.clip(2.0 * backward - 1.0, 0.0, 1.0)
        return (at.radius - 1.0) * at.reach - bulge * at.waist

    def depth(self, points: Points) -> Field:
        """Distance (mm) to the nearest endplate or the outer border, positive inside."""
        at = self.slab.between(points)
        return np.minimum(np.minimum(at.below_top, at.above_bottom), -self.side(at))


@dataclass(frozen=True, eq=False)
class SpineShape:
    """A whole spine: bodies and discs counted upward from the sacrum, sacral segments downward, bony arches.

    ``lumbar_bodies``: 4, 5 or 6 (what is lumbar shows in sizes, angles and the level of the conus).
    ``age_years``: of the spine's owner.
    """

    seed: int
    age_years: float
    lumbar_bodies: int
    size: float
    bodies: tuple[BodyShape, ...]
    sacrum: tuple[BodyShape, ...]
    discs: tuple[DiscShape, ...]
    sacral_discs: tuple[Slab, ...]
    arches: tuple[Union, ...]

    @property
    def lordosis_deg(self) -> float:
        """Angle between the upper endplates of L1 (fifth above the sacrum) and S1, positive for lordosis."""
        upper, lower = self.bodies[4].slab.top.frame.axes[2], self.sacrum[0].slab.top.frame.axes[2]
        tilts = [np.degrees(np.arctan2(up[1], up[2])) for up in (lower, upper)]
        return float(tilts[0] - tilts[1])


@dataclass(frozen=True, eq=False)
class _Posture:
    """What a seed draws for the whole spine."""

    size: float
    middle_tilt_deg: float
    curviness: float
    scoliosis_deg: float
    place: Vector

    def lean_deg(self, count: float) -> float:
        """Coronal lean of the spine at a count above the sacrum."""
        return self.scoliosis_deg * float(np.sin(count * 2 * np.pi / 9.0))


def draw_spine(
    seed: int,
    *,
    lumbar_bodies: int | None = None,
    grades: Sequence[int] | None = None,
    scoliosis_deg: float | None = None,
) -> SpineShape:
    """Draw a spine from a seed.

    grades: Pfirrmann grades 1-5, lowest disc first (L5/S1, L4/L5, ...), the rest drawn. scoliosis_deg: largest coronal
    lean. lumbar_bodies: 4, 5 or 6; by default 5, and 4 or 6 each in 4 % of seeds.
    Raises UsageError for a number of bodies or a grade that does not exist.
    """
    rng = np.random.default_rng((seed, 1))
    lumbar = int(rng.choice((4, 5, 6), p=(0.04, 0.92, 0.04))) if lumbar_bodies is None else lumbar_bodies
    if lumbar not in (4, 5, 6):
        raise UsageError(f"a phantom has 4, 5 or 6 lumbar bodies, not {lumbar}")
    posture = _draw_posture(rng, scoliosis_deg)
    levels = _levels(lumbar)
    wear = _draw_wear(rng, len(levels), grades)
    states = np.random.default_rng((seed, 5))
    age = _draw_age(states, wear[:lumbar])
    worn = [draw_degeneration(each, states) for each in wear]
    details = np.random.default_rng((seed, 2))
    centred = _build(seed, age, lumbar, posture, levels, worn, details)
    middle = centred.bodies[2].slab.frame.origin
    posture = replace(posture, place=posture.place - middle)
    return _build(seed, age, lumbar, posture, levels, worn, np.random.default_rng((seed, 2)))


def _draw_posture(rng: np.random.Generator, scoliosis_deg: float | None) -> _Posture:
    """Adult size and posture lying on the back."""
    scoliosis = float(rng.normal(0.0, 2.0)) if scoliosis_deg is None else scoliosis_deg
    size, tilt, curviness = rng.uniform(0.9, 1.1), rng.normal(-3.0, 2.5), rng.uniform(0.85, 1.3)
    place = rng.normal(0.0, (2.0, 3.0, 6.0))
    return _Posture(float(size), float(np.clip(tilt, -8, 2)), float(curviness), scoliosis, place)


def _levels(lumbar: int) -> tuple[_Level, ...]:
    """Sizes for 4, 5 or 6 lumbar bodies: one mid-lumbar level left out or repeated."""
    return {4: _LEVELS[:2] + _LEVELS[3:], 5: _LEVELS, 6: _LEVELS[:3] + _LEVELS[2:]}[lumbar]


def _draw_wear(rng: np.random.Generator, count: int, given: Sequence[int] | None) -> list[float]:
    """Wear of each disc (its grade is the nearest whole number): one draw for the spine, more at the two lowest discs.

    A given grade leaves the wear anywhere inside it.
    """
    whole = rng.uniform(0.0, 3.2)
    extra = np.array((0.9, 0.9, 0.3, 0.1) + (0.0,) * count)[:count]
    drawn = np.clip(1.1 + whole + extra + rng.normal(0.0, 0.55, count), 0.5, 5.5)
    if any(grade not in GRADES for grade in given or ()):
        raise UsageError(f"Pfirrmann grades are 1 to 5, not {list(given or ())}")
    asked = [grade + rng.uniform(-0.49, 0.49) for grade in given or ()]
    return [*asked, *drawn[len(asked) :].tolist()][:count]


def _draw_age(rng: np.random.Generator, lumbar_wear: Sequence[float]) -> float:
    """Years of the spine's owner: older ones have more worn lumbar discs, with much scatter."""
    return float(np.clip(12.0 + 13.0 * np.mean(lumbar_wear) + rng.normal(0.0, 10.0), 18.0, 88.0))


def _build(
    seed: int,
    age: float,
    lumbar: int,
    posture: _Posture,
    levels: Sequence[_Level],
    worn: Sequence[Degeneration],
    rng: np.random.Generator,
) -> SpineShape:
    """Stack discs and bodies upward from S1, and the sacrum downward."""
    fatty = float(rng.uniform(0.4, 0.68))
    slope = _sacral_slope(posture, levels, worn)
    base = Frame.tilted(posture.place, slope, posture.lean_deg(0))
    plates = _endplates(base, slope, posture, levels, worn)
    modic = [_draw_modic(rng, wear) for wear in worn]
    discs = tuple(_draw_disc(rng, i + 1, Slab(plates[2 * i + 1], plates[2 * i]), wear) for i, wear in enumerate(worn))
    bodies = []
    for i in range(len(levels)):
        above = (worn[i + 1].osteophyte_mm, modic[i + 1]) if i + 1 < len(levels) else (0.0, 0)
        slab = Slab(plates[2 * i + 2], plates[2 * i + 1])
        lips, changes = (above[0], worn[i].osteophyte_mm), (above[1], modic[i])
        bodies.append(BodyShape(SACRUM + i + 1, slab, 0.075, lips, changes, float(fatty + rng.normal(0, 0.03))))
    sacrum = _sacrum(plates[0], slope, posture, worn[0].osteophyte_mm, modic[0], fatty)
    arches = tuple(part for body in bodies for part in _arch(body.slab, posture.size))
    gaps = tuple(Slab(a.slab.bottom, b.slab.top) for a, b in pairwise(sacrum))
    return SpineShape(seed, age, lumbar, posture.size, tuple(bodies), sacrum, discs, gaps, (*arches, *_crest(sacrum)))


def _sacral_slope(posture: _Posture, levels: Sequence[_Level], worn: Sequence[Degeneration]) -> float:
    """Tilt of S1's endplate in degrees: what the discs and bodies up to L3 add to the tilt of L3."""
    discs = sum(level.disc_wedge * wear.wedge for level, wear in zip(levels[:3], worn, strict=False))
    bodies = sum(level.wedge for level in levels[:2])
    return posture.middle_tilt_deg + posture.curviness * (discs + bodies)


def _endplates(
    base: Frame, slope: float, posture: _Posture, levels: Sequence[_Level], worn: Sequence[Degeneration]
) -> list[Endplate]:
    """All endplates upward: S1 top, L5 bottom, L5 top, L4 bottom, ..."""
    size, tilt, place = posture.size, slope, base.origin
    plates = [Endplate(base, 16.6 * size, 24.5 * size, -0.8 * size)]
    for i, (level, wear) in enumerate(zip(levels, worn, strict=True)):
        deep_enough = level.disc_height * size * wear.height**0.5  # worn endplates are flatter
        dome, dip = 0.17 * deep_enough, (0.06 if i == 0 else 0.1) * deep_enough
        plates[-1] = replace(plates[-1], dome_mm=-dip)
        wedge = level.disc_wedge * posture.curviness * wear.wedge
        rim = level.disc_height * size * wear.height - dome - dip
        room = 1.0 + level.half_depth * size * np.sin(np.radians(abs(wedge) / 2))  # the back rims must not touch
        place = _step(place, tilt - wedge / 2, posture.lean_deg(i + 0.3), max(rim, room))
        tilt -= wedge
        deep, wide = level.half_depth * size, level.half_width * size
        plates.append(Endplate(Frame.tilted(place, tilt, posture.lean_deg(i + 0.5)), deep, wide, dome))
        wedge = level.wedge * posture.curviness
        place = _step(place, tilt - wedge / 2, posture.lean_deg(i + 0.7), level.height * size)
        tilt -= wedge
        plates.append(Endplate(Frame.tilted(place, tilt, posture.lean_deg(i + 1)), 0.97 * deep, 0.96 * wide, -1.0))
    return plates


def _step(place: Vector, tilt_deg: float, lean_deg: float, length: float) -> Vector:
    """Go up along a tilted axis."""
    return Frame.tilted(place, tilt_deg, lean_deg).world(0.0, 0.0, length)


def _draw_modic(rng: np.random.Generator, wear: Degeneration) -> int:
    """Modic type beside a disc; type 2 (fat) is the most frequent."""
    chance, kind = rng.random(), int(rng.choice((1, 2, 2, 2, 3)))
    return kind if chance < wear.modic_chance else 0


def _draw_disc(rng: np.random.Generator, label: int, slab: Slab, wear: Degeneration) -> DiscShape:
    """A disc's bulge and, in some worn discs, a protrusion."""
    front, back = wear.bulge_mm * rng.uniform(0.8, 1.3, 2)
    herniated, size, at = rng.random() < 0.25, rng.uniform(2.0, 4.5), rng.normal(0.0, 4.0)
    protrusion = float(size) if herniated and wear.grade in (3, 4) and label <= 3 else 0.0
    return DiscShape(label, slab, wear, (float(front), float(0.8 * back)), protrusion, float(at))


def _sacrum(
    top: Endplate, tilt: float, posture: _Posture, lips: float, modic: int, fatty: float
) -> tuple[BodyShape, ...]:
    """S1 to S5 below the first endplate, with room for rudimentary discs."""
    size, place = posture.size, top.frame.origin
    segments = []
    sizes = [*_SACRAL, (12, 4.5, 7, 0)]
    for i, ((height, _, _, wedge), (_, deep, wide, _)) in enumerate(pairwise(sizes)):
        place = _step(place, tilt + wedge / 2, posture.lean_deg(0), -height * size)
        tilt += wedge
        bottom = Endplate(Frame.tilted(place, tilt, posture.lean_deg(0)), deep * size * 1.08, wide * size, 0.6)
        segments.append(
            BodyShape(
                SACRUM if i == 0 else 0, Slab(top, bottom), 0.05, (lips if i == 0 else 0.0, 0.0), (modic, 0), fatty
            )
        )
        modic = 0
        place = _step(place, tilt, posture.lean_deg(0), -(3.4 if i == 0 else 1.6) * size)
        top = Endplate(Frame.tilted(place, tilt, posture.lean_deg(0)), deep * size, wide * size, -0.4)
    return tuple(segments)


def _arch(body: Slab, size: float) -> list[Union]:
    """One vertebra's spinous process with laminae, and each side's pedicle, articular pillar and transverse process."""
    frame, back = body.frame, -(body.top.half_depth + body.bottom.half_depth) / 2
    scale = size * body.bottom.half_width / 24.0

    def rod(side: float, start: Sequence[float], end: Sequence[float], radius: float) -> Capsule:
        first, last = (frame.world(side * u * scale, back + v * size, w * size) for u, v, w in (start, end))
        return Capsule(first, last, radius * size)

    laminae = [rod(side, (13, -19, -3), (3, -25, -9), 3.6) for side in (-1.0, 1.0)]
    pillars = [
        Union(
            (
                rod(side, (15, 2, 6), (16, -13, 6), 5.5),  # pedicle
                rod(side, (18, -15, 15), (17, -18, -19), 5.5),  # articular pillar
                rod(side, (20, -15, 5), (42, -19, 5), 3.8),  # transverse process
            )
        )
        for side in (-1.0, 1.0)
    ]
    return [Union((_spinous(frame, back, size), *laminae)), *pillars]


def _spinous(frame: Frame, back: float, size: float) -> Plate:
    """A hatchet-shaped plate that points backward and a little down."""
    place = frame.world(0.0, back - 38.0 * size, -13.0 * size)
    down = np.radians(14.0)
    turn = np.array(((1, 0, 0), (0, np.cos(down), np.sin(down)), (0, -np.sin(down), np.cos(down))))
    return Plate(Frame(place, turn @ frame.axes), (3.6 * size, 15.0 * size, 9.0 * size), 6.5 * size)


def _crest(sacrum: Sequence[BodyShape]) -> list[Union]:
    """The median sacral crest behind S1 to S3, thinning downward."""
    crest = []
    for i, body in enumerate(sacrum[:3]):
        back = -(body.slab.top.half_depth + body.slab.bottom.half_depth) / 2
        frame = body.slab.frame
        place = Frame(frame.world(0.0, back - (21.0 - 4.0 * i), -2.0), frame.axes)
        crest.append(Plate(place, (3.0, 5.5 - i, 9.0 - 2 * i), 3.0))
    return [Union(tuple(crest))]
