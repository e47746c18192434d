"""CSV files as spreadsheets and people write them, and files that are none."""

from __future__ import annotations

import csv
import zipfile
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbardisc.errors import InputError
from lumbardisc.training.grades.sheet import Sheet, read_sheet

REQUIRED = {"patient": ("patient id",), "disc": ("IVD label",)}
OPTIONAL = {"note": ()}


def read(path: Path, data: str | bytes) -> Sheet:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_sheet(path, REQUIRED, OPTIONAL)


def refused(path: Path, data: str | bytes, *words: str) -> None:
    with pytest.raises(InputError) as told:
        read(path, data)
    line = str(told.value)
    assert line.startswith(str(path))
    assert "\n" not in line
    for word in words:
        assert word in line


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "grades.csv"


@pytest.mark.parametrize(
    "data",
    [
        b"patient,disc\n7,L4/L5\n",
        b"\xef\xbb\xbfpatient,disc\n7,L4/L5\n",
        b"patient;disc\r\n7;L4/L5\r\n",
        b"patient\tdisc\r7\tL4/L5\r",
        b"sep=;\r\npatient;disc\r\n7;L4/L5\r\n",
        b"\n  \nPatient ID ,IVD-Label\n7, L4/L5\n\n , \n",
        b'"patient","disc",,\n"7","L4/L5",,,,\n',
    ],
)
def test_ways_to_write_the_same(path: Path, data: bytes) -> None:
    sheet = read(path, data)
    assert [dict(row.cells) for row in sheet.rows] == [{"patient": "7", "disc": "L4/L5"}]
    assert sheet.columns == {"patient", "disc"}
    assert sheet.unused_note() == ()


@pytest.mark.parametrize("before", ["", "sep=,\n", "\n\n"])
def test_rows_are_numbered_as_a_spreadsheet_numbers_them(path: Path, before: str) -> None:
    lines = [*before.splitlines(), "patient,disc", "1,2", "", "3,4"]
    rows = read(path, "\n".join(lines)).rows
    assert [(row["patient"], row.number) for row in rows] == [("1", lines.index("1,2") + 1), ("3", len(lines))]
    assert rows[1].where == f"{path}: row {len(lines)}"


def test_missing_cells_and_columns_are_empty(path: Path) -> None:
    (row,) = read(path, "patient,disc,note\n7\n").rows
    assert (row["patient"], row["disc"], row["note"], row["never heard of"]) == ("7", "", "", "")


def test_columns_that_mean_nothing_are_named(path: Path) -> None:
    (note,) = read(path, "patient,disc,colour,mood\n7,1,red,good\n").unused_note()
    assert note == "grades.csv: columns that are not used: colour, mood"


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(*[st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1)] * 2), min_size=1
    ),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_csv_writer_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], separator: str, end: str
) -> None:
    text = StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=end)
    writer.writerows([("patient", "disc"), *rows])
    sheet = read(tmp_path_factory.mktemp("csv") / "grades.csv", text.getvalue())
    assert [(row["patient"], row["disc"]) for row in sheet.rows] == rows


@settings(max_examples=60)
@given(st.binary(max_size=80))
def test_any_bytes_are_rows_or_one_line(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("csv") / "grades.csv"
    for head in (b"", b"patient,disc\n"):
        try:
            told = read(path, head + data).rows[0].where
        except InputError as error:
            told = str(error)
        assert told.startswith(str(path))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", ("is empty", "patient, disc")),
        (b"\n\n  ,\n", ("is empty",)),
        (b"patient,disc\n", ("no row below it", "row 1")),
        (b"patient,disc\n,,\n", ("no row below it",)),
        (b"patient,grade\n1,2\n", ("no column disc", "found: patient, grade")),
        (b"L5/S1,L4/L5\n1,2\n", ("no columns patient, disc", "found: L5/S1, L4/L5")),
        (b"patient,disc,Patient ID\n1,2,3\n", ("'patient' and 'Patient ID' both mean patient",)),
        (b"patient,disc\n1,2\n1,3,0\n", ("row 3", "3 cells, the header 2", "semicolons")),
        ("patient,disc\n1,2\nMüller,3\n".encode("latin-1"), ("row 3", "not UTF-8", "0xfc", "CSV UTF-8")),
        ("patient,disc\n1,2\n".encode("utf-16"), ("not UTF-8",)),
        ("patient,disc\n1,2\n".encode("utf-16-le"), ("not UTF-8",)),
        (b'patient,disc\n1,"2\n', ("row", "quotation marks")),
        (b'patient,disc\n1,"2"3\n', ("row 2", "quotation marks")),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old workbook", ("spreadsheet", "CSV UTF-8")),
    ],
)
def test_files_that_cannot_be_used(path: Path, data: bytes, words: tuple[str, ...]) -> None:
    refused(path, data, *words)


def workbook(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")


def test_a_workbook_renamed(path: Path) -> None:
    workbook(path)
    refused(path, path.read_bytes(), "spreadsheet", "whatever its name says", "CSV UTF-8")


def test_a_workbook_instead(path: Path) -> None:
    workbook(path.with_suffix(".xlsx"))
    with pytest.raises(InputError, match=r"only grades\.xlsx; open it and save it as 'CSV UTF-8'"):
        read_sheet(path, REQUIRED, OPTIONAL)


def test_no_file_and_a_folder(path: Path) -> None:
    with pytest.raises(InputError, match=r"grades\.csv: there is no such file"):
        read_sheet(path, REQUIRED, OPTIONAL)
    path.mkdir()
    with pytest.raises(InputError, match=r"grades\.csv: cannot be read"):
        read_sheet(path, REQUIRED, OPTIONAL)
