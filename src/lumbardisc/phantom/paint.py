"""Which palette row and which label a point of space has: the anatomy painted from the outside in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from lumbardisc.phantom.anatomy import BodyShape, DiscShape, SpineShape
from lumbardisc.phantom.canvas import Canvas, corners_of
from lumbardisc.phantom.column import trace_column
from lumbardisc.phantom.materials import lay_out
from lumbardisc.phantom.nucleus import inner_place
from lumbardisc.phantom.shapes import Between, Box, Field, Slab, Union, outline_radius
from lumbardisc.phantom.texture import draw_texture
from lumbardisc.phantom.trunk import Trunk

_CORTEX_MM = 1.0
Stroke = tuple[Box, Callable[[Canvas], None]]


class Painter:
    """Paints planes of one spine. Holds what is worked out once: tables, palette, textures, the order of strokes."""

    def __init__(self, spine: SpineShape) -> None:
        self.spine = spine
        self.column = trace_column(spine)
        self.materials = lay_out(spine)
        self.fine = draw_texture(spine.seed)
        coarse = draw_texture(spine.seed, edge=128, grain=24.0)
        trunk = Trunk(self.column, self.materials, self.fine, coarse)
        strokes = [*trunk.strokes, *self._bones()]
        self._corners = corners_of([box for box, _ in strokes])
        self._paint = [paint for _, paint in strokes]

    def paint(self, canvas: Canvas) -> None:
        """Paint one plane wholly."""
        canvas.rows[...] = self.materials.air
        for part, paint in zip(canvas.windows(self._corners), self._paint, strict=True):
            if part is not None:
                paint(part)

    def _bones(self) -> Iterator[Stroke]:
        """Wings of the sacrum, arches, bodies, then the discs between them."""
        spine = self.spine
        for segment in spine.sacrum[:3]:
            box = segment.box
            yield (
                Box(box.low - np.array((24.0, 6.0, 0.0)), box.high + np.array((24.0, 0.0, 0.0))),
                partial(self._wing, segment),
            )
        for arch in spine.arches:
            yield arch.box, partial(self._arch, arch)
        for body in (*spine.sacrum, *spine.bodies):
            yield body.box, partial(self._body, body)
        for gap in spine.sacral_discs:
            yield gap.box(1.0), partial(self._rudiment, gap)
        for disc in spine.discs:
            yield disc.box, partial(self._disc, disc)

    def _bone(self, canvas: Canvas, depth: Field, fatty: float | Field, label: int | None) -> None:
        """Marrow with a dark cortical rim wherever ``depth`` (mm inside the bone) is positive."""
        points = canvas.points
        grain = 0.05 * self.fine.at(points, (3.2,) * 3) + 0.05 * self.fine.at(points, (14.0,) * 3)
        canvas.fill(depth > 0, self.materials.bone, label)
        canvas.fill(depth > _CORTEX_MM, self.materials.marrow.rows(fatty + grain))

    def _wing(self, segment: BodyShape, canvas: Canvas) -> None:
        """The sacrum's wings: the segment's bone, wider and further back, without a label."""
        slab = segment.slab
        at = slab.between(canvas.points)
        reach = np.float32(slab.top.half_width + slab.bottom.half_width)
        radius = outline_radius(at.u / reach, (at.v + 5.0) / np.float32(0.75 * slab.top.half_depth))
        depth = np.minimum((1.0 - radius) * 10.0, np.minimum(at.below_top, at.above_bottom) + 1.0)
        beside_canal = np.abs(at.u) - 15.0
        self._bone(canvas, np.minimum(depth, beside_canal), segment.fatty, None)

    def _arch(self, arch: Union, canvas: Canvas) -> None:
        """One piece of a bony arch; the painted canal stays open."""
        self._bone(canvas, -arch.distance(canvas.points), 0.55, None)

    def _body(self, body: BodyShape, canvas: Canvas) -> None:
        """One vertebral body: cortex, textured marrow, Modic changes, the basivertebral vein."""
        at = body.slab.between(canvas.points)
        depth = np.minimum(np.minimum(at.below_top, at.above_bottom), -body.side(at))
        self._bone(canvas, depth, body.fatty + _fatty_modic(body, at), body.label)
        for kind, room in zip(body.modic, (at.below_top, at.above_bottom), strict=True):
            if kind in self.materials.modic:
                change = _beside_endplate(room)
                canvas.fill((change > 0.1) & (depth > _CORTEX_MM), self.materials.modic[kind].rows(change))
        if body in self.spine.bodies:
            self._vein(canvas, body, at, depth)

    def _vein(self, canvas: Canvas, body: BodyShape, at: Between, depth: Field) -> None:
        """The basivertebral vein's notch: a small wedge in the middle of the back wall."""
        height = (at.above_bottom - at.below_top) * 0.5
        inward = at.v + np.float32(body.slab.bottom.half_depth * (1.0 - body.waist))
        notch = (np.abs(height) < 2.0 - inward * 0.28) & (np.abs(at.u) < 6.0) & (depth > -0.8)
        canvas.fill(notch, self.materials.vein)

    def _rudiment(self, gap: Slab, canvas: Canvas) -> None:
        """A rudimentary sacral disc: a thin dark line with little nucleus, unlabelled."""
        at = gap.between(canvas.points)
        room = np.minimum(at.below_top, at.above_bottom)
        canvas.fill((room > -0.3) & (at.radius < 0.97), self.materials.ligament)
        canvas.fill((room > 0.9) & (at.radius < 0.7), self.materials.annulus)

    def _disc(self, disc: DiscShape, canvas: Canvas) -> None:
        """One disc: dark outer annulus, inner annulus, nucleus."""
        at = disc.slab.between(canvas.points)
        inside = np.minimum(np.minimum(at.below_top, at.above_bottom), -disc.side(at)) > 0
        place = inner_place(disc, at, canvas.points, self.fine)
        canvas.fill(inside, self.materials.discs[disc.label - 1].rows(place), disc.label)


def _fatty_modic(body: BodyShape, at: Between) -> Field:
    """Additional fat beside endplates with Modic type 2."""
    rooms = zip(body.modic, (at.below_top, at.above_bottom), strict=True)
    return np.asarray(sum((0.5 * _beside_endplate(room) for kind, room in rooms if kind == 2), np.float32(0.0)))


def _beside_endplate(room: Field) -> Field:
    """1 at an endplate, fading to 0 within about a centimetre."""
    return np.asarray(np.exp(-((room / 6.5) ** 2)))
