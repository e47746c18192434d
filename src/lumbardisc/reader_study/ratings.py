"""The long table of a reader study, one row per reading, checked row by row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lumbardisc.errors import InputError
from lumbardisc.levels import disc_name
from lumbardisc.training.grades import cells
from lumbardisc.training.grades.sheet import Columns, Row, read_sheet
from lumbardisc.training.grades.words import some

REQUIRED: Columns = {
    "subject": ("patient", "patient id", "subject id", "case"),
    "reader": ("rater", "observer", "judge", "method"),
    "measure": ("variable", "measurement"),
    "value": ("reading", "rating", "grade"),
}
OPTIONAL: Columns = {"disc": ("level", "disc level"), "repeat": ("session", "time", "repetition")}


@dataclass(frozen=True)
class Rating:
    """What one reader said once of one disc of a subject. disc: empty where the whole subject was read."""

    row: Row
    subject: str
    disc: str
    reader: str
    repeat: str
    measure: str
    value: str

    @property
    def item(self) -> tuple[str, str]:
        """What was read."""
        return self.subject, self.disc


def read_ratings(path: Path) -> tuple[list[Rating], tuple[str, ...]]:
    """The readings of a file, and a note for what was not read. Rows without a value are left out.

    Raises InputError with one line that names the row for an empty name and a reading that stands there twice.
    """
    sheet = read_sheet(path, REQUIRED, OPTIONAL)
    given = [row for row in sheet.rows if not cells.is_empty(row["value"])]
    empty = [str(row.number) for row in sheet.rows if cells.is_empty(row["value"])]
    if not given:
        raise InputError(f"{path}: holds no reading; fill the column value")
    notes = (f"{path.name}: left out, as they have no value: rows {some(empty)}",) if empty else ()
    return _once(_rating(row) for row in given), (*sheet.unused_note(), *notes)


def _rating(row: Row) -> Rating:
    for name in ("subject", "reader", "measure"):
        if cells.is_empty(row[name]):
            raise InputError(f"{row.where}: names no {name}; fill the column {name} in every row")
    repeat = "1" if cells.is_empty(row["repeat"]) else cells.patient(row["repeat"])
    return Rating(row, cells.patient(row["subject"]), _disc(row), row["reader"], repeat, row["measure"], row["value"])


def _disc(row: Row) -> str:
    """A disc by its name where it is known, so that ``L4-5`` and ``L4/L5`` are one; otherwise as it stands there."""
    text = "" if cells.is_empty(row["disc"]) else row["disc"]
    count = cells.disc(text)
    return disc_name(count) if count else text


def _once(ratings: Iterable[Rating]) -> list[Rating]:
    """Raises InputError where a reading is given twice."""
    first: dict[tuple[str, ...], Rating] = {}
    for one in ratings:
        other = first.setdefault((one.measure, *one.item, one.reader, one.repeat), one)
        if other is not one:
            what = f"disc {one.disc} of subject {one.subject}" if one.disc else f"subject {one.subject}"
            raise InputError(
                f"{one.row.where}: {one.measure} of {what} by {one.reader}, repeat {one.repeat}, stands in row "
                f"{other.row.number} already ({other.value}, {one.value}); keep one, or number the repeats"
            )
    return list(first.values())
