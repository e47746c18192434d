"""discs.csv as a spreadsheet reads it."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbardisc.levels import disc_label
from lumbardisc.report import numbers
from lumbardisc.report.table import discs_csv


def read(study):
    return list(csv.DictReader(io.StringIO(discs_csv(study))))


def test_one_row_per_disc_lowest_first(study):
    rows = read(study)
    assert [row["level"] for row in rows] == ["L5/S1", "L4/L5", "L3/L4", "L2/L3", "L1/L2", "T12/L1"]
    assert [int(row["disc_from_bottom"]) for row in rows] == [1, 2, 3, 4, 5, 6]
    assert all(disc_label(row["level"]) == int(row["disc_from_bottom"]) for row in rows)


def test_columns_stand_in_the_order_of_the_contract(study):
    contract = [
        *("level", "level_confidence", "disc_from_bottom", "x_mm", "y_mm", "z_mm", "x0", "y0", "x1", "y1", "slice"),
        *("volume_mm3", "volume_complete", "area_mm2", "height_mm", "height_anterior_mm", "height_middle_mm"),
        *("height_posterior_mm", "depth_mm", "disc_height_index", "signal_ratio_csf", "nucleus_signal_ratio"),
    ]
    names = list(read(study)[0])
    assert names[: len(contract)] == contract
    assert names[-1] == "flags"
    assert set(names[len(contract) : -1]) == {"volume_error_mm3", "wedge_angle_deg", "nucleus_annulus_contrast"}


def test_absent_columns_stay_absent_and_undefined_values_are_empty(study):
    rows = read(study)
    assert "pfirrmann" not in rows[0]
    assert rows[2]["height_posterior_mm"] == ""
    assert rows[1]["height_posterior_mm"] == "7.30"


def test_digits_flags_and_truth_values(study):
    rows = read(study)
    assert rows[0]["x_mm"] == "-1.23"
    assert rows[0]["volume_mm3"] == "11645.7"
    assert rows[0]["disc_height_index"] == "0.346"
    assert [row["volume_complete"] for row in rows] == ["true", "true", "true", "true", "false", "true"]
    assert [row["flags"] for row in rows] == ["", "", "", "", "cut_by_fov", ""]


def test_flags_are_joined_by_semicolons(make):
    assert read(make(flags={1: ("low_confidence", "cut_by_fov")}))[0]["flags"] == "low_confidence;cut_by_fov"


def test_a_column_that_one_disc_lacks_is_empty_there(make):
    study = make(discs=2)
    del study.discs["L5/S1"].values["depth_mm"]
    assert [row["depth_mm"] for row in read(study)] == ["", "36.40"]


def test_no_disc_gives_a_header_alone(make):
    assert discs_csv(make(discs=0)) == "level,disc_from_bottom,flags\n"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), None])
def test_what_is_undefined_has_no_text(value):
    assert numbers.text("height_mm", value) == ""


def test_small_negative_values_have_no_minus_sign():
    assert numbers.text("x_mm", -0.0001) == "0.00"


@given(st.floats(-1e5, 1e5), st.sampled_from(["height_mm", "area_mm2", "volume_mm3", "wedge_angle_deg", "ratio"]))
def test_text_is_the_value_to_half_a_last_digit(value, column):
    assert float(numbers.text(column, value)) == pytest.approx(value, abs=0.5001 * 10.0 ** -numbers.decimals(column))


def test_numpy_numbers_are_numbers(make):
    study = make(discs=1)
    study.discs["L5/S1"].values.update(height_mm=np.float64(1.25), slice=np.int64(3), volume_complete=np.bool_(True))
    (row,) = read(study)
    assert (row["height_mm"], row["slice"], row["volume_complete"]) == ("1.25", "3", "true")
