"""Partial labels: for every pixel the set of classes it may be, as a bit mask.

A pixel known to be disc allows one class; a pixel no source speaks of allows all. Loss and pseudo-labels need no more.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Allowed = NDArray[np.uint8]

CLASSES = ("background", "disc", "lowest_disc", "body", "sacrum", "canal")
BACKGROUND, DISC, LOWEST, BODY, SACRUM, CANAL = (1 << index for index in range(len(CLASSES)))
ANY = (1 << len(CLASSES)) - 1


def certain(allowed: Allowed) -> NDArray[np.bool_]:
    """Where exactly one class is allowed."""
    known: NDArray[np.bool_] = (allowed != 0) & ((allowed & (allowed - 1)) == 0)
    return known


def from_prediction(allowed: Allowed, probabilities: NDArray[np.float32], threshold: float = 0.8) -> Allowed:
    """Pseudo-labels: the likeliest allowed class where it is likelier than ``threshold``, the old set elsewhere.

    allowed: (rows, columns). probabilities: (classes, rows, columns), renormalised here over the allowed classes.
    """
    bits = (1 << np.arange(len(CLASSES), dtype=np.uint8))[:, None, None]
    masked = np.where(allowed & bits, probabilities, 0.0)
    total = np.maximum(masked.sum(axis=0), 1e-6)
    best = masked.argmax(axis=0)
    sure = masked.max(axis=0) / total > threshold
    return np.where(sure, (1 << best).astype(np.uint8), allowed)
