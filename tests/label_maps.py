"""Label maps drawn by hand, for tests: discs as boxes, one above the other, between bodies."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lumbardisc import io
from lumbardisc.io.grid import working_affine
from lumbardisc.levels import CANAL, SACRUM
from lumbardisc.volume import LabelMap

SHAPE = (7, 120, 60)
SPACING = (4.0, 1.0, 1.0)
SLICES, COLUMNS = slice(1, 6), slice(12, 42)
HEIGHT, STEP = 8, 22


def spine(discs: int = 5, *, shift: int = 0, rows: int = 0, thinner: int = 0, bones: bool = True) -> np.ndarray:
    """Labels as in ``levels``, (slice, row, column); disc 1 lowest. shift: added to every disc's number; rows: all
    moved down by so many; thinner: rows taken off each disc's top."""
    labels = np.zeros(SHAPE, dtype=np.int16)
    for count in range(1, discs + 1):
        bottom = SHAPE[1] - 8 - STEP * (count - 1) + rows
        labels[SLICES, bottom - HEIGHT + thinner : bottom, COLUMNS] = count + shift
        if bones:
            labels[SLICES, max(bottom - STEP, 0) : bottom - HEIGHT, COLUMNS] = SACRUM + count
    if bones:
        labels[SLICES, SHAPE[1] - 8 + rows :, COLUMNS] = SACRUM
        labels[2:5, :, 46:56] = CANAL
    return labels


def save(labels: np.ndarray, path: Path, spacing: tuple[float, float, float] = SPACING) -> Path:
    """As NIfTI; the folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    io.save_nifti(LabelMap(labels, working_affine(spacing)), path)
    return path


def renumbered(labels: np.ndarray, numbers: dict[int, int]) -> np.ndarray:
    """Each number as another; those that are not named become 0."""
    out = np.zeros_like(labels)
    for one, other in numbers.items():
        out[labels == one] = other
    return out
