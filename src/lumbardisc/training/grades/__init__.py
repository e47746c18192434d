"""Readers of graded discs; a new one is one file and one row in ``GRADES``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lumbardisc.training.grades import spider_slices
from lumbardisc.training.grades.data import FINDINGS, DiscGrade, GradedData, GradedImage

GRADES: dict[str, Callable[[Path], GradedData]] = {
    "spider_midsagittal": spider_slices.read,
}

__all__ = ["FINDINGS", "GRADES", "DiscGrade", "GradedData", "GradedImage"]
