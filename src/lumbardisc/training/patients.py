"""Which patient is for what, in data that nobody dealt out before: seeded splits and folds by patient."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lumbardisc.errors import UsageError
from lumbardisc.training.splits import Part, load_splits, part_of


@dataclass(frozen=True)
class Split:
    """Patients of public data by the fixed split, others by their own; a patient is in one part in all data sets."""

    own: Mapping[str, Part]

    def part(self, source: str, patient: str) -> Part:
        """Part of a patient of a data set. Raises KeyError for one that was not dealt."""
        return part_of(source, patient) if has_fixed_split(source) else self.own[patient]


def has_fixed_split(source: str) -> bool:
    """Whether ``splits.toml`` deals the patients of a data set; all whose name begins with spider share SPIDER's."""
    return source.startswith("spider") or source in load_splits()


def deal(patients: Iterable[tuple[str, str]], validation: float, test: float, seed: int) -> Split:
    """Deal the patients that have no fixed split: shares ``validation`` and ``test``, the rest trains."""
    own = sorted({patient for source, patient in patients if not has_fixed_split(source)})
    order = np.random.default_rng(seed).permutation(len(own))
    ends = np.rint(np.cumsum([test, validation]) * len(own))
    parts: dict[str, Part] = {
        own[k]: "test" if place < ends[0] else "validation" if place < ends[1] else "train"
        for place, k in enumerate(order)
    }
    return Split(parts)


def deal_folds(patients: NDArray[np.str_], folds: int, seed: int) -> NDArray[np.int64]:
    """The fold of each row: patients, shuffled, are dealt out. Raises UsageError for fewer than ``folds``."""
    names = np.unique(patients)
    if len(names) < folds:
        raise UsageError(f"folds = {folds}: only {len(names)} patients were found; add patients or lower it")
    fold_of = dict(zip(np.random.default_rng(seed).permutation(names), np.arange(len(names)) % folds, strict=True))
    return np.array([fold_of[name] for name in patients])


def write_split(split: Split, patients: Iterable[tuple[str, str]], path: Path) -> None:
    """``source, patient, part``, one row each."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["source", "patient", "part"])
        writer.writerows([source, patient, split.part(source, patient)] for source, patient in sorted(set(patients)))
