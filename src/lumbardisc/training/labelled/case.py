"""One image and its labels: as a layout finds them, and as they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lumbardisc.training.detection.boxes import Box
from lumbardisc.training.splits import Part
from lumbardisc.volume import Volume


@dataclass(frozen=True)
class Case:
    """An image and its labels on disk; one of them is None where the folder lacks it.

    name: unique within the folder. names: number -> name of a structure, where a look-up table comes with the labels.
    convention: of ``conventions``, where the layout has one of its own. part: where the data say who is for what.
    """

    name: str
    patient: str
    image: Path | None
    labels: Path | None
    names: Mapping[int, str] | None = None
    convention: str | None = None
    part: Part | None = None


@dataclass(frozen=True, eq=False)
class Labelled:
    """A case that was read. volume: working order. labels: (slice, row, column) on its grid, our numbers (``levels``).

    whole: whether vertebrae are outlined with their arches. boxes: disc label -> box on the one slice, where boxes were
    drawn in place of outlines, and ``labels`` is all 0. digest: tells images apart by their voxels. warnings: one line
    each.
    """

    case: Case
    volume: Volume
    labels: NDArray[np.int32]
    whole: bool
    boxes: Mapping[int, Box]
    digest: str
    warnings: tuple[str, ...]
