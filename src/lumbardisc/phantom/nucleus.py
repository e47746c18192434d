"""Inside a disc: where a point lies between outer fibres and nucleus; T1rho of the central 1 cm2 of the nucleus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from lumbardisc.phantom.anatomy import DiscShape, SpineShape
from lumbardisc.phantom.materials import INNER_ANNULUS, Materials, lay_out
from lumbardisc.phantom.sequence import SPIN_LOCK_MS, sequences_of
from lumbardisc.phantom.shapes import Between, Field, Points
from lumbardisc.phantom.texture import Texture, draw_texture
from lumbardisc.phantom.tissue import Palette

CENTRE_MM2 = 100.0  # the region of interest of Li 2024
_FIELD_T = 1.5  # as there
_FADING = 0.2  # share of the nucleus that is lost between its centre and its border


def inner_place(disc: DiscShape, at: Between, points: Points, fine: Texture) -> Field:
    """Where points lie on the disc's ramp: 0 outer fibres, ``INNER_ANNULUS``, 1 nucleus."""
    uneven = disc.degeneration.uneven * fine.at(points, (9.0, 9.0, 4.0))
    fibres = np.clip((1.02 - at.radius) / 0.2, 0.0, 1.0)
    return np.asarray(INNER_ANNULUS * fibres + (1.0 - INNER_ANNULUS) * _nucleus(disc, at) * (1.0 + uneven))


def _nucleus(disc: DiscShape, at: Between) -> Field:
    """How much a point belongs to the nucleus, 0-1: fading from the centre, with a blurred border and a cleft."""
    wear, height, core = disc.degeneration, 2.0 * at.part - 1.0, _core(disc, at)
    nucleus = np.clip(0.5 + (1.0 - core) / wear.border, 0.0, 1.0) * (1.0 - _FADING * np.minimum(core * core, 1.0))
    return np.asarray(nucleus * (1.0 - wear.cleft * np.exp(-((height / 0.22) ** 2)) * (core < 0.85)))


def _core(disc: DiscShape, at: Between) -> Field:
    """Distance from the middle of the nucleus, a flat ellipsoid: 0 there, 1 on its border."""
    height = 2.0 * at.part - 1.0
    across = at.u * np.float32(1 / (0.7 * disc.slab.bottom.half_width))
    ahead = (at.v + 1.0) * np.float32(1 / (0.74 * disc.slab.bottom.half_depth))
    return np.asarray(np.sqrt(across * across + ahead * ahead + 0.7 * height * height))


@dataclass(frozen=True, eq=False)
class T1rhoMap:
    """T1rho at any point of a spine's discs, as spin-lock images free of noise and of pixels would show it.

    row_ms: T1rho of each palette row.
    """

    materials: Materials
    fine: Texture
    row_ms: NDArray[np.float64]

    @classmethod
    def of(cls, spine: SpineShape) -> Self:
        """The map of a spine."""
        materials = lay_out(spine)
        return cls(materials, draw_texture(spine.seed), _decay_ms(materials.palette))

    def centre(self, disc: DiscShape, points: Points, area_mm2: float) -> NDArray[np.uint8]:
        """Palette rows of the 1 cm2 of a plane that is nearest the middle of the nucleus, in its own shape; (points,).

        points: of the plane, each standing for ``area_mm2``. All of the disc where the plane shows less than 1 cm2.
        """
        at = disc.slab.between(points)
        core = np.where(disc.depth(points) > 0, _core(disc, at), np.inf).ravel()
        nearest = np.argsort(core)[: round(CENTRE_MM2 / area_mm2)]
        place = inner_place(disc, at, points, self.fine).ravel()[nearest[np.isfinite(core[nearest])]]
        return self.materials.discs[disc.label - 1].rows(place)


def _decay_ms(palette: Palette) -> NDArray[np.float64]:
    """T1rho (ms) that spin-lock images show in each palette row: least squares on the logarithm, weighted by S^2."""
    signals = [each.signals(palette, _FIELD_T).real for each in sequences_of("spin-lock")]
    signal = np.maximum(np.stack(signals).astype(float), 1e-12)
    times, weight = np.array(SPIN_LOCK_MS)[:, None], signal**2 / (signal**2).sum(axis=0)
    spread = times - (weight * times).sum(axis=0)
    slope = (weight * spread * np.log(signal)).sum(axis=0) / (weight * spread**2).sum(axis=0)
    return np.asarray(-1.0 / np.minimum(slope, -1e-12))
