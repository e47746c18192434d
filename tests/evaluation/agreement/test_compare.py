"""Statistics of readings side by side: which fit, over which items, with which interval."""

from __future__ import annotations

import numpy as np
import pytest

from lumbardisc.evaluation.agreement.compare import Finding, SideBySide, compare
from lumbardisc.evaluation.agreement.statistics import MAIN, STATISTICS

NAN = np.nan
PATIENTS = np.arange(8)
GRADES = np.array([[1, 1, 2], [2, 2, 2], [3, 3, 3], [4, 5, 4], [5, 5, 5], [2, 3, 2], [1, 2, 1], [4, 4, 4.0]])


def found(side: SideBySide) -> dict[tuple[str, str], Finding]:
    return {(one.statistic.name, ", ".join(one.between)): one for one in compare(side)}


def test_pairs_and_all() -> None:
    rows = found(SideBySide("pfirrmann", "ordinal", ("A", "B", "C"), PATIENTS, GRADES))
    assert {names for statistic, names in rows if statistic == "cohen_kappa"} == {"A, B", "A, C", "B, C"}
    assert {names for statistic, names in rows if statistic == "icc_2_1"} == {"A, B, C"}
    assert rows["observed_agreement", "A, B"].found.value == 5 / 8


def test_an_item_counts_where_it_was_read() -> None:
    table = GRADES.copy()
    table[0, 2] = NAN
    rows = found(SideBySide("pfirrmann", "ordinal", ("A", "B", "C"), PATIENTS, table))
    assert rows["cohen_kappa", "A, B"].items == 8
    assert rows["cohen_kappa", "A, C"].items == rows["fleiss_kappa", "A, B, C"].items == 7


def test_discs_of_one_patient_are_resampled_together() -> None:
    """Every disc four times over adds no patient: the bootstrap sees that, a closed form would not."""
    once = found(SideBySide("volume", "continuous", ("A", "B"), PATIENTS, GRADES[:, :2]))["bias", "A, B"]
    often = SideBySide("volume", "continuous", ("A", "B"), np.repeat(PATIENTS, 4), np.repeat(GRADES[:, :2], 4, axis=0))
    again = found(often)["bias", "A, B"]
    assert (again.items, again.subjects) == (32, 8)
    assert again.found.high - again.found.low > 0.6 * (once.found.high - once.found.low)


def test_one_subject_has_values_without_intervals() -> None:
    rows = found(SideBySide("volume", "continuous", ("A", "B"), np.zeros(8), GRADES[:, :2]))
    assert rows["bias", "A, B"].found.value == -3 / 8
    assert np.isnan(rows["bias", "A, B"].found.low)


def test_ties_everywhere_say_so() -> None:
    rows = found(SideBySide("pfirrmann", "ordinal", ("A", "B"), PATIENTS, np.full((8, 2), 3.0)))
    for statistic in ("cohen_kappa", "fleiss_kappa", "icc_2_1"):
        assert np.isnan(rows[statistic, "A, B"].found.value)
        assert rows[statistic, "A, B"].reading == "not defined: what was read does not differ"
    assert rows["observed_agreement", "A, B"].found.value == 1


def test_nothing_in_common_says_so() -> None:
    table = np.array([[1, NAN], [NAN, 2.0]])
    row = found(SideBySide("volume", "continuous", ("A", "B"), PATIENTS[:2], table))["bias", "A, B"]
    assert row.reading == "not defined: 0 read by all of these"


def test_dice_is_the_mean_over_items() -> None:
    overlaps = {(0, 1): np.array([0.9, 0.8, NAN])}
    row = found(SideBySide("mask", "mask", ("A", "B"), PATIENTS[:3], overlaps=overlaps))["dice", "A, B"]
    assert row.found.value == pytest.approx(0.85)
    assert row.items == 2
    assert "Zijdenbos" in row.reading


@pytest.mark.parametrize("kind", STATISTICS)
def test_the_main_statistic_is_of_two(kind: str) -> None:
    (main,) = (one for one in STATISTICS[kind] if one.name == MAIN[kind])  # type: ignore[index]
    assert main.pairwise


def test_names_are_unique() -> None:
    for rows in STATISTICS.values():
        assert len({one.name for one in rows}) == len({one.title for one in rows}) == len(rows)
