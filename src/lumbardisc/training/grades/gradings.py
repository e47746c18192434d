"""A table of grades, one row per patient and disc, checked row by row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from lumbardisc.errors import InputError
from lumbardisc.training.grades import cells
from lumbardisc.training.grades.data import FINDINGS, DiscGrade, Grades
from lumbardisc.training.grades.sheet import Columns, Row, Sheet, read_sheet
from lumbardisc.training.grades.words import some

REQUIRED: Columns = {
    "patient": ("patient id", "subject", "case"),
    "disc": ("level", "disc from bottom", "disc level", "ivd", "ivd label", "ivd level"),
    "pfirrmann": ("pfirrmann grade", "pfirrman", "pfirrman grade", "grade"),  # SPIDER writes it with one n
}
OPTIONAL: Columns = {
    "modic": ("modic type", "modic changes"),
    "upper_endplate": ("up endplate",),
    "lower_endplate": ("low endplate",),
    "spondylolisthesis": (),
    "herniation": ("disc herniation",),
    "narrowing": ("disc narrowing",),
    "bulging": ("disc bulging",),
}
_HIGHEST = dict.fromkeys(FINDINGS, 1) | {"modic": 3}


def read_gradings(path: Path) -> Sheet:
    """The rows of a table of grades. Raises InputError."""
    return read_sheet(path, REQUIRED, OPTIONAL)


def grades_of(path: Path, rows: Iterable[Row]) -> tuple[Grades, tuple[str, ...]]:
    """The grades in the rows of a file, and a note on rows without one. Modic types 1-3 count as present.

    Raises InputError with one line that names the row for a grade outside 1-5, an unknown level, a finding other than 0
    and 1, a disc that is graded twice, and where no grade is left.
    """
    grades: dict[str, dict[int, DiscGrade]] = {}
    first: dict[tuple[str, int], Row] = {}
    ungraded: list[Row] = []
    for row in rows:
        patient, disc = _patient(row), _disc(row)
        if cells.is_empty(row["pfirrmann"]):
            ungraded.append(row)
            continue
        grade = DiscGrade(_pfirrmann(row), _findings(row))
        _refuse_second(row, first.setdefault((patient, disc), row))
        grades.setdefault(patient, {})[disc] = grade
    if not grades:
        raise InputError(f"{path}: holds no grade of any disc; fill the column pfirrmann with grades 1 to 5")
    return grades, _note(path, ungraded)


def _patient(row: Row) -> str:
    if cells.is_empty(row["patient"]):
        raise InputError(f"{row.where}: names no patient; fill the column patient in every row")
    return cells.patient(row["patient"])


def _disc(row: Row) -> int:
    disc = cells.disc(row["disc"])
    if disc is None:
        raise InputError(
            f"{row.where}: '{row['disc']}' is no disc that is known; "
            "give its level (L5/S1, L4/L5, ...) or its number from the bottom (1 = L5/S1)"
        )
    return disc


def _pfirrmann(row: Row) -> int:
    grade = cells.grade(row["pfirrmann"])
    if grade is None:
        raise InputError(f"{row.where}: '{row['pfirrmann']}' is no Pfirrmann grade; give 1 to 5 (or I to V)")
    return grade


def _findings(row: Row) -> dict[str, int]:
    return {name: _finding(row, name) for name in FINDINGS if not cells.is_empty(row[name])}


def _finding(row: Row, name: str) -> int:
    value = cells.whole(row[name])
    if value is None or not 0 <= value <= _HIGHEST[name]:
        allowed = "0 or 1" if _HIGHEST[name] == 1 else f"0 (absent) or its type 1 to {_HIGHEST[name]}"
        raise InputError(f"{row.where}: {name} is '{row[name]}'; give {allowed}, or leave it empty where unknown")
    return min(value, 1)


def _refuse_second(row: Row, first: Row) -> None:
    if row is not first:
        told = ", ".join(dict.fromkeys((first["pfirrmann"], row["pfirrmann"])))
        raise InputError(
            f"{row.where}: disc {row['disc']} of patient {row['patient']} was graded in row {first.number} already "
            f"(grades {told}); keep one row per disc"
        )


def _note(path: Path, ungraded: Sequence[Row]) -> tuple[str, ...]:
    rows = some([str(row.number) for row in ungraded])
    return (f"{path.name}: left out, as they have no grade: rows {rows}",) if ungraded else ()
