"""Tables of T1rho readings: averaged over readers, checked against themselves."""

from __future__ import annotations

from math import isnan
from pathlib import Path

import pytest

from lumbardisc.errors import InputError
from lumbardisc.training.phases.readings import Person, read_readings

HEADER = "patient,level,t1rho_max_ms,t1rho_min_ms,t1rho_mean_ms"


def written(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "t1rho.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return path


def test_values_phases_and_people(tmp_path: Path) -> None:
    rows = ("007.png,L5/S1,120,40,79.9,,IV,41,F", "7,L4-5,150,60,110,2,II,41,F", "8,1,130,30,110.1,,,,M", "8,2,,,,,,,")
    found = read_readings(written(tmp_path, *rows, header=f"{HEADER},Phase,Pfirrmann grade,age,gender"))
    assert set(found.discs) == {"7", "8"}
    assert found.discs["7"][1].values == (120, 40, 79.9)
    assert [found.discs["7"][disc].phase for disc in (1, 2)] == [3, 2]
    assert [found.discs["7"][disc].grade for disc in (1, 2)] == [4, 2]
    assert found.discs["8"][1].phase == 1
    assert set(found.discs["8"]) == {1}, "a row without values is passed over"
    assert found.people["7"] == Person(41, "F")
    assert isnan(found.people["8"].age)
    assert found.notes == ()


def test_readings_are_averaged_as_the_paper_does(tmp_path: Path) -> None:
    rows = ["1,L5/S1,120,40,100,A,1", "1,L5/S1,140,50,112,A,2", "1,L5/S1,130,60,124,B,1"]
    found = read_readings(written(tmp_path, *rows, header=f"{HEADER},observer,repeat"))
    assert found.discs["1"][1].values == (130, 50, 112)
    assert found.discs["1"][1].phase == 1
    assert [(one.reader, one.repeat) for one in found.rows] == [("A", "1"), ("A", "2"), ("B", "1")]


def test_a_phase_that_contradicts_the_mean_is_told(tmp_path: Path) -> None:
    found = read_readings(written(tmp_path, "1,L5/S1,120,40,100,1", header=f"{HEADER},phase"))
    assert found.discs["1"][1].phase == 1
    (note,) = found.notes
    assert note.endswith("row 2: phase 1 contradicts the mean of 100.0 ms, which is phase 2; phase 1 was taken")


def test_readers_who_disagree_on_the_phase_leave_it_to_the_mean(tmp_path: Path) -> None:
    rows = ["1,L5/S1,120,40,100,1,A", "1,L5/S1,120,40,104,2,B"]
    found = read_readings(written(tmp_path, *rows, header=f"{HEADER},phase,reader"))
    assert found.discs["1"][1].phase == 2
    assert "phase 2 was taken" in found.notes[0]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("1,L5/S1,high,40,100", "row 2: t1rho_max_ms is 'high', which is no number"),
        ("1,L5/S1,120,,100", "t1rho_min_ms is '', which is no number"),
        ("1,L5/S1,120,-40,100", "is above 0 ms"),
        ("1,L5/S1,90,40,100", "not between minimum 40 and maximum 90"),
        ("1,disc,120,40,100", "'disc' is no disc"),
        (",L5/S1,120,40,100", "names no patient"),
        ("1,L5/S1,120,40,100,4", "phase is '4'; it is one of 1, 2 and 3"),
        ("1,L5/S1,120,40,100,1,6", "pfirrmann is '6'"),
    ],
)
def test_a_bad_row_is_one_line(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        read_readings(written(tmp_path, row, header=f"{HEADER},phase,pfirrmann"))
    assert "\n" not in str(caught.value)


def test_a_level_twice_is_one_line(tmp_path: Path) -> None:
    rows = ("1,L5/S1,120,40,100", "01,L5-S1,120,40,100")
    with pytest.raises(InputError, match=r"row 3: L5/S1 of 1 has a row already \(row 2\)"):
        read_readings(written(tmp_path, *rows))


def test_a_missing_column_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no column t1rho_mean_ms"):
        read_readings(written(tmp_path, "1,L5/S1,120,40", header=HEADER.rpartition(",")[0]))
