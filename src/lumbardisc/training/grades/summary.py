"""What a data set holds, in a few lines to read before hours of training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from lumbardisc.levels import disc_name
from lumbardisc.training.grades.data import FINDINGS, DiscGrade, GradedData
from lumbardisc.training.grades.words import counted

GRADES = range(1, 6)
FEW = 20
"""Discs of a grade below which a line warns: each share in validation and test is then a handful."""


def summary(data: GradedData) -> list[str]:
    """How many patients, discs, discs per grade, level and finding, images per contrast; warnings, then the notes."""
    discs = [grade for own in data.grades.values() for grade in own.values()]
    per_grade = Counter(grade.pfirrmann for grade in discs)
    counts = (counted(len(data.grades), "patient"), counted(len(discs), "graded disc"), _images(data))
    return [
        f"{data.source}: {', '.join(counts)}",
        f"Pfirrmann grades: {_table((str(grade), per_grade[grade]) for grade in GRADES)}",
        f"levels: {_levels(data)}",
        *_findings(discs),
        *_few(per_grade),
        *(f"note: {note}" for note in data.notes),
    ]


def _images(data: GradedData) -> str:
    contrasts = Counter(image.contrast or "of unknown contrast" for image in data.images)
    masks = sum(image.mask is not None for image in data.images)
    told = (
        *(f"{count} {name}" for name, count in sorted(contrasts.items())),
        *((f"{masks} with a mask",) if masks else ()),
    )
    return f"{counted(len(data.images), 'image')} ({', '.join(told)})"


def _table(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in counts)


def _levels(data: GradedData) -> str:
    levels = Counter(disc for own in data.grades.values() for disc in own)
    return _table((disc_name(disc), levels[disc]) for disc in sorted(levels))


def _findings(discs: list[DiscGrade]) -> list[str]:
    """One line on the findings that are known of any disc."""
    known = [name for name in FINDINGS if any(name in disc.findings for disc in discs)]
    shares = [
        f"{name} {sum(disc.findings.get(name, 0) for disc in discs)} of {sum(name in disc.findings for disc in discs)}"
        for name in known
    ]
    return [f"findings: {', '.join(shares)}"] if known else []


def _few(per_grade: Counter[int]) -> list[str]:
    few = [str(grade) for grade in GRADES if per_grade[grade] < FEW]
    told = f"note: fewer than {FEW} discs of grade {', '.join(few)}; what is rare is learnt and measured poorly"
    return [told] if few else []
