"""Who a report is about: read from the images as scanners write them, told only where it may be."""

from __future__ import annotations

from pathlib import Path

import pytest
from making_dicom import Series, write
from pydicom import Dataset

from lumbardisc import report
from lumbardisc.io import find
from lumbardisc.io.dicom_header import quietly
from lumbardisc.report.identity import Identity, banner, identity, of_header

WHOLE = Identity(
    name="Doe, Jane",
    identifier="ZZ-4711",
    birth_date="1970-01-31",
    sex="female",
    study_date="2024-05-06",
    accession="ACC-0815",
    study_description="Lendenwirbel",
    institution="Klinikum Musterstadt",
    referring="Weiß, Dr Jörg",
)
TAGS = {
    "SpecificCharacterSet": "ISO_IR 100",
    "PatientName": "Doe^Jane",
    "PatientID": "ZZ-4711",
    "PatientBirthDate": "19700131",
    "PatientSex": "F",
    "StudyDate": "20240506",
    "AccessionNumber": "ACC-0815",
    "StudyDescription": "Lendenwirbel",
    "InstitutionName": "Klinikum Musterstadt",
    "ReferringPhysicianName": "Weiß^Jörg^^Dr",
}


def imaged(folder: Path, make, **tags):
    """A study of six discs, its origin a series with these attributes."""
    write(folder / "images", Series(), **tags)
    (source,) = find([folder / "images"])
    return make(origin=source.load().origin)


def header(**tags):
    dataset = Dataset()
    with quietly():
        for name, value in tags.items():
            setattr(dataset, name, value)
    return dataset


def test_everything_is_read_from_the_images(make, tmp_path):
    assert identity(imaged(tmp_path, make, **TAGS), identified=True) == WHOLE


def test_nobody_is_told_unless_asked_for_nor_of_a_file_without_headers(make, tmp_path):
    assert identity(imaged(tmp_path, make, **TAGS), identified=False) is None
    assert identity(make(), identified=True) is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Doe^Jane", "Doe, Jane"),
        ("Adams^John Robert Quincy^^Rev.^B.A. M.Div.", "Adams, Rev. John Robert Quincy, B.A. M.Div."),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou (山田 太郎)"),
        ("=山田^太郎", "山田 太郎"),
        ("JANE DOE", "JANE DOE"),
        ("^Jane", "Jane"),
        ("Doe^Jane^^^", "Doe, Jane"),
        ("", ""),
        ("^^^^", ""),
        ("a^b^c^d^e^f", "a, d b c, e"),
        ("Doe\n^Jane\x1b", "Doe, Jane"),
    ],
)
def test_a_name_is_written_as_people_write_it(name, shown):
    assert of_header(header(PatientName=name)).name == shown


@pytest.mark.parametrize(
    ("date", "shown"), [("19700131", "1970-01-31"), ("1970.01.31", "1970-01-31"), ("1970", "1970"), ("", "")]
)
def test_dates(date, shown):
    assert of_header(header(PatientBirthDate=date)).birth_date == shown


def test_what_the_images_do_not_say_is_empty_and_not_shown():
    assert of_header(Dataset()) == Identity()
    assert banner(of_header(header(PatientID="7", PatientSex="M"))) == [("ID", "7"), ("Sex", "male")]
    assert banner(None) == []


@pytest.mark.parametrize("identified", [True, False])
def test_page_pdf_and_results_bear_the_patient_only_where_they_may(make, tmp_path, identified):
    report.write(imaged(tmp_path, make, **TAGS), tmp_path / "out", report.Wanted(pdf=True, identified=identified))
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    told = [text for _, text in banner(WHOLE)]
    assert [text in page for text in told] == [identified] * 9
    others = [path for path in (tmp_path / "out").iterdir() if path.suffix not in (".html", ".pdf")]
    assert {"discs.csv", "result.json", "overlay.png"} <= {path.name for path in others}
    assert not any(text.encode() in path.read_bytes() for text in told if len(text) > 6 for path in others)
