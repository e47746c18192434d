"""What the refining network sees of a disc: it and what lies round it, upright, on its slice and those beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lumbardisc.preprocess.crops import Placement
from lumbardisc.preprocess.intensity import Image, windowed

PLANES = 3
_LIMITS = (-0.25, 2.0)


def slices_beside(index: int, count: int, apart: int = 1) -> tuple[int, int, int]:
    """The slice before, the slice itself and the one after, ``apart`` slices away; itself where there is none."""
    before, after = index - apart, index + apart
    return (before if before >= 0 else index, index, after if after < count else index)


def disc_planes(image: NDArray[np.generic], indices: Sequence[int], placement: Placement) -> Image:
    """Grey values (PLANES, rows, columns) of the slices ``indices`` of an image (slice, row, column)."""
    return np.stack([placement.cut(image[index]) for index in indices])


def network_input(planes: Image) -> Image:
    """Grey values -> about -1 to 1: black and white are percentiles of all planes together."""
    return 2.0 * windowed(planes, _LIMITS) - 1.0
