"""Orphans: labelled areas of a slice that are too small, or alone, to belong to a disc (Markhali et al. 2024)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]

SMALLEST = 10
"""Pixels that an area must have."""


def without_orphans(discs: Mask) -> Mask:
    """A mask (slice, row, column) of discs without its orphans (doi 10.1002/jsp2.70000, section 2.6).

    An area, pixels of a slice that touch by side or corner, is left out where (1) it has fewer than ``SMALLEST``
    pixels, or, laid over another slice, meets no disc pixel (2) of the central slice or (3) of a neighbouring one. All
    areas are judged by the mask as it is given. A stack of one slice has no neighbours, and rule 3 is not asked.
    """
    central = discs[len(discs) // 2]
    kept = [_kept(discs[k], central, _beside(discs, k)) for k in range(len(discs))]
    return np.stack(kept)


def _beside(discs: Mask, index: int) -> Mask:
    """Where a neighbour of a slice has discs; of a single slice, itself."""
    neighbours = [k for k in (index - 1, index + 1) if 0 <= k < len(discs)]
    beside: Mask = np.logical_or.reduce(discs[neighbours or [index]], axis=0)
    return beside


def _kept(discs: Mask, central: Mask, beside: Mask) -> Mask:
    """The areas of one slice that meet all three rules."""
    areas, count = ndimage.label(discs, structure=np.ones((3, 3)))
    sizes, *met = (np.bincount(areas[mask], minlength=count + 1) for mask in (discs, central, beside))
    stays = (sizes >= SMALLEST) & np.all(met, axis=0)
    stays[0] = False
    kept: Mask = stays[areas]
    return kept
