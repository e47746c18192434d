"""The scans that `markhali2024` learns from and is measured by: whose they are, and how worn those discs are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lumbardisc.errors import UsageError
from lumbardisc.recipes.markhali2024_config import Markhali2024Config
from lumbardisc.training.balanced import deal_balanced
from lumbardisc.training.grades.gradings import grades_of, read_gradings
from lumbardisc.training.masked_slices import MaskedSlices, read_masks
from lumbardisc.training.patients import Split
from lumbardisc.training.splits import Part

DiscGrades = Mapping[int, int]
"""Disc from the bottom (1 = L5/S1) -> Pfirrmann grade, 1-5."""


@dataclass(frozen=True, eq=False)
class Cohort:
    """scans: in the order of their names. grades: subject -> its discs; empty where none are known.

    Every scan of the training subjects is learnt from: repetition is augmentation (section 2.3).
    """

    scans: Sequence[MaskedSlices]
    grades: Mapping[str, DiscGrades]
    split: Split

    def measured(self, part: Part) -> list[MaskedSlices]:
        """The first scan of each subject of a part, so that each is independent (section 2.3)."""
        first = {(scan.source, scan.patient): scan for scan in reversed(self.of(part))}
        return list(first.values())[::-1]

    def worst(self, subject: str) -> int | None:
        """The highest grade of a subject's discs, None where none is known."""
        return max(self.grades.get(subject, {}).values(), default=None)

    @property
    def subjects(self) -> list[tuple[str, str]]:
        """(source, subject) of every scan."""
        return [(scan.source, scan.patient) for scan in self.scans]

    def of(self, part: Part) -> list[MaskedSlices]:
        """The scans of a part."""
        return [scan for scan in self.scans if self.split.part(scan.source, scan.patient) == part]


def cohort(config: Markhali2024Config) -> Cohort:
    """Read all scans and deal their subjects out. Raises InputError, and UsageError where a part is left empty."""
    scans, grades = _read(tuple(sorted(config.masks.items())), config.grades)
    discs = {subject: list(of_disc.values()) for subject, of_disc in grades.items()}
    subjects = [(scan.source, scan.patient) for scan in scans]
    split = deal_balanced(subjects, discs, config.validation_share, config.test_share, config.split_seed)
    dealt = Cohort(scans, grades, split)
    for part in ("train", "validation"):
        if not dealt.of(part):
            raise UsageError(f"masks: no subject is left for {part}; give more subjects, or a larger share of them")
    return dealt


@lru_cache(maxsize=1)
def _read(
    masks: tuple[tuple[str, Path], ...], table: Path | None
) -> tuple[tuple[MaskedSlices, ...], Mapping[str, DiscGrades]]:
    """Scans and grades, kept for the next run of the same process: a study trains many versions on them."""
    grades = {}
    if table is not None:
        found, _ = grades_of(table, read_gradings(table).rows)
        grades = {subject: {disc: one.pfirrmann for disc, one in discs.items()} for subject, discs in found.items()}
    scans = tuple(scan for name, folder in masks for scan in read_masks(name, folder, set(grades)))
    if grades and not any(scan.patient in grades for scan in scans):
        names = f"{min(grades)}, ... there, {scans[0].patient}, ... in masks"
        raise UsageError(f"{table}: names none of the subjects that have masks ({names}); use the same names")
    return scans, grades
