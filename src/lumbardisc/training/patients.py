"""Which patient is for what, in data that nobody dealt out before: a seeded split by patient, kept beside the run."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

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


def write_split(split: Split, patients: Iterable[tuple[str, str]], path: Path) -> None:
    """``source, patient, part``, one row each."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["source", "patient", "part"])
        writer.writerows([source, patient, split.part(source, patient)] for source, patient in sorted(set(patients)))
