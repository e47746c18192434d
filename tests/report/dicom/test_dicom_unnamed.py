"""Names in descriptions of series do not get into what is to bear none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from dicom_study import read_study
from pydicom import Dataset
from report_study import make_study

from lumbardisc.io.patient import Patient
from lumbardisc.report import Wanted, write
from lumbardisc.report.unnamed import unnamed

DESCRIPTION = "t2_sag Quillfeather_4711 XANTHE"
CHOSEN = {"series_number": 3, "description": DESCRIPTION, "images": 7, "reasons": []}
CHOICE = {"chosen": CHOSEN, "also_fit": [{**CHOSEN, "series_number": 4}]}


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("t2 tse sag", "t2 tse sag"),
        ("T2_DOE_sag", "T2_***_sag"),
        ("jane, again (4711)", "***, again (***)"),
        ("Janet 47110 D", "Janet 47110 D"),
        ("Größe", "***"),
    ],
)
def test_words_of_the_name_and_the_number_are_hidden(text: str, hidden: str) -> None:
    assert Patient.of("4711", "19610203", "Doe^Jane^D^Größe").hidden_in(text) == hidden


def test_of_an_unknown_patient_nothing_is_hidden() -> None:
    assert Patient().hidden_in("t2 tse sag, 3 mm") == "t2 tse sag, 3 mm"


def test_no_file_bears_the_name_that_a_description_of_the_series_has(tmp_path: Path) -> None:
    def name(dataset: Dataset) -> None:
        dataset.PatientName, dataset.SeriesDescription = "Quillfeather^Xanthe", DESCRIPTION

    study = read_study(tmp_path / "series", name, discs=2, warnings=(f"slices of {DESCRIPTION} are missing",))
    study = replace(study, provenance={**study.provenance, "series_choice": CHOICE})
    write(study, tmp_path / "out", Wanted(dicom=True, pdf=True))
    told = {
        path.name
        for path in (tmp_path / "out").iterdir()
        for word in (b"Quillf", b"XANTHE")
        if word in path.read_bytes()
    }
    assert told == set()
    write(study, tmp_path / "identified", Wanted(identified=True))
    assert DESCRIPTION in (tmp_path / "identified" / "result.json").read_text()


def test_a_study_of_no_dicom_is_left_as_it_is() -> None:
    study = make_study()
    assert unnamed(study) is study
