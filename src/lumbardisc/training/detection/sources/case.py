"""One case of a data set that tells where discs lie: its slices and the boxes known on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.training.detection.boxes import Box


@dataclass(frozen=True, eq=False)
class BoxedCase:
    """image: (slice, row, column) in the working order. spacing: the same, mm. boxes: slice -> disc label -> box.

    whole: whether every disc in sight has its box, and the boxes are of the discs themselves. Otherwise they only tell
    about where the discs lie and what they are called. certain: their names stand whatever the segmentation sees.
    """

    source: str
    patient: str
    case: str
    contrast: str | None
    image: NDArray[Any]
    spacing: tuple[float, float, float]
    boxes: Mapping[int, Mapping[int, Box]]
    whole: bool
    certain: bool = False


def box_of(mask: NDArray[np.bool_]) -> Box:
    """The box round a mask (rows, columns) that is not empty."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)
