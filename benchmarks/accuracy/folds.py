"""Predictions of a cross-validation, each made by the network that did not see the patient: a CSV."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from math import nan
from pathlib import Path

from readings import NOT_FOUND, T1, T2, Cohort, Reading, chosen, cohort

from lumbardisc.errors import InputError
from lumbardisc.evaluation.grading import GRADES
from lumbardisc.training.grades import FINDINGS, DiscGrade

SHARES = tuple(f"p{grade}" for grade in range(1, GRADES + 1))
COLUMNS = ("patient", "disc", "contrast", "truth", "fold", *SHARES, "found")
"""``disc``: 1 = L5/S1. ``contrast``: of the image, or ``t1+t2`` for both together. ``found``: 1 or 0.

p1-p5 may be empty where ``found`` is 0. Beside these may stand, for any finding, ``FINDING`` (0, 1 or empty) and
``FINDING_probability``. ``lumbardisc train grading`` writes it.
"""
NO_FOLD = "none (no disc found)"
"""Of a patient on none of whose images a disc was found."""
INPUTS = {"T2": T2, "T1 alone": T1, "T1 and T2": ("t1+t2",)}

Row = Mapping[str, str]


def read_folds(path: Path) -> tuple[dict[str, Cohort], dict[str, str]]:
    """The cohort of each input, and the fold of each patient. The grade is the likeliest one.

    Raises InputError where a column is missing, a value cannot be used, or a disc stands there twice.
    """
    rows = _rows(path)
    contrasts: dict[str, set[str]] = {}
    for row in rows:
        contrasts.setdefault(row["patient"], set()).add(row["contrast"])
    cohorts = {}
    for name, wanted in INPUTS.items():
        kept = {patient: chosen(own, [wanted]) for patient, own in contrasts.items()}
        entries = [_entry(row, path) for row in rows if (row["contrast"],) == kept[row["patient"]]]
        if entries:
            cohorts[name] = cohort(entries)
    return cohorts, {row["patient"]: row["fold"] or NO_FOLD for row in rows}


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            rows = list(reader)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error}); give the CSV of out-of-fold predictions") from None
    if missing or not rows:
        what = f"has no column {', '.join(missing)}" if missing else "holds no predictions"
        raise InputError(f"{path}: {what}; it needs {', '.join(COLUMNS)}")
    _once(rows, path)
    return rows


def _once(rows: Sequence[Row], path: Path) -> None:
    seen = set()
    for line, row in enumerate(rows, start=2):
        key = row["patient"], row["disc"], row["contrast"]
        if key in seen:
            raise InputError(f"{path}, line {line}: patient {key[0]}, disc {key[1]}, {key[2]} stands there twice")
        seen.add(key)


def _entry(row: Row, path: Path) -> tuple[str, DiscGrade, Reading]:
    try:
        return row["patient"], _truth(row), _reading(row)
    except ValueError as error:
        where = f"{path}: patient {row['patient']}, disc {row['disc']}, {row['contrast']}"
        raise InputError(f"{where}: {error}; mend that row") from None


def _truth(row: Row) -> DiscGrade:
    if row["truth"] not in ("1", "2", "3", "4", "5"):
        raise ValueError(f"truth {row['truth']!r} is no grade 1-5")
    return DiscGrade(int(row["truth"]), {name: int(row[name]) for name in FINDINGS if row.get(name)})


def _reading(row: Row) -> Reading:
    if row["found"] == "0":
        return NOT_FOUND
    shares = tuple(float(row[name]) for name in SHARES)
    if not abs(sum(shares) - 1) < 0.01:
        raise ValueError(f"p1-p5 sum to {sum(shares):.3f}, not 1")
    grade = shares.index(max(shares)) + 1
    findings = {name: float(row.get(f"{name}_probability") or nan) for name in FINDINGS}
    return Reading(grade, max(shares), True, shares, findings)
