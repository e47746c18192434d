"""What changed since a prior study, in words and on the page."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import pytest
from test_report_page import page

from lumbardisc.quantify.change import HIGHER, LOWER, NO_CHANGE, NOT_COMPARED, Change, Difference
from lumbardisc.report.changes import changed, comparison, downward, lead, left_out, unchanged, when

NBSP = "\N{NO-BREAK SPACE}"
GRADE = Difference("L5/S1", "pfirrmann", 3, 4, nan, HIGHER, probability_higher=0.981, probability_lower=0.002)
HEIGHT = Difference("L5/S1", "height_mm", 8.91, 7.68, 0.84, LOWER)
SAME = Difference("L4/L5", "height_mm", 10.02, 10.31, 0.84, NO_CHANGE)
CUT = Difference("L4/L5", "volume_mm3", 9000.0, nan, nan, NOT_COMPARED, "cut by the edge of the images")
CHANGE = Change(
    "exam-2019",
    days=400,
    rows=(GRADE, HEIGHT, SAME, CUT),
    absent=(("T10/T11", "only the prior study shows it"),),
    distance_mm=0.62,
    warnings=("the slices are of different thickness",),
)


def changed_study(study):
    return replace(study, change=CHANGE)


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "the same day"),
        (1, "1 day earlier"),
        (89, "89 days earlier"),
        (90, "3 months earlier"),
        (729, "24 months earlier"),
        (730, "2.0 years earlier"),
        (-30, "30 days later"),
        (None, ""),
    ],
)
def test_how_long_ago(days, text):
    assert when(days) == text


def test_the_lead_says_what_is_known():
    assert lead(CHANGE) == (
        "Compared with exam-2019 (13 months earlier); once aligned disc by disc, the vertebrae lie 0.6 mm from each "
        "other."
    )
    assert lead(Change("b")) == "Compared with b."


def test_a_change_is_told_beside_its_error():
    (level, text), *others = changed(CHANGE)
    assert (level, others) == ("L5/S1", [])
    assert text.replace(NBSP, " ") == ("higher Pfirrmann III to IV (98 % sure); lower height 8.9 to 7.7 mm (error 0.8)")
    unknown = Change("b", rows=(replace(HEIGHT, least_detectable=nan),))
    assert changed(unknown) == [("L5/S1", "lower height 8.9 to 7.7 mm")]


def test_one_line_for_each_disc_from_the_top_down():
    area = replace(HEIGHT, measure="area_mm2", before=200.0, now=120.0, least_detectable=53.0)
    upper = replace(HEIGHT, level="L4/L5")
    assert changed(Change("b", rows=(HEIGHT, area, upper))) == [
        ("L4/L5", "lower height 8.9 to 7.7 mm (error 0.8)"),
        ("L5/S1", "lower height 8.9 to 7.7 mm (error 0.8), area 200 to 120 mm² (error 53)"),
    ]


def test_what_did_not_change_is_counted():
    assert unchanged(CHANGE) == "No change beyond measurement error in 1 other measure of all discs."
    assert unchanged(Change("b", rows=(SAME, SAME))) == "No change beyond measurement error in 2 measures of all discs."


def test_where_no_measure_could_be_compared_none_is_said_to_be_unchanged():
    assert unchanged(Change("b", rows=(CUT,))) == "No measure could be compared."
    assert unchanged(Change("b", rows=(HEIGHT, CUT))) == "No other measure could be compared."


def test_from_the_top_down_but_the_measures_of_a_disc_in_their_order():
    assert downward(CHANGE.rows) == [SAME, CUT, GRADE, HEIGHT]


def test_why_something_was_not_compared():
    assert left_out(CHANGE) == [
        ("T10/T11", "only the prior study shows it"),
        ("Volume of L4/L5", "cut by the edge of the images"),
    ]
    everywhere = [
        replace(CUT, level=level, measure=name) for level in ("L5/S1", "L4/L5") for name in ("area_mm2", CUT.measure)
    ]
    assert left_out(Change("b", rows=tuple(everywhere))) == [("Area, Volume", "cut by the edge of the images")]


def test_no_prior_study_no_section(study):
    assert comparison(study) is None
    assert "prior" not in page(study).words


def test_the_section_comes_right_after_what_is_uncertain(make):
    shown = page(changed_study(make()))
    assert shown.text["h2"][:2] == ["What is uncertain", "Since the prior study"]
    read = shown.words
    assert (
        read.index("different thickness")
        < read.index("L5/S1 : higher Pfirrmann III")
        < read.index("only the prior study")
    )


def test_the_table_has_before_now_difference_and_error(make):
    shown = page(changed_study(make()))
    cells = shown.text["td"]
    assert cells[:2] == ["\N{EN DASH}", "III to IV"]
    assert "8.9 to 7.7" in cells
    small = shown.text["span"]
    assert {"\N{MINUS SIGN}1.2 (0.8)", "+0.3 (0.8)", "98 % higher"} <= set(small)
    assert {"(lower)", "(higher)", "(not compared)", "(no change beyond measurement error)"} <= set(small)


@pytest.mark.parametrize(("now", "shown"), [(10.04, "0.0 (0.8)"), (10.0, "0.0 (0.8)"), (10.06, "+0.1 (0.8)")])
def test_what_reads_zero_has_no_sign(make, now, shown):
    rows = (replace(SAME, before=10.01, now=now),)
    assert shown in page(replace(make(), change=Change("b", rows=rows))).text["span"]


def test_a_warning_of_the_study_is_not_told_twice(make):
    study = changed_study(make(warnings=CHANGE.warnings))
    assert page(study).words.count("different thickness") == 1


def test_what_comes_from_outside_stays_text(make):
    attack = "<script>alert(1)</script>"
    study = replace(make(), change=replace(CHANGE, prior=attack, warnings=(attack,), absent=((attack, attack),)))
    assert page(study).all("script") == []


def test_where_nothing_could_be_compared_it_says_why(make):
    change = Change("b", warnings=("the names disagree by a level",), flags=("level_shift",))
    shown = page(replace(make(), change=change)).words
    assert "the names disagree by a level" in shown
    assert "No change" not in shown
