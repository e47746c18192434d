"""Dice of two readers' outlines, read from the label files that a table names."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from lumbardisc import io
from lumbardisc.errors import InputError
from lumbardisc.evaluation.overlap import Mask, dice
from lumbardisc.levels import DISCS, disc_label
from lumbardisc.reader_study.ratings import Rating
from lumbardisc.training.grades import cells
from lumbardisc.volume import LabelMap

NEAR_MM = 0.01
"""Rounded headers of one grid differ by less."""


def overlap(one: Rating, other: Rating, folder: Path) -> float:
    """Dice of the same disc in both files, or of all labels together where no disc is named; NaN if both are empty.

    Paths are within ``folder``. Raises InputError with one line for a file that cannot be read, and for two grids.
    """
    first, second = _load(one, folder), _load(other, folder)
    if first.shape != second.shape or not np.allclose(first.affine, second.affine, atol=NEAR_MM):
        raise InputError(
            f"{other.row.where}: {other.value} lies on another grid than {one.value} (row {one.row.number}); "
            "outlines are compared on the same image, so resample one onto the other"
        )
    return dice(_mask(first, one), _mask(second, other))


def _load(rating: Rating, folder: Path) -> LabelMap:
    try:
        return _labels(folder / rating.value)
    except InputError as error:
        raise InputError(f"{rating.row.where}: {error}") from error


@lru_cache(maxsize=8)
def _labels(path: Path) -> LabelMap:
    """The discs of a scan share a file, which is read once."""
    return io.load_labels(path)


def _mask(labels: LabelMap, rating: Rating) -> Mask:
    if not rating.disc:
        return np.asarray(labels.array != 0)
    return np.asarray(labels.array == _label(rating))


def _label(rating: Rating) -> int:
    """Raises InputError for a disc that is neither a level nor the number of a label."""
    label = disc_label(rating.disc) if rating.disc in DISCS else cells.whole(rating.disc)
    if label is None:
        raise InputError(
            f"{rating.row.where}: '{rating.disc}' is no disc that is known; give its level (L4/L5), the number of its "
            "label in the file, or nothing for all labels together"
        )
    return label
