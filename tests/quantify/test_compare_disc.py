"""Differences and their errors: numbers by hand, and what must not be compared."""

from __future__ import annotations

from math import isnan, nan, sqrt
from typing import Any

import pytest

from lumbardisc.quantify.change import HIGHER, LOWER, NO_CHANGE, NOT_COMPARED, Change, Difference
from lumbardisc.quantify.compare import MEASURES, compare_disc
from lumbardisc.quantify.repeatability import REPEATABILITY, Repeatability
from lumbardisc.report.columns import meaning

LEAST = REPEATABILITY["height_mm"].least_detectable


def one(before: dict[str, Any], now: dict[str, Any], **unfit: str) -> Difference:
    (row,) = compare_disc("L4/L5", before, now, unfit)
    return row


def graded(*shares: float) -> dict[str, float]:
    likeliest = float(shares.index(max(shares)) + 1)
    return {"pfirrmann": likeliest, **{f"pfirrmann_p{grade}": share for grade, share in enumerate(shares, start=1)}}


def test_the_least_difference_by_hand() -> None:
    # errors of 0.3 and 0.4 add to 0.5; 1.96 * sqrt(2) * 0.5
    assert Repeatability(0.3, 0.4, "", 1, 1).least_detectable == pytest.approx(1.3859, abs=1e-4)


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_is_a_column_and_has_an_error_of_its_own(measure: str) -> None:
    assert meaning(measure).title
    assert measure in REPEATABILITY or measure in ("pfirrmann", "t1rho_mean_ms")


@pytest.mark.parametrize(("share", "verdict"), [(1.01, HIGHER), (0.99, NO_CHANGE), (-0.99, NO_CHANGE), (-1.01, LOWER)])
def test_a_verdict_turns_at_the_least_difference(share: float, verdict: str) -> None:
    row = one({"height_mm": 8.0}, {"height_mm": 8.0 + share * LEAST})
    assert (row.verdict, row.least_detectable) == (verdict, LEAST)
    assert row.difference == pytest.approx(share * LEAST)


def test_what_one_study_does_not_know_is_not_compared() -> None:
    row = one({"height_mm": 8.0}, {"height_mm": nan})
    assert (row.verdict, row.reason) == (NOT_COMPARED, "not known of this study")
    assert isnan(row.difference)
    assert compare_disc("L4/L5", {"height_mm": nan}, {}, {}) == ()


def test_a_volume_counts_only_where_both_are_whole() -> None:
    whole = {"volume_mm3": 9000.0, "volume_complete": True}
    row = one({**whole, "volume_complete": False}, {**whole, "volume_mm3": 5000.0})
    assert (row.verdict, row.reason) == (NOT_COMPARED, "the prior study does not show the whole disc")
    assert one(whole, {**whole, "volume_mm3": 1000.0}).verdict == LOWER


def test_an_area_counts_only_where_no_image_cuts_the_outline() -> None:
    whole = {"area_mm2": 300.0, "depth_mm": 35.0}
    cut = {"area_mm2": 150.0, "depth_mm": nan}
    rows = {row.measure: row for row in compare_disc("L4/L5", whole, cut, {})}
    assert (rows["area_mm2"].verdict, rows["area_mm2"].reason) == (
        NOT_COMPARED,
        "this study does not show the whole disc",
    )
    assert compare_disc("L4/L5", whole, {**whole, "area_mm2": 150.0}, {})[-1].verdict == LOWER


def test_what_is_unfit_bears_its_reason() -> None:
    row = one({"area_mm2": 100.0}, {"area_mm2": 300.0}, area_mm2="the pixels are wrong")
    assert (row.verdict, row.reason) == (NOT_COMPARED, "the pixels are wrong")


def test_a_grade_by_its_probabilities_by_hand() -> None:
    # P(higher) = 0.9 * (0.1 + 0.8) + 0.1 * 0.8; P(lower) = 0.1 * 0.1
    row = one(graded(0, 0.9, 0.1, 0, 0), graded(0, 0.1, 0.1, 0.8, 0))
    assert row.probability_higher == pytest.approx(0.89)
    assert row.probability_lower == pytest.approx(0.01)
    assert (row.difference, row.verdict) == (2, NO_CHANGE)


def test_a_grade_that_surely_went_up_or_down() -> None:
    low, high = graded(0, 1, 0, 0, 0), graded(0, 0.01, 0, 0.99, 0)
    assert one(low, high).verdict == HIGHER
    assert one(high, low).verdict == LOWER


def test_t1rho_bears_its_own_error() -> None:
    before = {"t1rho_mean_ms": 100.0, "t1rho_mean_sd_ms": 3.0}
    row = one(before, {"t1rho_mean_ms": 110.0, "t1rho_mean_sd_ms": 4.0})
    assert row.least_detectable == pytest.approx(1.96 * 5)
    assert row.verdict == HIGHER
    assert sqrt(3**2 + 4**2) == 5


def test_a_change_tells_what_changed_and_where() -> None:
    rows = compare_disc("L5/S1", {"height_mm": 9.0}, {"height_mm": 5.0}, {})
    rows += compare_disc("L4/L5", {"height_mm": 9.0}, {"height_mm": 9.1}, {})
    change = Change("earlier", rows=rows)
    assert change.levels == ("L5/S1", "L4/L5")
    assert [row.level for row in change.changed] == ["L5/S1"]
