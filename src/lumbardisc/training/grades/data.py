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
    """What a person read at one disc. pfirrmann: 1-5. findings: name (of ``FINDINGS``) -> 0 or 1, those that are known."""

    pfirrmann: int
    findings: Mapping[str, int]


@dataclass(frozen=True)
class GradedImage:
    """An image file of a patient.

    case: unique within the data set. contrast: of ``io.CONTRASTS``, or None where nothing tells it. spacing: slice, row,
    column in mm, for files without any. mask: a label file of the discs on the same grid, where there is one.
    """

    patient: str
    case: str
    path: Path
    contrast: str | None = None
    spacing: tuple[float, float, float] | None = None
    mask: Path | None = None


@dataclass(frozen=True)
class GradedData:
    """One data set. grades: patient -> disc from the bottom (1 = L5/S1) -> grade. Every image's patient has grades.

    notes: one line each for what was left out and why.
    """

    source: str
    images: tuple[GradedImage, ...]
    grades: Mapping[str, Mapping[int, DiscGrade]]
    notes: tuple[str, ...] = ()
