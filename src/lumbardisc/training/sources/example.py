"""One case of a data set: its slices and what may be at each pixel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.training.partial import Allowed
from lumbardisc.volume import Volume


@dataclass(frozen=True, eq=False)
class Example:
    """image, allowed: (slice, row, column) in the working order; spacing: (slice, row, column) mm.

    source: a row of ``SOURCES``. patient: unique within the source. case: unique within the source.
    """

    source: str
    patient: str
    case: str
    image: NDArray[np.uint8]
    allowed: Allowed
    spacing: tuple[float, float, float]


def load_arrays(path: Path) -> tuple[NDArray[Any], tuple[float, float, float]]:
    """A NIfTI file in the working order, and its spacing in mm."""
    import nibabel

    image = nibabel.load(path)
    volume = Volume(np.asarray(image.dataobj), image.affine).sagittal()
    return volume.array, volume.spacing
