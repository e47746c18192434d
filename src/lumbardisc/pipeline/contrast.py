"""The weighting of an image that no header tells, from the signals of what was found in it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.levels import CANAL, is_body

BRIGHT, DARK = 1.25, 0.85


def contrast_from_image(image: NDArray[Any], labels: NDArray[np.int16]) -> str | None:
    """``"t2"`` where the fluid of the canal is brighter than marrow, ``"t1"`` where it is darker, None in between.

    image, labels: (slice, row, column). Fat-suppressed images (STIR, water) count as T2 here: fluid is bright in them.
    """
    bodies = np.isin(labels, [label for label in np.unique(labels) if is_body(int(label))])
    canal = labels == CANAL
    if not bodies.any() or not canal.any():
        return None
    ratio = float(np.percentile(image[canal], 75)) / max(float(np.median(image[bodies])), 1e-6)
    return "t2" if ratio > BRIGHT else "t1" if ratio < DARK else None
