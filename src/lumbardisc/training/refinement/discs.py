"""Discs that someone outlined: an image, which voxel is of which disc, and where each lies on each slice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lumbardisc.anatomy.frames import DiscFrame, disc_frames


@dataclass(frozen=True, eq=False)
class OutlinedDiscs:
    """image: (slice, row, column) in the working order. labels: the same, disc numbers of ``levels``, 0 elsewhere.

    source: a row of ``SOURCES``. patient, case: unique within the source. contrast: of ``io.CONTRASTS``. spacing: mm.
    """

    source: str
    patient: str
    case: str
    contrast: str
    image: NDArray[np.generic]
    labels: NDArray[np.uint8]
    spacing: tuple[float, float, float]

    @property
    def pixel(self) -> tuple[float, float]:
        """(row, column) mm."""
        return self.spacing[1:]

    @cached_property
    def frames(self) -> tuple[tuple[int, int, DiscFrame], ...]:
        """Slice, label and frame of every disc on every slice that shows it."""
        return tuple(
            (index, label, frame)
            for index, section in enumerate(self.labels)
            for label, frame in disc_frames(section, self.pixel).items()
        )
