"""Which disc is L5/S1: every possible numbering is weighed by what the image says, and the runner-up is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lumbardisc.anatomy.chain import ChainDisc
from lumbardisc.levels import DISCS

AMBIGUOUS_BELOW = 0.8
"""A numbering less probable than this is flagged ``level_ambiguous``."""
_FLOOR = 0.03
_STRAY_LOOK = 0.08
"""Usual size of the share of L5/S1 looks of the discs that are not L5/S1."""
_EXTRA_DISC = 0.05
"""Prior of a visible disc below L5/S1 (a rudimentary S1/S2 disc)."""
_FAR_APART_MM = 45.0
"""No lumbar disc is this far from the next."""
_HIDDEN = {2: 0.08, 3: 0.01, 4: 0.003}
"""Prior of the lowest visible disc being L4/L5, L3/L4, L2/L3: the field of view ends early or L5/S1 was not seen."""


@dataclass(frozen=True)
class Numbering:
    """counts: for each disc of the chain, lowest first, its count from the bottom (1 = L5/S1), 0 for a sacral disc.

    probability: among all numberings weighed.
    """

    counts: tuple[int, ...]
    probability: float


def weigh_numberings(chain: Sequence[ChainDisc], sacrum_below: Sequence[float]) -> list[Numbering]:
    """All numberings, most probable first.

    sacrum_below: per disc of the chain, how far the bone right below it is sacrum rather than lumbar body, 0-1; NaN
    where none is seen. The evidence of a disc's own look and of the bone below it is taken as independent.
    """
    steps = level_steps(chain)
    hypotheses: list[tuple[tuple[int, ...], float]] = []
    for bottom in range(len(chain)):
        counts = tuple(0 if i < bottom else 1 + sum(steps[bottom:i]) for i in range(len(chain)))
        hypotheses.append((counts, bottom * np.log(_EXTRA_DISC) + _evidence(chain, sacrum_below, bottom)))
    for first, prior in _HIDDEN.items():
        counts = tuple(first + sum(steps[:i]) for i in range(len(chain)))
        hypotheses.append((counts, np.log(prior) + _evidence(chain, sacrum_below, None)))
    possible = [(counts, score) for counts, score in hypotheses if max(counts) <= len(DISCS)]
    weights = np.exp(np.array([score for _, score in possible]) - max(score for _, score in possible))
    numberings = [
        Numbering(counts, float(weight / weights.sum())) for (counts, _), weight in zip(possible, weights, strict=True)
    ]
    return sorted(numberings, key=lambda numbering: -numbering.probability)


def level_steps(chain: Sequence[ChainDisc]) -> list[int]:
    """Levels from each disc to the next higher one: 1, or 2 where the distance says that one was not seen.

    Discs are at most 40 mm apart, so that a wide distance is not taken for the usual one where several discs were
    missed; but where hardly any distance is that short, it is the recorded pixel size that is wrong.
    """
    ways = np.diff([disc.centre[1:] for disc in chain], axis=0)
    distances = np.hypot(*ways.T) if len(ways) else np.array([])
    usual = float(np.median(distances)) if len(distances) > 2 else 36.0
    stretched = len(distances) > 2 and np.quantile(distances, 0.25, method="lower") > _FAR_APART_MM
    limit = 1.6 * (usual if stretched else min(usual, 40.0))
    return [2 if distance > limit else 1 for distance in distances]


def _evidence(chain: Sequence[ChainDisc], sacrum_below: Sequence[float], bottom: int | None) -> float:
    """Log-likelihood of the disc looks and the bones below, if disc ``bottom`` of the chain is L5/S1."""
    total = 0.0
    for index, (disc, sacrum) in enumerate(zip(chain, sacrum_below, strict=True)):
        total += _log_look(disc.lowest, index == bottom)
        if not np.isnan(sacrum):
            total += _log_share(sacrum, bottom is not None and index <= bottom)
    return total


def _log_look(share: float, expected: bool) -> float:
    """Likelihood of a disc's share of L5/S1 looks: other discs hardly ever have any, L5/S1 may have little."""
    return float(np.log(0.05 + 0.95 * share if expected else max(np.exp(-share / _STRAY_LOOK), _FLOOR)))


def _log_share(share: float, expected: bool) -> float:
    return float(np.log(_FLOOR + (1 - 2 * _FLOOR) * (share if expected else 1.0 - share)))
