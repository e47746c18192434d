"""Two images of one spine, maybe years apart: does it fit, is it named alike, what lies where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from lumbardisc.anatomy.alignment import Rigid, Surfaces, align, surface_distance_mm
from lumbardisc.levels import CANAL, SACRUM

FEWEST_BONES = 2
SHIFTED = 0.6
"""Names are a level apart where the spines then lie this much nearer to each other than as they are named."""
FITS_MM = 1.5
"""Mean distance of the bones above which they hardly are those of one patient; measured, see docs/repeatability.md."""
APART_MM = 3.0
"""... above which nothing is known of what corresponds."""


@dataclass(frozen=True, eq=False)
class Fit:
    """One spine laid on another. move: RAS mm of the first -> of the second. distance_mm: mean distance of the surfaces
    of the bones in both, after it. size: of the bodies of the second, in mm, relative to the first."""

    move: Rigid
    distance_mm: float
    size: float = 1.0


def bones(found: Surfaces) -> Surfaces:
    """The vertebral bodies and the sacrum among the structures of an image: what does not change in years."""
    return {label: one for label, one in found.items() if SACRUM <= label < CANAL}


def lay_on(before: Surfaces, now: Surfaces, *, shift: int = 0, start: Rigid | None = None) -> Fit | None:
    """Bones laid on those of the same names, or on those ``shift`` levels higher; None with fewer than two in common.

    start: where to begin, see ``align``.
    """
    named = {label + shift: one for label, one in before.items()}
    common = named.keys() & now.keys()
    if len(common) < FEWEST_BONES or (move := align(named, now, start)) is None:
        return None
    return Fit(move, surface_distance_mm(named, now, move), _size(named, now, common))


def level_shift(before: Surfaces, now: Surfaces, as_named: Fit | None) -> int:
    """By how many levels the names of ``before`` must rise so that its bones fit those of ``now``: 0, or -1 or +1 where
    that fits much better than the names as they are (``as_named``)."""
    others = {shift: fit for shift in (-1, 1) if (fit := lay_on(before, now, shift=shift))}
    best = min(others, key=lambda shift: others[shift].distance_mm, default=0)
    if not best or others[best].distance_mm > FITS_MM:
        return 0
    better = as_named is None or others[best].distance_mm < SHIFTED * as_named.distance_mm
    return best if better else 0


def beside(disc: int, before: Surfaces, now: Surfaces, whole: Fit) -> Fit:
    """The same of the two bones beside a disc alone, as spines bend; of the whole where these are not in both."""
    pair = (SACRUM + disc - 1, SACRUM + disc)
    near = [{label: found[label] for label in pair if label in found} for found in (before, now)]
    return lay_on(*near, start=whole.move) or whole


def _size(before: Surfaces, now: Surfaces, common: Iterable[int]) -> float:
    """How much larger the bodies are, by the largest section of each; of no body, 1. (The sacrum has no lower end.)"""
    areas = [now[label].area_mm2 / before[label].area_mm2 for label in common if label > SACRUM]
    return float(np.sqrt(np.median(areas))) if areas else 1.0
