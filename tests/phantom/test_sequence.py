"""Signal equations against values worked out by hand, and against what physics says of them."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbardisc.errors import UsageError
from lumbardisc.phantom.sequence import SEQUENCES, SPIN_LOCK_MS, PulseSequence, sequences_of
from lumbardisc.phantom.tissue import BLOOD, CSF, FAT, MUSCLE, Palette, Tissue, mix

WATER = Tissue("test", (1000, 1000), (100, 100), 50, 80, 0.5, "made up")


def test_spin_echo_by_hand() -> None:
    sequence = PulseSequence("x", "", "SE", tr_ms=1000, te_ms=100)
    assert sequence.signal(WATER, 3.0) == pytest.approx(0.5 * 0.6321206 * 0.3678794, rel=1e-6)


def test_inversion_recovery_by_hand() -> None:
    sequence = PulseSequence("x", "", "IR", tr_ms=2000, te_ms=100, ti_ms=500)
    expected = 0.5 * (1 - 2 * 0.6065307 + 0.1353353) * 0.3678794
    assert sequence.signal(WATER, 3.0) == pytest.approx(expected, rel=1e-5)
    assert expected < 0  # signed: a magnitude is taken only of what a voxel sums to


def test_spoiled_gradient_echo_by_hand() -> None:
    sequence = PulseSequence("x", "", "GR", tr_ms=10, te_ms=5, flip_deg=30)
    expected = 0.5 * (0.5 * 0.00995017 / (1 - 0.8660254 * 0.99004983)) * 0.9048374
    assert sequence.signal(WATER, 3.0) == pytest.approx(expected, rel=1e-5)


def test_fluid_is_brighter_after_a_restored_train() -> None:
    plain = PulseSequence("x", "", "SE", tr_ms=1500, te_ms=100)
    restored = PulseSequence("x", "", "SE", tr_ms=1500, te_ms=100, train_ms=250)
    e1, left = exp(-1250 / 4163), exp(-250 / 2000)
    assert restored.signal(CSF, 3.0) == pytest.approx((1 - e1) / (1 - e1 * left) * exp(-100 / 2000))
    assert abs(restored.signal(CSF, 3.0)) > 1.5 * abs(plain.signal(CSF, 3.0))


@settings(deadline=None)
@given(t1=st.floats(200, 3000))
def test_inversion_nulls_at_t1_times_log_2(t1: float) -> None:
    tissue = Tissue("x", (t1, t1), (80, 80), 20, 60, 1.0, "")
    sequence = PulseSequence("x", "", "IR", tr_ms=60 * t1, te_ms=10, ti_ms=t1 * log(2))
    assert abs(sequence.signal(tissue, 3.0)) < 1e-9


@settings(deadline=None)
@given(tr=st.floats(5, 50), t1=st.floats(200, 2000))
def test_gradient_echo_peaks_at_the_ernst_angle(tr: float, t1: float) -> None:
    tissue = Tissue("x", (t1, t1), (80, 80), 20, 60, 1.0, "")
    ernst = float(np.degrees(np.arccos(exp(-tr / t1))))
    low, best, high = (
        abs(PulseSequence("x", "", "GR", tr, 2, flip_deg=ernst + off).signal(tissue, 3.0)) for off in (-2, 0, 2)
    )
    assert best > low
    assert best > high


def test_spin_lock_decays_with_t1rho_alone() -> None:
    signals = [abs(SEQUENCES[f"spin-lock-{time:g}"].signal(MUSCLE, 1.5)) for time in SPIN_LOCK_MS]
    slopes = -np.diff(np.log(signals)) / np.diff(SPIN_LOCK_MS)
    assert 1 / slopes == pytest.approx([MUSCLE.t1rho_ms] * 3)


def test_fat_opposes_water_at_half_a_cycle_and_joins_it_at_a_whole_one() -> None:
    cycle = 1000 / (3.4 * 42.577 * 3.0)
    palette = Palette()
    row = palette.add(mix(WATER, FAT, 0.5))
    both = {
        part: abs(PulseSequence("x", "", "GR", 10, part * cycle, flip_deg=15).signals(palette, 3.0)[row])
        for part in (0.5, 1.0)
    }
    alone = PulseSequence("x", "", "GR", 10, 0.5 * cycle, flip_deg=15)
    apart = abs(abs(alone.signal(WATER, 3.0)) - abs(alone.signal(FAT, 3.0))) / 2
    assert both[0.5] == pytest.approx(apart, rel=1e-4)
    assert both[1.0] > 1.5 * both[0.5]


def test_water_image_has_no_fat_and_flow_is_dark_only_in_spin_echoes() -> None:
    assert SEQUENCES["water"].signal(FAT, 3.0) == 0
    assert SEQUENCES["t2"].signal(BLOOD, 3.0) == 0
    assert abs(SEQUENCES["flash"].signal(BLOOD, 3.0)) > 0


def test_field_changes_t1_contrast() -> None:
    assert abs(SEQUENCES["t1"].signal(MUSCLE, 1.5)) > abs(SEQUENCES["t1"].signal(MUSCLE, 3.0))


def test_names_that_stand_for_several() -> None:
    assert [each.spin_lock_ms for each in sequences_of("spin-lock")] == [2, 15, 30, 45]
    assert [each.name for each in sequences_of("all")] == ["t1", "t2", "stir"]
    with pytest.raises(UsageError, match="no sequence is called 't3'; the phantom knows"):
        sequences_of("t3")
