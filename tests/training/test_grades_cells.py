"""Cells as people write them: every way of saying it is understood, everything else is refused."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbardisc.io import CONTRASTS
from lumbardisc.levels import DISCS
from lumbardisc.training.grades import cells

BLANKS = st.text(" \t\u00a0", max_size=3)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        *[("L5/S1", 1), ("L5-S1", 1), ("L5S1", 1), ("l5s1", 1), ("L5/S", 1), ("L5 - S1", 1), ("L5\u2013S1", 1)],
        *[
            ("L4/L5", 2),
            ("l4l5", 2),
            ("L4-5", 2),
            ("L4/5", 2),
            ("L4 L5", 2),
            ("L04/L05", 2),
            ("\uff2c\uff14\uff0f\uff2c\uff15", 2),
        ],
        *[("T12/L1", 6), ("Th12/L1", 6), ("D12-L1", 6), ("T11/12", 7), ("TH11-TH12", 7)],
        *[("1", 1), ("2.0", 2), ("3,0", 3), ("04", 4), (" 5 ", 5)],
    ],
)
def test_levels(text: str, count: int) -> None:
    assert cells.disc(text) == count


@pytest.mark.parametrize(
    "text",
    [
        *["", "0", "18", "-1", "1.5", "L5", "S1", "L45", "T12", "L5/L4", "L3/L5", "L5/L6", "L6/S1", "S1/S2", "C5/C6"],
        *["L4/S1", "L4/L5/S1", "L4/L5 left", "lowest", "201", "1e0", "9" * 400, "L/L5", "T12/1", "L5/1"],
    ],
)
def test_what_is_no_level(text: str) -> None:
    assert cells.disc(text) is None


@given(
    st.sampled_from(range(len(DISCS))),
    st.sampled_from(["/", "-", "_", " ", "\u2013", " / ", ""]),
    st.sampled_from([str.upper, str.lower]),
    BLANKS,
)
def test_every_level_in_every_dress(place: int, between: str, case: object, blank: str) -> None:
    upper, lower = DISCS[place].split("/")
    assert cells.disc(f"{blank}{case(upper + between + lower)}{blank}") == place + 1  # type: ignore[operator]


@given(st.integers(-30, 30), st.sampled_from(["{}", "{}.0", "{},0", "{}.", "{},00", " {} "]))
def test_numbers_from_the_bottom(count: int, form: str) -> None:
    assert cells.disc(form.format(count)) == (count if 1 <= count <= 17 else None)


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        *[("1", 1), ("5", 5), ("3.0", 3), ("4,0", 4), (" 2 ", 2), ("\uff13", 3)],
        *[("I", 1), ("ii", 2), ("III", 3), ("iv", 4), ("V", 5), ("\u2162", 3), ("\u2164", 5)],
    ],
)
def test_grades(text: str, grade: int) -> None:
    assert cells.grade(text) == grade


@pytest.mark.parametrize(
    "text", ["", "0", "6", "-3", "VI", "IIII", "2.5", "2,5", "3-4", "3/4", "three", "1e0", "nan", "inf"]
)
def test_what_is_no_grade(text: str) -> None:
    assert cells.grade(text) is None


@given(st.text(string.printable + "\u2160\u2164\uff0c\uff0e", max_size=6))
def test_any_text_is_a_grade_or_none(text: str) -> None:
    assert cells.grade(text) in {None, 1, 2, 3, 4, 5}
    assert cells.disc(text) in {None, *range(1, 18)}


@given(st.text(max_size=12))
def test_no_text_breaks_a_cell(text: str) -> None:
    assert cells.clean(cells.clean(text)) == cells.clean(text)
    cells.grade(text), cells.disc(text), cells.contrast(text)
    assert cells.patient(cells.patient(text)) == cells.patient(text)


@given(st.integers(0, 999), st.integers(0, 99))
def test_decimal_point_and_comma(whole: int, part: int) -> None:
    text = f"{whole}.{part:02d}"
    assert cells.number(text) == cells.number(text.replace(".", ",")) == float(text)


@pytest.mark.parametrize("text", ["", "0.6 mm", "1.000,5", "1'000", "nan", "inf", "0x1", "--1", "."])
def test_what_is_no_number(text: str) -> None:
    assert cells.number(text) is None


@pytest.mark.parametrize(
    ("text", "contrast"),
    [
        *[("T1", "t1"), ("t1w", "t1"), ("T2", "t2"), ("T2W", "t2"), ("_t2", "t2"), ("-T2-", "t2")],
        *[("t2_SPACE", "t2_space"), ("T2 Space", "t2_space"), ("STIR", "stir"), ("tirm", "stir")],
        *[("t3", None), ("", None), ("t2 t1", None), ("sagittal", None)],
    ],
)
def test_contrasts(text: str, contrast: str | None) -> None:
    assert cells.contrast(text) == contrast


def test_every_contrast_is_known_by_its_own_name() -> None:
    assert [cells.contrast(name) for name in CONTRASTS] == list(CONTRASTS)


def test_a_patient_keeps_a_name_that_spreadsheets_change() -> None:
    assert {cells.patient(text) for text in ("007", "7", "7.0", "7,0", " 7 ")} == {"7"}
    assert cells.patient("sub-007") == "sub-007"
    assert cells.patient("1.5") == "1.5"
    assert cells.patient("000") == "0"


@pytest.mark.parametrize("text", ["", "  ", "NA", "n/a", "NaN", "-", "?"])
def test_nothing_known(text: str) -> None:
    assert cells.is_empty(text)
    assert not cells.is_empty("0")
