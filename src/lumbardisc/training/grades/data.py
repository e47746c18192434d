"""Graded discs and the images they were graded on: what every reader of grades gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FINDINGS = (
    "modic",
    "upper_endplate",
    "lower_endplate",
    "spondylolisthesis",
    "herniation",
    "narrowing",
    "bulging",
)
"""Findings beside the grade that a reader may give, each present (1) or absent (0)."""


@dataclass(frozen=True)
class DiscGrade:
    """What a person read at one disc. pfirrmann: 1-5. findings: name (of ``FINDINGS``) -> 0 or 1, the known ones."""

    pfirrmann: int
    findings: Mapping[str, int]


Grades = Mapping[str, Mapping[int, DiscGrade]]
"""Patient -> disc from the bottom (1 = L5/S1) -> what was read there."""


@dataclass(frozen=True)
class GradedImage:
    """An image of a patient: a file, or the folder or zip of a DICOM study. ``loading.load`` reads it.

    case: unique within the data set. contrast: of ``io.CONTRASTS``, or None where nothing tells it. spacing: slice,
    row, column in mm, for files without any. mask: a label file of the discs on the same grid, where there is one.
    lowest_disc: its label of L5/S1; the discs above it count upward from there.
    """

    patient: str
    case: str
    path: Path
    contrast: str | None = None
    spacing: tuple[float, float, float] | None = None
    mask: Path | None = None
    lowest_disc: int = 1


@dataclass(frozen=True)
class GradedData:
    """One data set. Every image's patient has grades, and every patient an image.

    notes: one line each for what was left out and why, and for what to know before training.
    """

    source: str
    images: tuple[GradedImage, ...]
    grades: Grades
    notes: tuple[str, ...] = ()
