"""A study beside a prior one: a known change is told, what did not change is not, and doubt comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from bent_spine import HEIGHTS, drawn, study

from lumbardisc.errors import InputError
from lumbardisc.io.patient import Patient
from lumbardisc.io.scan import Scan
from lumbardisc.levels import disc_label, disc_name
from lumbardisc.pipeline.earlier import Earlier, Prior
from lumbardisc.pipeline.follow_up import compare, refuse_another_patient
from lumbardisc.quantify.change import HIGHER, LOWER, NO_CHANGE, NOT_COMPARED
from lumbardisc.volume import LabelMap, Volume

ELSEWHERE = {"turn_deg": (7.0, 0.5, -4.0), "moved_mm": (1.0, -5.0, 6.0)}
"""How the patient lies the second time."""
LOST = 3.0  # mm of L3/L4
T1, LONGER_ECHO = (
    {"contrast": {"name": "t1"}},
    {"contrast": {"name": "t2"}, "input": {"headers": {"echo_time_ms": 130}}},
)
SHORT_ECHO = {"contrast": {"name": "t2"}, "input": {"headers": {"echo_time_ms": 90}}}


@lru_cache
def before() -> Earlier:
    return study(drawn(), "earlier")


@lru_cache
def again() -> Earlier:
    """The same spine, lying otherwise."""
    return study(drawn(**ELSEWHERE))


@lru_cache
def worn() -> Earlier:
    """One disc has lost height."""
    return study(drawn(HEIGHTS | {3: HEIGHTS[3] - LOST}, **ELSEWHERE))


def renamed(of: Earlier, shift: int) -> Earlier:
    """Every name moved up; what was the sacrum is a body then."""
    array = np.where(of.labels.array > 0, of.labels.array + shift, 0).astype(np.int16)
    discs = {disc_name(disc_label(level) + shift): values for level, values in of.discs.items()}
    return replace(of, labels=LabelMap(array, of.labels.affine), discs=discs)


def dated(of: Earlier, day: date) -> Earlier:
    return replace(of, day=day)


def with_provenance(of: Earlier, **provenance: Any) -> Earlier:
    return replace(of, provenance=provenance)


def test_a_spine_that_only_lies_otherwise_has_not_changed() -> None:
    change = compare(again(), before())
    assert change.levels == tuple(before().discs)
    assert change.changed == ()
    assert change.distance_mm < 0.8
    assert (change.warnings, change.absent, change.flags, change.days) == ((), (), (), None)


def test_the_height_that_a_disc_lost_is_told_of_that_disc_alone() -> None:
    change = compare(worn(), before())
    assert {row.level for row in change.changed} == {"L3/L4"}
    (height,) = [row for row in change.changed if row.measure == "height_mm"]
    assert height.verdict == LOWER
    assert height.difference == pytest.approx(-LOST, abs=0.4)
    assert height.least_detectable < LOST
    assert not change.warnings, "the bones are the same ones"


def test_the_other_way_round_it_was_gained() -> None:
    (height,) = [row for row in compare(before(), worn()).changed if row.measure == "height_mm"]
    assert (height.level, height.verdict) == ("L3/L4", HIGHER)


@pytest.mark.parametrize("shift", [-1, 1])
def test_names_that_are_a_level_off_stop_the_comparison(shift: int) -> None:
    shown = renamed(before(), shift) if shift > 0 else before()
    now = again() if shift > 0 else renamed(again(), 1)
    change = compare(now, shown)
    assert change.flags == ("level_shift",)
    assert change.rows == ()
    assert f"moves one level {'lower' if shift > 0 else 'higher'}" in change.warnings[0]
    assert {reason for _, reason in change.absent} <= {
        "the two spines could not be aligned",
        "not seen in the prior study",
        "not seen in this study",
    }


def test_discs_outside_the_other_images_are_told_as_such() -> None:
    low = study(drawn(down_mm=70.0, shape=(15, 160, 110)))
    change = compare(low, before())
    (gone,) = set(before().discs) - set(low.discs) - {"L2/L3"} or {""}
    assert ("L1/L2", "outside the images of this study") in change.absent
    assert "L5/S1" in change.levels
    assert gone in ("", "L1/L2")


def test_a_disc_that_was_overlooked_is_no_disc_out_of_sight() -> None:
    array = np.where(again().labels.array == 4, 0, again().labels.array)
    now = replace(
        again(),
        labels=LabelMap(array, again().labels.affine),
        discs={level: values for level, values in again().discs.items() if level != "L2/L3"},
    )
    assert compare(now, before()).absent == (("L2/L3", "not seen in this study"),)


def test_studies_without_bones_in_common_are_not_compared() -> None:
    array = np.where(np.isin(before().labels.array, (1, 100, 101)), before().labels.array, 0)
    few = replace(before(), labels=LabelMap(np.where(array == 100, 0, array), before().labels.affine))
    change = compare(with_provenance(again(), **T1), few)
    assert change.rows == ()
    assert not any("contrasts" in warning for warning in change.warnings), "nothing was compared anyway"
    assert "no two vertebrae in common" in change.warnings[0]
    assert np.isnan(change.distance_mm)


@pytest.mark.parametrize(
    ("now", "prior", "reason"),
    [
        (T1, SHORT_ECHO, "the contrasts differ or are not known (prior: t2, now: t1)"),
        (LONGER_ECHO, SHORT_ECHO, "the echo times differ (90 ms, now 130 ms)"),
        ({}, {}, "(prior: unknown, now: unknown)"),
    ],
)
def test_signals_are_compared_with_their_like_alone(now: dict[str, Any], prior: dict[str, Any], reason: str) -> None:
    now_study, prior_study = (
        replace(one, discs={level: {**values, "signal_ratio_csf": 0.4} for level, values in one.discs.items()})
        for one in (again(), before())
    )
    change = compare(with_provenance(now_study, **now), with_provenance(prior_study, **prior))
    signals = [row for row in change.rows if row.measure == "signal_ratio_csf"]
    assert signals
    assert all(row.verdict == NOT_COMPARED and reason in row.reason for row in signals)
    assert any(row.measure == "height_mm" and row.verdict == NO_CHANGE for row in change.rows)


def test_bones_that_grew_mean_a_wrong_pixel_size() -> None:
    scaled = again().labels.affine.copy()
    scaled[:3, :3] *= 1.07
    change = compare(replace(again(), labels=LabelMap(again().labels.array, scaled)), before())
    assert "107% of those of the prior study" in " ".join(change.warnings)
    sizes = [row for row in change.rows if row.measure in ("height_mm", "area_mm2", "volume_mm3")]
    assert {row.verdict for row in sizes} == {NOT_COMPARED}
    assert {row.verdict for row in change.rows if row.measure == "disc_height_index"} == {NO_CHANGE}


def test_one_image_given_twice_is_told() -> None:
    twin = with_provenance(before(), contrast={"name": "t2"}, input={"sha256": "abc"})
    change = compare(twin, twin)
    assert change.flags == ("same_image",)
    assert change.warnings == ("the prior study is this very image",)
    assert {row.difference for row in change.rows} == {0.0}


@pytest.mark.parametrize(
    ("then", "days", "told"),
    [
        (date(2024, 1, 31), 366, ""),
        (date(2025, 2, 11), -11, "the later one, by 11 days"),
        (date(2025, 1, 31), 0, "of one day"),
    ],
)
def test_days_between_are_counted_and_a_wrong_order_is_told(then: date, days: int, told: str) -> None:
    change = compare(dated(again(), date(2025, 1, 31)), dated(before(), then))
    assert change.days == days
    assert told in " ".join(change.warnings)
    assert bool(change.warnings) == bool(told)


def test_results_of_other_networks_are_told() -> None:
    one, other = ({"contrast": {"name": "t2"}, "weights": {"segmentation": name}} for name in "ab")
    change = compare(with_provenance(again(), **one), with_provenance(before(), **other))
    assert "made with other networks" in change.warnings[0]


def test_doubtful_names_are_told() -> None:
    change = compare(again(), replace(before(), flags=("level_ambiguous",)))
    assert "the names of the prior study are in doubt" in change.warnings[0]


def test_sections_far_apart_are_told() -> None:
    far = {level: {**values, "slice": 10} for level, values in before().discs.items()}
    (warning,) = compare(again(), replace(before(), discs=far)).warnings
    assert "measured on slices more than 5 mm apart" in warning


def patients(one: Patient, other: Patient) -> tuple[Scan, Prior]:
    scan = Scan(Volume(np.zeros((1, 2, 2)), np.eye(4)), origin=SimpleNamespace(patient=one))  # type: ignore[arg-type]
    return scan, Prior(Path("earlier"), other, lambda *_: before())


def test_two_birth_dates_are_two_patients() -> None:
    scan, prior = patients(Patient.of("123", "19600101", "DOE"), Patient.of("123", "19610101", "DOE"))
    with pytest.raises(InputError, match=r"--prior earlier: is of another patient, as the birth dates differ") as error:
        refuse_another_patient(scan, prior)
    assert "1960" not in str(error.value)
    assert "123" not in str(error.value)


@pytest.mark.parametrize("born", ["", "19600101"])
def test_two_identifiers_may_be_two_hospitals(born: str) -> None:
    one, other = Patient.of("123", "19600101", "DOE"), Patient.of("999", born, "DOE")
    refuse_another_patient(*patients(one, other))
    change = compare(replace(again(), patient=one), replace(before(), patient=other))
    assert "different patient identifiers or names" in change.warnings[0]
    assert "999" not in " ".join(change.warnings)
