"""Everything that follows the column's curve: skin, fat, muscles, belly, vessels, ligaments, canal."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lumbardisc.levels import CANAL
from lumbardisc.phantom.canvas import Canvas
from lumbardisc.phantom.column import Column
from lumbardisc.phantom.materials import Materials
from lumbardisc.phantom.shapes import Box, Field
from lumbardisc.phantom.texture import Texture

HALF_WIDTH_MM, HALF_DEPTH_MM = 165.0, 110.0  # of the belly's cross-section
_FAR = 500.0


class Around:
    """Points of a canvas seen from the column; each view of them is worked out when it is first asked for."""

    def __init__(self, canvas: Canvas, column: Column) -> None:
        self.points = canvas.points
        self.column = column

    @cached_property
    def entry(self) -> NDArray[np.int32]:
        """Entry of the column's tables."""
        return self.column.at(self.points[2])

    @cached_property
    def u(self) -> Field:
        """mm right of the column."""
        return np.asarray(self.points[0] - self.column.x[self.entry])

    @cached_property
    def ahead(self) -> Field:
        """mm in front of the bodies' front wall."""
        return np.asarray((self.points[1] - self.column.front[self.entry]) * self.column.cosine[self.entry])

    @cached_property
    def behind(self) -> Field:
        """mm behind the bodies' back wall."""
        return np.asarray((self.column.back[self.entry] - self.points[1]) * self.column.cosine[self.entry])

    @cached_property
    def level(self) -> Field:
        """Bodies above the sacrum."""
        return self.column.level[self.entry]

    @cached_property
    def forward(self) -> Field:
        """-1 at the skin of the back, 0 in the middle of the trunk, 1 at the skin of the belly."""
        return np.asarray((self.points[1] - self.column.skin[self.entry]) * np.float32(1 / HALF_DEPTH_MM) - 1.0)

    @cached_property
    def under_skin(self) -> Field:
        """mm under the skin; the trunk's cross-section is a rounded square."""
        wide, deep = (self.points[0] * np.float32(1 / HALF_WIDTH_MM)) ** 2, self.forward**2
        radius = np.sqrt(np.sqrt(wide * wide + deep * deep + wide * deep))
        return np.asarray((1.0 - radius) * np.float32(HALF_DEPTH_MM))

    @cached_property
    def under_fascia(self) -> Field:
        """mm under the fascia that bounds the subcutaneous fat."""
        return np.asarray(self.under_skin - self.column.fat[self.entry])


