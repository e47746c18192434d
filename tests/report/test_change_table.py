"""change.csv, and what result.json and the terminal say of a change."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from math import nan
from pathlib import Path

from report_study import make_study

from lumbardisc import report
from lumbardisc.quantify.change import LOWER, NO_CHANGE, NOT_COMPARED, Change, Difference
from lumbardisc.report.change_table import change_csv
from lumbardisc.report.record import result_json

CHANGE = Change(
    "2019",
    400,
    (
        Difference("L5/S1", "pfirrmann", 3, 4, nan, NO_CHANGE, "", 0.61, 0.05),
        Difference("L5/S1", "height_mm", 9.004, 6.0, 1.416, LOWER),
        Difference("L4/L5", "volume_mm3", 9000.0, nan, nan, NOT_COMPARED, "not known of this study"),
    ),
    (("T12/L1", "outside the images of the prior study"),),
    0.42,
    ("both, told first",),
)


def table(change: Change) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(change_csv(change))))


def test_a_row_for_each_disc_and_measure_undefined_is_empty() -> None:
    grade, height, volume, absent = table(CHANGE)
    assert (height["before"], height["now"], height["difference"]) == ("9.00", "6.00", "-3.00")
    assert (height["least_detectable"], height["verdict"], height["probability_higher"]) == ("1.42", "lower", "")
    assert (grade["before"], grade["now"], grade["difference"], grade["probability_higher"]) == ("3", "4", "1", "0.610")
    assert (volume["now"], volume["difference"], volume["reason"]) == ("", "", "not known of this study")
    assert (absent["level"], absent["measure"], absent["verdict"]) == ("T12/L1", "", "not compared")


def test_nothing_compared_is_a_header_alone() -> None:
    assert change_csv(Change("2019")).count("\n") == 1


def test_the_record_holds_the_same() -> None:
    record = json.loads(result_json(replace(make_study(), change=CHANGE)))["change"]
    assert record["prior"] == "2019"
    assert record["rows"][1]["difference"] == 6.0 - 9.004
    assert record["rows"][2]["now"] is None
    assert record["absent"] == [{"level": "T12/L1", "reason": "outside the images of the prior study"}]
    assert "change" not in json.loads(result_json(make_study()))


def test_the_file_lies_beside_the_others_where_there_is_a_prior_study(tmp_path: Path) -> None:
    report.write(replace(make_study(), change=CHANGE), tmp_path)
    assert (tmp_path / "change.csv").is_file()
    report.write(make_study(), tmp_path)
    assert not (tmp_path / "change.csv").exists(), "that of an earlier run goes with it"


def test_the_terminal_is_told() -> None:
    lines = report.summary(replace(make_study(), change=CHANGE)).splitlines()
    start = next(index for index, line in enumerate(lines) if "Compared with 2019" in line)
    assert lines[start + 1] == "    note: both, told first"
    assert lines[start + 2].startswith("    L5/S1: lower height 9.0 to 6.0 mm")
    assert lines[-1] == "    T12/L1: not compared, outside the images of the prior study"
