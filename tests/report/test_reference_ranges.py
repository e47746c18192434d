"""Ranges of the literature: as their sources have them, and beside the values they belong to."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_report_page import page

from lumbardisc import levels
from lumbardisc.report.columns import meaning
from lumbardisc.report.measured import facts
from lumbardisc.report.reference_ranges import COMMON, RANGES, YUKAWA_2019, place, range_of
from lumbardisc.report.words import ANGLES

EN_DASH = "\N{EN DASH}"
NAMES = {label.name for label in levels.table()}


def test_every_range_is_of_a_measure_and_a_level_of_ours():
    for one in RANGES:
        assert one.measure in ANGLES or meaning(one.measure)
        assert one.level in NAMES or not one.level
        assert 0 < one.low < one.high
        assert "doi 10." in one.source.citation
    keys = [(one.measure, one.level) for one in RANGES]
    assert len(set(keys)) == len(keys)


def test_figures_of_the_sources():
    """As their abstracts have them."""
    height = range_of("height_mm", "L4/L5")
    assert (height.low + height.high) / 2 == pytest.approx(7.5)
    assert (height.high - height.low) / (2 * 1.96) == pytest.approx(1.2, abs=0.03)
    lordosis = range_of("lordosis_l1_s1_deg")
    assert (lordosis.low + lordosis.high) / 2 == pytest.approx(36.8)
    assert (lordosis.high - lordosis.low) / (2 * 1.96) == pytest.approx(13.2, abs=0.03)
    assert lordosis.source is YUKAWA_2019
    plain = COMMON.replace("\N{NO-BREAK SPACE}", " ")
    assert "49.5 % had one at L4/L5" in plain
    assert "37 % at 20, 52 % at 30, 68 % at 40, 80 % at 50, 96 % at 80 years" in plain


@given(st.floats())
def test_a_value_is_below_above_or_neither(value):
    one = range_of("height_mm", "L4/L5")
    assert (place(value, one) == "below") == (value < one.low)
    assert (place(value, one) == "above") == (value > one.high)


@pytest.mark.parametrize("value", [nan, None, "", True])
def test_what_is_undefined_is_neither(value):
    assert place(value, range_of("height_mm", "L4/L5")) == ""


def test_a_measure_without_a_range_has_none():
    assert range_of("volume_mm3", "L4/L5") is None
    assert range_of("height_mm", "T12/L1") is None
    assert place(inf, None) == ""


def test_ranges_stand_beside_the_values(make):
    """The heights of the discs are 9.5 at L5/S1 down to 7.5 at T12/L1."""
    shown = page(make(spine={"lordosis_l1_s1_deg": 70.0}))
    assert shown.text["span"].count(f"5.1{EN_DASH}9.9") == 10, "of the five lumbar discs, on the card and in the table"
    assert [text for text in shown.text["span"] if "above" in text] == [f"above 10.9{EN_DASH}62.7"]
    assert "Spahn et al." in shown.words
    assert "Yukawa et al." in shown.words


def test_nothing_stands_beside_lengths_that_cannot_be_trusted(make):
    shown = page(make(flags_of_study=("spacing_doubtful",))).words
    assert f"5.1{EN_DASH}9.9" not in shown
    assert "Spahn" not in shown


def test_only_sources_of_what_is_shown_are_told(make):
    assert "Yukawa" not in page(make(spine={})).words
    assert "Spahn" not in page(make(discs=0)).words


@pytest.mark.parametrize(("height", "told"), [(9.94, ""), (9.96, "above"), (5.06, ""), (5.04, "below")])
def test_a_value_is_placed_as_it_is_shown(make, height, told):
    study = make(discs=1)
    disc = study.discs["L5/S1"]
    one = replace(disc, values={**disc.values, "height_mm": height})
    (fact, *_) = facts(study, one)
    assert (fact["title"], fact["place"]) == ("Height", told)
