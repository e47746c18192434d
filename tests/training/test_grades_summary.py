"""What is told before a training, and the command that tells it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbardisc.cli import train
from lumbardisc.cli.main import run
from lumbardisc.training.grades import DiscGrade, GradedData, GradedImage, summary
from lumbardisc.training.grades.words import MOST, in_order, some

DATA = GradedData(
    "table",
    (
        GradedImage("1", "1_t1", Path("1_t1.nii"), "t1"),
        GradedImage("1", "1_t2", Path("1_t2.nii"), "t2", mask=Path("1_t2_mask.nii")),
        GradedImage("2", "2", Path("2.nii")),
    ),
    {
        "1": {1: DiscGrade(5, {"modic": 1, "bulging": 0}), 2: DiscGrade(2, {"modic": 0})},
        "2": {1: DiscGrade(2, {})},
    },
    ("something was left out",),
)


def test_what_a_data_set_holds() -> None:
    assert summary(DATA) == [
        "table: 2 patients, 3 graded discs, 3 images (1 of unknown contrast, 1 t1, 1 t2, 1 with a mask)",
        "Pfirrmann grades: 1: 0, 2: 2, 3: 0, 4: 0, 5: 1",
        "levels: L5/S1: 2, L4/L5: 1",
        "findings: modic 1 of 2, bulging 0 of 1",
        "note: fewer than 20 discs of grade 1, 2, 3, 4, 5; what is rare is learnt and measured poorly",
        "note: something was left out",
    ]


def test_enough_of_every_grade_and_no_findings_need_no_line() -> None:
    grades = {str(patient): {grade: DiscGrade(grade, {}) for grade in range(1, 6)} for patient in range(20)}
    lines = summary(GradedData("table", (GradedImage("1", "1", Path("1.nii")),), grades))
    assert [line.partition(":")[0] for line in lines] == ["table", "Pfirrmann grades", "levels"]


@given(st.lists(st.text("abc", min_size=1, max_size=3)))
def test_a_list_tells_how_many_it_leaves_out(names: list[str]) -> None:
    shown = some(names)
    told = shown.replace(" and ", ", ").split(", ") if names else []
    if shown.endswith(" more"):
        assert told[:-1] == names[:MOST]
        assert int(told[-1].split()[0]) == len(names) - MOST > 1
    else:
        assert told == names


def test_patients_are_listed_in_order() -> None:
    assert in_order(["10", "b", "2", "a", "2"]) == ["2", "10", "a", "b"]


def test_without_its_libraries_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(train, "find_spec", lambda _name: None)
    assert run(["train", "grading", "grading.toml"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert 'pip install "lumbardisc[train]"' in err
