"""One case of a data set: its slices and what may be at each pixel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc import io
from lumbardisc.training.partial import ANY, BACKGROUND, Allowed, certain


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

    @cached_property
    def telling(self) -> NDArray[np.int_]:
        """The slices whose labels tell anything: of cases with one outlined slice that one; all where none does."""
        told = (self.allowed != ANY).any(axis=(1, 2))
        return np.flatnonzero(told if told.any() else ~told)

    @property
    def settles(self) -> bool:
        """Whether any pixel is known to be of one structure, so that a prediction can be judged."""
        return bool((certain(self.allowed) & (self.allowed != BACKGROUND)).any())


def load_image(path: Path) -> tuple[NDArray[Any], tuple[float, float, float]]:
    """An image file in the working order, and its spacing in mm. Raises InputError."""
    volume = io.find([path])[0].load().volume.sagittal()
    return volume.array, volume.spacing


def load_mask(path: Path) -> NDArray[Any]:
    """A label file in the working order. Raises InputError."""
    return io.load_labels(path).sagittal().array
