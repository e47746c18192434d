"""Classes of voxels in, a named spine out: the steps of this folder in their order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lumbardisc.anatomy.bones import along_spine, number_bones, sacrum_below
from lumbardisc.anatomy.chain import ChainDisc, find_chain
from lumbardisc.anatomy.components import Mask, Spacing, find_candidates
from lumbardisc.anatomy.midsagittal import find_midsagittal
from lumbardisc.anatomy.numbering import AMBIGUOUS_BELOW, Numbering, level_steps, weigh_numberings
from lumbardisc.errors import NoSpineError
from lumbardisc.levels import CANAL, disc_name

MINIMUM_DISCS = 2
MINIMUM_CERTAINTY = 0.6
SURE = 0.99
"""No numbering is ever called surer than this."""
CANAL_ASIDE_MM = 60.0
"""The middle of the canal lies nearer than this to the line through the disc centres."""
GAP_DOUBT = 0.7
"""Factor on the confidence of the levels above a disc that was not seen."""


@dataclass(frozen=True, eq=False)
class Labelling:
    """labels: (slice, row, column) numbers of ``levels``. confidence: disc label -> confidence of its name, 0-1.

    certainty: disc label -> mean probability of its voxels. mid_slice: index. ambiguous: whether the numbering is in
    doubt. alternative: disc label -> name under the runner-up numbering (a disc that would be sacral is ``S1/S2``), and
    that numbering's probability.
    """

    labels: NDArray[np.int16]
    confidence: dict[int, float]
    certainty: dict[int, float]
    mid_slice: int
    ambiguous: bool
    alternative: dict[int, str]
    alternative_probability: float


def label_structures(
    discs: Mask,
    bodies: Mask,
    sacrum: Mask,
    canal: Mask,
    lowest: NDArray[np.uint8],
    certainty: NDArray[np.uint8],
    spacing: Spacing,
) -> Labelling:
    """Order and name the structures of one image, all arrays (slice, row, column) in the working order.

    discs, bodies, sacrum, canal: masks of the classes. lowest, certainty: 0-255, see ``inference.Segmentation``.
    spacing: mm.
    Raises NoSpineError where fewer than two discs form a spine.
    """
    components, candidates = find_candidates(discs, lowest, certainty, spacing)
    chain = find_chain(candidates, bodies | sacrum, spacing)
    _require_spine(chain, bodies | sacrum)
    best, second = weigh_numberings(chain, sacrum_below(chain, bodies, sacrum, spacing))[:2]
    named = [(disc, count) for disc, count in zip(chain, best.counts, strict=True) if count > 0]
    chain_named, counts = [disc for disc, _ in named], [count for _, count in named]
    labels = number_bones(chain_named, counts, bodies, sacrum, spacing)
    labels[_near_spine(canal, chain_named, spacing)] = CANAL
    numbers = np.zeros(components.max() + 1, dtype=np.int16)
    for disc, count in named:
        numbers[[part.index for part in disc.parts]] = count
    labels = np.where(discs, numbers[components], labels)
    confidence = _confidence(chain_named, counts, best.probability)
    return Labelling(
        labels,
        confidence,
        {count: disc.certainty for disc, count in named},
        find_midsagittal(chain_named, labels == CANAL, spacing),
        best.probability < AMBIGUOUS_BELOW or min(confidence.values()) < AMBIGUOUS_BELOW,
        _alternative_names(best, second),
        second.probability,
    )


def _require_spine(chain: list[ChainDisc], bone: Mask) -> None:
    sure = [disc for disc in chain if disc.certainty >= MINIMUM_CERTAINTY]
    if len(sure) < MINIMUM_DISCS or not bone.any():
        raise NoSpineError(
            f"no lumbar spine was found (discs seen: {len(sure)}, at least {MINIMUM_DISCS} are needed); "
            "give a sagittal lumbar series, upright, with its true pixel spacing"
        )


def _confidence(chain: list[ChainDisc], counts: list[int], probability: float) -> dict[int, float]:
    """The numbering's probability, less above every disc that was not seen."""
    missed = np.concatenate([[0], np.cumsum([step - 1 for step in level_steps(chain)])])
    return {count: min(probability, SURE) * GAP_DOUBT ** int(gaps) for count, gaps in zip(counts, missed, strict=True)}


def _alternative_names(best: Numbering, second: Numbering) -> dict[int, str]:
    return {
        count: disc_name(other) if other > 0 else "S1/S2"
        for count, other in zip(best.counts, second.counts, strict=True)
        if count > 0
    }


def _near_spine(canal: Mask, chain: list[ChainDisc], spacing: Spacing) -> Mask:
    """The canal without what lies elsewhere: regions near the discs, of at least a tenth of the largest."""
    regions, number = ndimage.label(canal, structure=np.ones((3, 3, 3)))
    if number == 0:
        return canal
    _, *places = np.nonzero(canal)
    members = regions[canal] - 1
    sizes = np.bincount(members)
    middles = [np.bincount(members, place * size) / sizes for place, size in zip(places, spacing[1:], strict=True)]
    _, distances = along_spine(chain, np.stack(middles, axis=1))
    near = np.where(distances < CANAL_ASIDE_MM, sizes, 0)
    kept: Mask = np.concatenate([[False], (near > 0) & (near >= 0.1 * near.max())])[regions]
    return kept
