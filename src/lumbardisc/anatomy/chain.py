"""The discs among the candidates: the best chain down the spine; what is left is a disc's other part or an orphan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbardisc.anatomy.components import Candidate, Mask, Spacing

NEAREST_MM, FARTHEST_MM, MISSING_MM = 18.0, 85.0, 52.0
"""Centre to centre: discs lie about 25-45 mm apart; beyond the last figure one in between was probably not seen."""
USUAL_DEG, STEEPEST_DEG = 30.0, 75.0
"""Angle between vertical and the way from one disc to the next: up to the first nothing is held against it, beyond the
second it cannot be (the way to the sacral promontory is the steepest)."""
SAME_LEVEL_MM = 7.0
ENTRY = 0.15
"""What a candidate must be worth to be taken up, in shares of a whole disc of the same image."""


@dataclass(frozen=True)
class ChainDisc:
    """A disc of the chain: its parts (one unless it was broken), largest first."""

    parts: tuple[Candidate, ...]

    @property
    def centre(self) -> tuple[float, float, float]:
        """(slice, row, column) mm, of all parts weighted by their area."""
        centre = np.average(
            [part.centre for part in self.parts], axis=0, weights=[part.area_mm2 for part in self.parts]
        )
        return float(centre[0]), float(centre[1]), float(centre[2])

    @property
    def lowest(self) -> float:
        """How far it speaks for being L5/S1, 0-1."""
        return float(np.average([p.lowest for p in self.parts], weights=[p.area_mm2 for p in self.parts]))

    @property
    def certainty(self) -> float:
        """Mean probability of the disc class, 0-1."""
        return float(np.average([p.certainty for p in self.parts], weights=[p.area_mm2 for p in self.parts]))


def find_chain(candidates: Sequence[Candidate], bone: Mask, spacing: Spacing) -> list[ChainDisc]:
    """The likeliest discs, lowest first.

    candidates: from the top down. bone: bodies and sacrum (slice, row, column). The chain maximises the sum of what
    each candidate is worth, its share of a whole disc's volume, less what speaks against each step (dynamic
    programming): a step wants bone between, a plausible distance and direction.
    """
    if not candidates:
        return []
    shadow = np.asarray(bone.any(axis=0))
    whole = float(np.median(sorted(candidate.volume_mm3 for candidate in candidates)[-5:]))
    worth = [min(candidate.volume_mm3 / whole, 1.0) * candidate.certainty - ENTRY for candidate in candidates]
    best, before = list(worth), [-1] * len(candidates)
    for lower in range(len(candidates)):
        for upper in range(lower):
            total = best[upper] + worth[lower] + _step(candidates[upper], candidates[lower], shadow, spacing)
            if total > best[lower]:
                best[lower], before[lower] = total, upper
    chain, at = [], int(np.argmax(best))
    while at >= 0:
        chain.append(candidates[at])
        at = before[at]
    return _with_parts(chain, candidates, shadow, spacing)


def _step(upper: Candidate, lower: Candidate, shadow: Mask, spacing: Spacing) -> float:
    """What speaks against going from one candidate to the next lower one, 0 or less; minus infinity: it cannot be."""
    aside, down, back = np.subtract(lower.centre, upper.centre)
    distance = float(np.hypot(down, back))
    angle = float(np.degrees(np.arctan2(max(abs(aside), abs(back)), down)))
    if not NEAREST_MM <= distance <= FARTHEST_MM or angle > STEEPEST_DEG:
        return -np.inf
    slant = max(0.0, angle - USUAL_DEG) / (STEEPEST_DEG - USUAL_DEG)
    gap = max(0.0, 0.6 - _bone_between(upper, lower, shadow, spacing))
    return -2.0 * gap - 1.5 * slant - (0.5 if distance > MISSING_MM else 0.0)


def _bone_between(one: Candidate, other: Candidate, shadow: Mask, spacing: Spacing) -> float:
    """Share of the straight way between two candidates that runs through bone of any slice, 0-1."""
    ends = np.array([one.centre[1:], other.centre[1:]]) / np.asarray(spacing[1:])
    points = np.rint(np.linspace(ends[0], ends[1], num=40)).astype(int)
    inside = np.clip(points, 0, np.asarray(shadow.shape) - 1)
    return float(shadow[inside[:, 0], inside[:, 1]].mean())


def _with_parts(
    chain: Sequence[Candidate], candidates: Sequence[Candidate], shadow: Mask, spacing: Spacing
) -> list[ChainDisc]:
    """Give each leftover candidate to the chain disc it lies level with and is not parted from by bone."""
    parts = {disc.index: [disc] for disc in chain}
    for extra in candidates:
        if extra.index in parts or not chain:
            continue
        nearest = min(chain, key=lambda disc: float(np.hypot(*np.subtract(disc.centre, extra.centre)[1:])))
        offset = np.subtract(extra.centre, nearest.centre)[1:]
        level = abs(float(offset @ spine_direction(chain, chain.index(nearest))))
        if level < SAME_LEVEL_MM and np.hypot(*offset) < 30 and _bone_between(nearest, extra, shadow, spacing) < 0.3:
            parts[nearest.index].append(extra)
    return [ChainDisc(tuple(sorted(parts[disc.index], key=lambda part: -part.area_mm2))) for disc in chain]


def spine_direction(chain: Sequence[Candidate | ChainDisc], index: int) -> NDArray[np.float64]:
    """Unit vector (row, column) downward along the spine at a disc of the chain (lowest first), from its neighbours."""
    lower, upper = chain[max(index - 1, 0)], chain[min(index + 1, len(chain) - 1)]
    way = np.subtract(lower.centre, upper.centre)[1:]
    length = float(np.hypot(*way))
    direction: NDArray[np.float64] = way / length if length > 0 else np.array([1.0, 0.0])
    return direction