class Trunk:
    """Paints the soft tissues; ``strokes`` are the boxes and the functions to call for them, in order."""

    def __init__(self, column: Column, materials: Materials, fine: Texture, coarse: Texture) -> None:
        self.column, self.look, self.fine, self.coarse = column, materials, fine, coarse
        back = _slice_of(y=(float(column.skin.min()), float(column.back.max())))
        front = _slice_of(y=(float(column.front.min()), _FAR))
        canal = _slice_of(x=(-40, 40), y=(float(column.back.min()) - 25.0, float(column.back.max()) + 3.0))
        vessels = _slice_of(x=(-70, 70), y=(float(column.front.min()) - 3.0, float(column.front.max()) + 40.0))
        self.strokes = (
            (_slice_of(), self.cover),
            (front, self.belly),
            *((_slice_of(x=x), self.flank) for x in ((-120, -18), (18, 120))),
            (back, self.back_muscles),
            (vessels, self.vessels),
            (canal, self.canal),
        )

    def cover(self, canvas: Canvas) -> None:
        """Air outside, skin, subcutaneous fat with septa, fascia, the belly's wall, fat inside."""
        at, look = Around(canvas, self.column), self.look
        septa = 1.0 - np.abs(self.coarse.at(at.points, (14.0, 11.0, 8.0))) * 6.0
        canvas.fill(at.under_skin > 0, look.septum.rows(septa * 0.8))
        canvas.fill((at.under_skin > 0) & (at.under_skin < 1.7), look.skin)
        inner = at.under_fascia
        canvas.fill(inner > -0.9, look.ligament)
        canvas.fill(inner > 0.0, look.muscle.rows(0.08))
        streaks = 0.16 + 0.13 * self.coarse.at(at.points, (9.0, 9.0, 9.0))
        canvas.fill((inner > 9.0) | ((at.forward < 0.0) & (inner > 0.0)), look.septum.rows(streaks))

    def belly(self, canvas: Canvas) -> None:
        """Bowel loops and small vessels in the visceral fat."""
        at, look = Around(canvas, self.column), self.look
        room = (at.under_fascia > 12.0) & (at.ahead > 30.0 - 0.004 * at.u * at.u)
        loops = np.abs(self.coarse.at(at.points, (40.0, 40.0, 40.0)))
        content = self.coarse.at((at.points[2], at.points[0], at.points[1]), (70.0, 70.0, 70.0))
        depth = (loops - 0.75) * 3.0
        filling = (
            0.5 + 0.3 * np.clip(depth - 0.25, 0.0, 1.0) * content + 0.05 * self.fine.at(at.points, (5.0, 5.0, 5.0))
        )
        canvas.fill(room & (depth > 0.0), look.bowel.rows(filling))
        vessels = np.abs(self.coarse.at((at.points[1], at.points[2], at.points[0]), (26.0, 26.0, 26.0))) < 0.05
        canvas.fill(room & vessels, look.muscle.rows(0.2))

    def flank(self, canvas: Canvas) -> None:
        """One side's psoas, thickest at L4 and then forward along the pelvis, and kidney."""
        at, look = Around(canvas, self.column), self.look
        size = np.maximum(self.column.psoas[at.entry], np.float32(0.1))
        forward = 6.0 * np.clip(2.0 - at.level, 0.0, 4.0) - 18.0
        side = (np.abs(at.u) - 24.0 - 0.75 * size) / size
        deep = (at.ahead - forward) / (1.15 * size)
        streaks = 0.05 + 0.08 * self.coarse.at(at.points, (5.0, 5.0, 24.0))
        canvas.fill(side * side + deep * deep < 1.0, look.muscle.rows(streaks))
        kidney = ((np.abs(at.u) - 62) / 27) ** 2 + ((at.ahead + 22) / 24) ** 2 + ((at.level - 5.2) / 1.7) ** 2
        canvas.fill(kidney < 1.0, look.kidney)

    def back_muscles(self, canvas: Canvas) -> None:
        """Erector muscles, fattier downward, with streaks along the fibres; between the spinous processes ligament."""
        at, look = Around(canvas, self.column), self.look
        beside = np.maximum(np.abs(at.u) - 30.0, 0.0) * np.float32(1 / 42)
        deep = (at.behind - 42.0) * np.float32(1 / 32)
        muscle = (beside * beside + deep * deep < 1.0) & (at.under_fascia > 0)
        fatty = 0.06 + 0.05 * np.clip(4.0 - at.level, 0.0, 4.0)
        streaks = np.abs(self.coarse.at(at.points, (8.0, 7.0, 40.0))) < 0.12
        canvas.fill(muscle, look.muscle.rows(fatty + 0.5 * streaks))
        between = 0.42 + 0.24 * self.coarse.at(at.points, (6.0, 16.0, 6.0))
        canvas.fill(muscle & (np.abs(at.u) < 5.0), look.interspinous.rows(between))

    def vessels(self, canvas: Canvas) -> None:
        """Aorta on the left until L4, then two iliac arteries; vena cava on the right; the anterior ligament."""
        at, look, column = Around(canvas, self.column), self.look, self.column
        radius, shift = column.aorta[at.entry], column.aorta_side[at.entry]
        ahead = at.ahead - radius - 3.0
        below = at.level < 2.0
        cava = ((at.u - 15.0) / 11.0) ** 2 + ((at.ahead - 9.0) / 8.0) ** 2
        canvas.fill((cava < 1.0) & ~below, look.blood)
        for side in (-1.0, 1.0):
            lane = (at.u - np.float32(side) * shift) ** 2 + ahead * ahead
            here = (at.level > -1.0) & (below | (side < 0))
            canvas.fill((lane < (radius + 1.0) ** 2) & here, look.ligament)
            canvas.fill((lane < radius * radius) & here, look.blood)
        ligament = (at.ahead > -2.0) & (at.ahead < 1.1) & (np.abs(at.u) < 12.0)
        canvas.fill(ligament & (at.level > -1.5), look.ligament)

    def canal(self, canvas: Canvas) -> None:
        """Flaval and posterior ligaments, epidural fat, dura, fluid, cord, then nerve roots that lie at the back."""
        at, look, column = Around(canvas, self.column), self.look, self.column
        depth, width = column.canal_depth[at.entry], column.canal_width[at.entry]
        behind = at.behind - depth
        ring = (at.u / (width + 2.2)) ** 2 + (behind / (depth + 2.2)) ** 2
        canvas.fill((ring < 1.0) & (at.level > -3.0), look.ligament)
        canvas.fill((at.u / width) ** 2 + (behind / depth) ** 2 < 1.0, look.fat)
        ligament = (at.behind > -0.6) & (at.behind < 0.9) & (np.abs(at.u) < 7.0)
        canvas.fill(ligament & (at.level > -1.5), look.ligament)
        self._sac(canvas, at)

    def _sac(self, canvas: Canvas, at: Around) -> None:
        """The dural sac down to S2; its inside is what the label map calls the spinal canal."""
        look, column = self.look, self.column
        half, wide = (np.maximum(size[at.entry], np.float32(0.1)) for size in (column.sac_depth, column.sac_width))
        behind = at.behind - column.sac_place[at.entry]
        radius = np.sqrt((at.u / wide) ** 2 + (behind / half) ** 2)
        present = half > 0.3
        canvas.fill((radius < 1.0 + 0.5 / half) & present, look.ligament)
        roots = behind / half * 1.3 + 0.55 * self.coarse.at(at.points, (4.0, 4.0, 60.0))
        canvas.fill((radius < 1.0) & present, look.cauda.rows(np.minimum(roots, 0.8) * (at.level < 7.5)), CANAL)
        cord = column.cord[at.entry]
        inside = (at.u / 1.25) ** 2 + (behind - 0.6) ** 2 < cord * cord
        canvas.fill(inside & (cord > 0.2), look.cord, CANAL)


def _slice_of(
    x: tuple[float, float] = (-_FAR, _FAR),
    y: tuple[float, float] = (-_FAR, _FAR),
    z: tuple[float, float] = (-_FAR, _FAR),
) -> Box:
    """A box bounded in some directions only."""
    return Box(*(np.array((x[end], y[end], z[end])) for end in (0, 1)))
