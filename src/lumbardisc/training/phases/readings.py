"""A table of T1rho readings, one row per patient and disc or one per reading of it, checked row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from pathlib import Path

import numpy as np

from lumbardisc.errors import InputError
from lumbardisc.levels import disc_name
from lumbardisc.quantify.t1rho import phase_of
from lumbardisc.training.grades import cells
from lumbardisc.training.grades.headers import stem
from lumbardisc.training.grades.sheet import Columns, Row, read_sheet
from lumbardisc.training.grades.words import some

Values = tuple[float, float, float]
"""Maximum, minimum and mean T1rho in ms, in the paper's order."""
VALUES = ("t1rho_max_ms", "t1rho_min_ms", "t1rho_mean_ms")
REQUIRED: Columns = {
    "patient": ("patient id", "subject", "image", "file", "case", "exam", "study"),
    "disc": ("level", "disc from bottom", "disc level", "ivd", "ivd level"),
    **{name: (name.removesuffix("_ms"), name.removeprefix("t1rho_").removesuffix("_ms")) for name in VALUES},
}
OPTIONAL: Columns = {
    "phase": ("idd phase", "t1rho phase"),
    "pfirrmann": ("pfirrmann grade", "grade"),
    "reader": ("observer", "rater"),
    "repeat": ("repetition", "measurement"),
    "age": ("age years",),
    "sex": ("gender",),
}
FITTED: Columns = {"disc": ("level",), **dict.fromkeys(VALUES, ())}
PHASES = (1, 2, 3)


@dataclass(frozen=True)
class Reading:
    """What one reader read once at one disc. phase, grade (Pfirrmann 1-5): None where the row tells none."""

    where: str
    patient: str
    disc: int
    values: Values
    phase: int | None
    grade: int | None
    reader: str
    repeat: str


@dataclass(frozen=True)
class Measured:
    """One disc. values: means over its readings. phase: 1-3. grade: Pfirrmann 1-5, the commonest of its readings."""

    values: Values
    phase: int
    grade: int | None


@dataclass(frozen=True)
class Person:
    """age: years, NaN where unknown. sex: as the table has it, empty where unknown."""

    age: float = nan
    sex: str = ""


@dataclass(frozen=True)
class Readings:
    """A whole table. discs: patient -> disc from the bottom -> what was measured there."""

    rows: tuple[Reading, ...]
    discs: Mapping[str, Mapping[int, Measured]]
    people: Mapping[str, Person]
    notes: tuple[str, ...]


def read_readings(path: Path, patient: str | None = None) -> Readings:
    """Read a CSV table with the columns ``REQUIRED`` and, if there are, ``OPTIONAL``.

    patient: whose discs they are, of a ``discs.csv`` as `lumbardisc fit-t1rho` writes it.
    Rows of one disc must differ in reader or repeat; their values are averaged, as the paper does. The phase is the
    row's own where it has one, otherwise that of the mean; a note tells where they contradict each other. Rows with no
    value at all are passed over. Raises InputError with one line.
    """
    sheet = read_sheet(path, FITTED, {}) if patient else read_sheet(path, REQUIRED, OPTIONAL)
    rows = [replace(row, cells={**row.cells, "patient": patient}) if patient else row for row in sheet.rows]
    filled = [row for row in rows if not all(cells.is_empty(row[name]) for name in VALUES)]
    readings = [_reading(row) for row in filled]
    _refuse_twice(readings)
    notes = list(sheet.unused_note())
    discs: dict[str, dict[int, Measured]] = {}
    for (patient, disc), own in _by_disc(readings).items():
        discs.setdefault(patient, {})[disc] = _measured(own, notes)
    people = {patient: _person(patient, filled) for patient in discs}
    return Readings(tuple(readings), discs, people, tuple(notes))


def _reading(row: Row) -> Reading:
    if cells.is_empty(row["patient"]):
        raise InputError(f"{row.where}: names no patient; fill the column patient in every row")
    disc = cells.disc(row["disc"])
    if disc is None:
        raise InputError(
            f"{row.where}: '{row['disc']}' is no disc that is known; "
            "give its level (L5/S1, L4/L5, ...) or its number from the bottom (1 = L5/S1)"
        )
    phase, grade = _known(row, "phase", PHASES), _known(row, "pfirrmann", (1, 2, 3, 4, 5))
    names = patient_of(row["patient"]), disc, _values(row)
    return Reading(row.where, *names, phase, grade, row["reader"], row["repeat"])


def patient_of(cell: str) -> str:
    """A patient as compared everywhere; where the table names an image file, without the suffix of it."""
    return cells.patient(stem(cells.clean(cell)))


def _values(row: Row) -> Values:
    high, low, mean = (_milliseconds(row, name) for name in VALUES)
    if not low <= mean <= high:
        raise InputError(
            f"{row.where}: the mean, {mean:g} ms, is not between minimum {low:g} and maximum {high:g}; correct the row"
        )
    return high, low, mean


def _milliseconds(row: Row, name: str) -> float:
    value = cells.number(row[name])
    if value is None:
        raise InputError(f"{row.where}: {name} is '{row[name]}', which is no number; give milliseconds, like 96.5")
    if value <= 0:
        raise InputError(f"{row.where}: {name} is {row[name]}; T1rho is above 0 ms, empty all three if it is unknown")
    return value


def _known(row: Row, column: str, allowed: Sequence[int]) -> int | None:
    """A phase or grade; None for an empty cell."""
    if cells.is_empty(row[column]):
        return None
    value = cells.grade(row[column])
    if value not in allowed:
        raise InputError(
            f"{row.where}: {column} is '{row[column]}'; it is one of {some([str(one) for one in allowed])}"
        )
    return value


def _refuse_twice(readings: Iterable[Reading]) -> None:
    """Raises InputError where two rows say that they are the same reading."""
    seen: dict[tuple[str, int, str, str], Reading] = {}
    for one in readings:
        first = seen.setdefault((one.patient, one.disc, one.reader, one.repeat), one)
        if first is not one:
            row = first.where.rpartition(": ")[2]
            raise InputError(
                f"{one.where}: {disc_name(one.disc)} of {one.patient} has a row already ({row}); "
                "keep one, or tell readings apart in the columns reader and repeat"
            )


def _by_disc(readings: Iterable[Reading]) -> dict[tuple[str, int], list[Reading]]:
    found: dict[tuple[str, int], list[Reading]] = {}
    for one in readings:
        found.setdefault((one.patient, one.disc), []).append(one)
    return found


def _measured(readings: Sequence[Reading], notes: list[str]) -> Measured:
    """All readings of one disc as one."""
    high, low, mean = (float(value) for value in np.mean([one.values for one in readings], axis=0))
    phase, told = phase_of(mean), {one.phase for one in readings if one.phase}
    if told - {phase}:
        first = next(one for one in readings if one.phase and one.phase != phase)
        kept = first.phase if len(told) == 1 else phase
        notes.append(
            f"{first.where}: phase {first.phase} contradicts the mean of {mean:.1f} ms, which is phase {phase}; "
            f"phase {kept} was taken"
        )
        phase = kept or phase
    grades = Counter(one.grade for one in readings if one.grade)
    return Measured((high, low, mean), phase, grades.most_common(1)[0][0] if grades else None)


def _person(patient: str, rows: Sequence[Row]) -> Person:
    """Age and sex from the first row that tells them."""
    own = [row for row in rows if patient_of(row["patient"]) == patient]
    ages = (cells.number(row["age"]) for row in own)
    return Person(next((age for age in ages if age is not None), nan), next((row["sex"] for row in own), ""))
