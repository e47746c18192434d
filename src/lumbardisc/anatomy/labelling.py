"""Classes of voxels in, a named spine out: the steps of this folder in their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lumbardisc.anatomy.bones import along_spine, number_bones, sacrum_below
from lumbardisc.anatomy.chain import ChainDisc, find_chain
from lumbardisc.anatomy.components import Mask, Spacing, find_candidates
from lumbardisc.anatomy.midsagittal import find_midsagittal
from lumbardisc.anatomy.naming import Names, name_chain
from lumbardisc.anatomy.numbering import Numbering, weigh_numberings
from lumbardisc.anatomy.second_reading import SecondReading
from lumbardisc.errors import NoSpineError
from lumbardisc.levels import CANAL

MINIMUM_DISCS = 2
MINIMUM_CERTAINTY = 0.6
CANAL_ASIDE_MM = 60.0
"""The middle of the canal lies nearer than this to the line through the disc centres."""


@dataclass(frozen=True, eq=False)
class Labelling:
    """labels: (slice, row, column) numbers of ``levels``. confidence: disc label -> confidence of its name, 0-1.

    certainty: disc label -> mean probability of its voxels. mid_slice: index. names: how the discs came to theirs.
    """

    labels: NDArray[np.int16]
    confidence: dict[int, float]
    certainty: dict[int, float]
    mid_slice: int
    names: Names


@dataclass(frozen=True, eq=False)
class Structures:
    """What was seen in one image, before it is named. Masks (slice, row, column) in the working order.

    components: a number for each connected region of ``discs``. chain: the discs, lowest first. canal: what of it lies
    near the spine. numberings: by what discs and bones look like, most probable first. mid_slice: index. spacing: mm.
    """

    discs: Mask
    components: NDArray[np.int32]
    chain: list[ChainDisc]
    bodies: Mask
    sacrum: Mask
    canal: Mask
    numberings: list[Numbering]
    mid_slice: int
    spacing: Spacing


def label_structures(
    discs: Mask,
    bodies: Mask,
    sacrum: Mask,
    canal: Mask,
    lowest: NDArray[np.uint8],
    certainty: NDArray[np.uint8],
    spacing: Spacing,
) -> Labelling:
    """Order and name the structures of one image by what they look like; see ``find_structures``."""
    return name_structures(find_structures(discs, bodies, sacrum, canal, lowest, certainty, spacing))


def find_structures(
    discs: Mask,
    bodies: Mask,
    sacrum: Mask,
    canal: Mask,
    lowest: NDArray[np.uint8],
    certainty: NDArray[np.uint8],
    spacing: Spacing,
) -> Structures:
    """Order the structures of one image, all arrays (slice, row, column) in the working order.

    discs, bodies, sacrum, canal: masks of the classes. lowest, certainty: 0-255, see ``inference.Segmentation``.
    spacing: mm.
    Raises NoSpineError where fewer than two discs form a spine.
    """
    components, candidates = find_candidates(discs, lowest, certainty, spacing)
    chain = find_chain(candidates, bodies | sacrum, spacing)
    _require_spine(chain, bodies | sacrum)
    numberings = weigh_numberings(chain, sacrum_below(chain, bodies, sacrum, spacing))
    lumbar = [disc for disc, count in zip(chain, numberings[0].counts, strict=True) if count > 0]
    near = _near_spine(canal, lumbar, spacing)
    middle = find_midsagittal(lumbar, near, spacing)
    return Structures(discs, components, chain, bodies, sacrum, near, numberings, middle, spacing)


def name_structures(seen: Structures, reading: SecondReading | None = None, *, by_boxes: bool = False) -> Labelling:
    """Name what was seen; see ``naming.name_chain`` for how the second reading is taken."""
    names = name_chain(seen.chain, seen.numberings, reading, by_boxes=by_boxes)
    certainty = names.of_named([disc.certainty for disc in seen.chain])
    confidence = names.of_named(names.confidence)
    return Labelling(_paint(seen, names.of_named(seen.chain)), confidence, certainty, seen.mid_slice, names)


def _paint(seen: Structures, discs: Mapping[int, ChainDisc]) -> NDArray[np.int16]:
    """The label map. discs: label -> disc of the chain, lowest first."""
    labels = number_bones(list(discs.values()), list(discs), seen.bodies, seen.sacrum, seen.spacing)
    labels[seen.canal] = CANAL
    numbers = np.zeros(seen.components.max() + 1, dtype=np.int16)
    for label, disc in discs.items():
        numbers[[part.index for part in disc.parts]] = label
    painted: NDArray[np.int16] = np.where(seen.discs, numbers[seen.components], labels)
    return painted


def _require_spine(chain: list[ChainDisc], bone: Mask) -> None:
    sure = [disc for disc in chain if disc.certainty >= MINIMUM_CERTAINTY]
    if len(sure) < MINIMUM_DISCS or not bone.any():
        raise NoSpineError(
            f"no lumbar spine was found (discs seen: {len(sure)}, at least {MINIMUM_DISCS} are needed); "
            "give a sagittal lumbar series, upright, with its true pixel spacing"
        )


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
