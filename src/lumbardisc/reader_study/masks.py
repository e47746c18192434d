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


class Masks:
    """The label files of one study, paths within ``folder``. The discs of a scan share a file, which is read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._labels = lru_cache(maxsize=8)(io.load_labels)

    def overlap(self, one: Rating, other: Rating) -> float:
        """Dice of the same disc in both files, or of all labels together where no disc is named.

        Raises InputError with one line for a file that cannot be read, for two grids, and for a disc in neither file.
        """
        first, second = self._load(one), self._load(other)
        if first.shape != second.shape or not np.allclose(first.affine, second.affine, atol=NEAR_MM):
            raise InputError(
                f"{other.row.where}: {other.value} lies on another grid than {one.value} (row {one.row.number}); "
                "outlines are compared on the same image, so resample one onto the other"
            )
        found = dice(_mask(first, one), _mask(second, other))
        if np.isnan(found):
            there = ", ".join(map(str, sorted({*first.present, *second.present}))) or "none"
            raise InputError(
                f"{other.row.where}: {other.disc or 'any label'} is neither in {one.value} nor in {other.value} "
                f"(labels there: {there}); name the disc by the number of its label"
            )
        return found

    def _load(self, rating: Rating) -> LabelMap:
        try:
            return self._labels(self._folder / rating.value)
        except InputError as error:
            raise InputError(f"{rating.row.where}: {error}") from error


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
