"""CSV files as people and spreadsheets write them, read into rows that know where they stand."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from lumbardisc.errors import InputError
from lumbardisc.io.blobs import Blob
from lumbardisc.training.grades.cells import clean

_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx and ods are zip archives, xls a compound file
_SAVE_AS = "save it as 'CSV UTF-8'"

Columns = Mapping[str, Sequence[str]]
"""Name of a column here -> other names it goes by; capitals, blanks and punctuation do not count."""


@dataclass(frozen=True)
class Row:
    """One row. where: its file and number, as a spreadsheet counts (1 = the header). cells: by column."""

    where: str
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """The cleaned cell; empty where the file has no such column."""
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Sheet:
    """The rows that hold anything. columns: those that were found. unused: headings that mean nothing here."""

    path: Path
    rows: tuple[Row, ...]
    columns: frozenset[str]
    unused: tuple[str, ...]

    def unused_note(self) -> tuple[str, ...]:
        """One line about the columns that are not read, none if all are: one of them may be misspelt."""
        return (f"{self.path.name}: columns that are not used: {', '.join(self.unused)}",) if self.unused else ()


def read_sheet(path: Path, required: Columns, optional: Columns) -> Sheet:
    """Read a CSV file, its separator (comma, semicolon or tab) told from its header.

    Raises InputError with one line for a file that is missing, no CSV, empty, or without a required column.
    """
    lines = _lines(path)
    number, header = next(lines, (0, []))
    names = _named(path, header, {**required, **optional})
    _check_header(path, header, names, required)
    rows = tuple(_row(path, number, names, cells) for number, cells in lines)
    if not rows:
        raise InputError(f"{path}: holds a header (row {number}) and no row below it; add one row each")
    unused = tuple(title for title, name in zip(header, names, strict=True) if title and name is None)
    return Sheet(path, rows, frozenset(filter(None, names)), unused)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Number and cleaned cells of every row that is not blank."""
    text = _text(path)
    first, _, rest = text.partition("\n")
    told = re.fullmatch(r"sep=(.)\s*", first)  # Excel's own first line
    header = next((line for line in (rest if told else text).splitlines() if line.strip()), "")
    separator = told[1] if told else max(",;\t", key=header.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for cells in reader:
            cells = [clean(cell) for cell in cells]
            if any(cells) and not (told and reader.line_num == 1):
                yield reader.line_num, cells
    except csv.Error as error:
        raise InputError(f"{path}: row {reader.line_num}: is not CSV ({error}); check its quotation marks") from None


def _text(path: Path) -> str:
    """The file's text. Raises InputError for whatever is no UTF-8 text."""
    _refuse_spreadsheet_beside(path)
    data = Blob(path).read()
    if data.startswith(_SPREADSHEETS):
        raise InputError(f"{path}: is a spreadsheet, whatever its name says; open it and {_SAVE_AS}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise InputError(f"{path}: row {row}: is not UTF-8 text (byte 0x{data[error.start]:02x}); {_SAVE_AS}") from None
    if "\0" in text:
        raise InputError(f"{path}: is not UTF-8 text (it has null characters); {_SAVE_AS}")
    return text


def _refuse_spreadsheet_beside(path: Path) -> None:
    """Raises InputError where there is a spreadsheet of that name instead."""
    beside = [path.with_suffix(suffix) for suffix in (".xlsx", ".xls", ".ods") if path.with_suffix(suffix).exists()]
    if beside and not path.exists():
        raise InputError(f"{path}: there is only {beside[0].name}; open it and {_SAVE_AS} beside it")


def _named(path: Path, header: Sequence[str], columns: Columns) -> list[str | None]:
    """What each heading stands for, None for those that mean nothing here. Raises InputError if two mean the same."""
    meaning = {_plain(alias): name for name, others in columns.items() for alias in (name, *others)}
    names = [meaning.get(_plain(title)) for title in header]
    twice = [name for name, count in Counter(filter(None, names)).items() if count > 1]
    if twice:
        titles = " and ".join(f"'{title}'" for title, name in zip(header, names, strict=True) if name == twice[0])
        raise InputError(f"{path}: the columns {titles} both mean {twice[0]}; keep one")
    return names


def _plain(title: str) -> str:
    return re.sub(r"[\W_]", "", title.lower())


def _check_header(path: Path, header: Sequence[str], names: Sequence[str | None], required: Columns) -> None:
    if not header:
        raise InputError(f"{path}: is empty; its first row names the columns: {', '.join(required)}")
    missing = [name for name in required if name not in names]
    if missing:
        needed, found = ", ".join(missing), ", ".join(filter(None, header))
        plural = "s" if len(missing) > 1 else ""
        raise InputError(f"{path}: has no column{plural} {needed} (found: {found}); name the columns in its first row")


def _row(path: Path, number: int, names: Sequence[str | None], cells: Sequence[str]) -> Row:
    """Cells under their columns; missing ones at the end of a row are empty."""
    where = f"{path}: row {number}"
    if any(cells[len(names) :]):
        raise InputError(
            f"{where}: has {len(cells)} cells, the header {len(names)}; "
            "a cell with a comma in it needs quotation marks, or separate by semicolons"
        )
    return Row(where, number, {name: cell for name, cell in zip(names, cells, strict=False) if name})
