"""Pfirrmann grades of the discs that are compared: from a table, or from `discs.csv` beside a label map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lumbardisc.errors import InputError
from lumbardisc.training.grades import cells
from lumbardisc.training.grades.gradings import OPTIONAL, REQUIRED, grades_of
from lumbardisc.training.grades.sheet import read_sheet
from lumbardisc.training.masked_slices import owner

Grades = Mapping[int, int]
"""Disc from the bottom (1 = L5/S1) -> Pfirrmann grade."""

TABLE = "discs.csv"
_LEVELS = {"level": (), "pfirrmann": ()}
_COLUMNS = {**REQUIRED, "patient": (*REQUIRED["patient"], "study")}


def read_grades(path: Path) -> dict[str, Grades]:
    """Patient -> grades, from a CSV file with the columns patient, disc (a level or a number), pfirrmann.

    Raises InputError with one line; see ``training.grades.gradings``.
    """
    sheet = read_sheet(path, _COLUMNS, OPTIONAL)
    rows = [row for row in sheet.rows if cells.whole(row["disc"]) != 0]  # as SPIDER's table has; no disc of any mask
    grades, _ = grades_of(sheet.path, rows)
    return {patient: {disc: one.pfirrmann for disc, one in discs.items()} for patient, discs in grades.items()}


def grades_beside(path: Path | None) -> Grades:
    """The grades in `discs.csv` beside a label map, as `analyze` writes them; none where there is no such file."""
    table = path.parent / TABLE if path else None
    if table is None or not table.is_file():
        return {}
    try:
        rows = read_sheet(table, _LEVELS, {}).rows
    except InputError:  # a table of another kind
        return {}
    read = {cells.disc(row["level"]): cells.grade(row["pfirrmann"]) for row in rows}
    return {disc: grade for disc, grade in read.items() if disc and grade}


def patients_of(cases: Sequence[str], graded: Mapping[str, object]) -> dict[str, str]:
    """Whose each case is: one of the patients that have grades, or what stands before the first underscore.

    Where all cases begin alike (``case_01``, ``case_02``), each is a patient of its own.
    """
    owners = {case: owner(case, list(graded)) for case in cases}
    if len(set(owners.values())) == 1 and not set(owners.values()) & set(graded):
        return {case: case for case in cases}
    return owners
