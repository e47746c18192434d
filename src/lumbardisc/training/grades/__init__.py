"""Readers of graded discs; a new one is one file and one row in ``GRADES``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lumbardisc.training.grades import spider, spider_slices, table
from lumbardisc.training.grades.data import FINDINGS, DiscGrade, GradedData, GradedImage
from lumbardisc.training.grades.loading import LoadedImage, load
from lumbardisc.training.grades.summary import summary

GRADES: dict[str, Callable[[Path], GradedData]] = {
    "table": table.read,
    "spider": spider.read,
    "spider_midsagittal": spider_slices.read,
}

__all__ = ["FINDINGS", "GRADES", "DiscGrade", "GradedData", "GradedImage", "LoadedImage", "load", "summary"]
