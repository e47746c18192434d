"""Readers of exams with T1rho; a new one is one file and one row in ``EXAMS``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lumbardisc.training.t1rho import table
from lumbardisc.training.t1rho.data import MatchedExam

EXAMS: dict[str, Callable[[Path], tuple[list[MatchedExam], tuple[str, ...]]]] = {
    "table": table.read_table,
    "fitted": table.read_fitted,
}
