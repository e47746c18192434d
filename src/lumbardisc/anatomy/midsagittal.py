"""The mid-sagittal slice, from the anatomy: the slice in the middle of the canal and of the discs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lumbardisc.anatomy.chain import ChainDisc
from lumbardisc.anatomy.components import Mask, Spacing

HALF_LEVEL_MM = 12.0


def find_midsagittal(chain: Sequence[ChainDisc], canal: Mask, spacing: Spacing) -> int:
    """Index of the mid-sagittal slice.

    At every disc the middle of the canal (or of the disc, where no canal is seen) is found along the slice axis; the
    median over the discs is taken, so that a scoliotic spine that leaves the plane at its ends does not move it.
    """
    middles = [_middle(disc, canal, spacing) for disc in chain]
    return int(np.clip(round(float(np.median(middles))), 0, canal.shape[0] - 1))


def _middle(disc: ChainDisc, canal: Mask, spacing: Spacing) -> float:
    """Slice coordinate of the middle of the canal behind one disc."""
    row = disc.centre[1] / spacing[1]
    reach = HALF_LEVEL_MM / spacing[1]
    band = canal[:, max(int(row - reach), 0) : int(row + reach) + 1]
    area = band.sum(axis=(1, 2)).astype(float)
    if not area.any():
        return disc.centre[0] / spacing[0]
    return float(np.average(np.arange(len(area)), weights=area))
