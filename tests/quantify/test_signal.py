"""Signals of drawn discs and canals, whose values are known."""

import numpy as np
import pytest
from hand_drawn import upright_spine
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lumbardisc.quantify.regions import regions
from lumbardisc.quantify.signal import csf, fluid_is_bright, sample, signal

SPACING = (4.0, 0.5, 0.5)
LABELS = upright_spine()
STRUCTURES = regions(LABELS)


def painted(disc: float, canal: float) -> NDArray[np.float64]:
    """Discs and canal in two values, everything else 500, with a little noise."""
    image = np.where(LABELS == 200, canal, np.where((LABELS > 0) & (LABELS < 10), disc, 500.0))
    return image + np.random.default_rng(6).normal(0, 1, image.shape)


def signals(image: NDArray[np.float64], disc: int = 3) -> dict[str, float]:
    found = sample(image, STRUCTURES[disc], STRUCTURES[200], 6, SPACING)
    return signal(found, SPACING, fluid_is_bright([found]))


def test_ratios_to_bright_fluid() -> None:
    found = signals(painted(80.0, 200.0))
    assert found["signal_mean"] == pytest.approx(80.0, abs=0.2)
    assert found["csf_signal"] == pytest.approx(201.0, abs=0.5)
    assert found["signal_ratio_csf"] == found["signal_mean"] / found["csf_signal"]
    assert found["nucleus_signal_ratio"] == found["nucleus_signal_mean"] / found["csf_signal"]
    assert found["nucleus_annulus_contrast"] == pytest.approx(0.0, abs=0.01)


def test_nucleus_and_annulus_by_their_values() -> None:
    image = painted(60.0, 200.0)
    rows, columns = np.nonzero(LABELS[6] == 3)
    middle = rows.mean(), columns.mean()
    down, back = np.indices(LABELS.shape[1:]) * 0.5 - np.reshape(middle, (2, 1, 1)) * 0.5
    image[:, (back / 11) ** 2 + (down / 3.2) ** 2 <= 1.0] += 100.0
    found = signals(image)
    assert found["nucleus_signal_mean"] == pytest.approx(160.0, abs=2.0)
    assert found["annulus_signal_mean"] == pytest.approx(60.0, abs=2.0)
    assert found["nucleus_annulus_contrast"] == pytest.approx(100 / 220, abs=0.02)


def test_fluid_among_roots_and_fat() -> None:
    bright = np.concatenate([np.full(50, 200.0), np.full(50, 90.0)])  # fluid and roots in T2
    dark = np.concatenate([np.full(40, 30.0), np.full(30, 70.0), np.full(30, 220.0)])  # fluid, roots and fat in T1
    assert csf(bright, bright=True) == 200.0
    assert csf(dark, bright=False) == 30.0


def test_fluid_is_told_by_the_canal_against_the_discs() -> None:
    assert signals(painted(150.0, 60.0))["csf_signal"] < 60.0
    t2, t1 = (sample(painted(90.0, canal), STRUCTURES[2], STRUCTURES[200], 6, SPACING) for canal in (200.0, 40.0))
    assert fluid_is_bright([t2])
    assert not fluid_is_bright([t1])
    assert fluid_is_bright([])


def test_only_slices_within_five_millimetres_count() -> None:
    image = painted(80.0, 200.0)
    image[[4, 8]] = 1e6
    assert signals(image)["signal_mean"] == pytest.approx(80.0, abs=0.2)
    image[7] = 1e6
    assert signals(image)["signal_mean"] > 1e5


def test_only_the_canal_beside_the_disc_counts() -> None:
    image = painted(80.0, 200.0)
    rows = np.nonzero((LABELS == 3).any(axis=(0, 2)))[0]
    image[:, : rows[0] - 10] = image[:, rows[-1] + 11 :] = 1e6
    assert signals(image)["csf_signal"] == pytest.approx(201.0, abs=0.5)


def test_without_a_canal_there_is_no_ratio() -> None:
    far = LABELS.copy()
    far[:, 200:][far[:, 200:] == 200] = 0
    for canal in (None, regions(far)[200]):
        found = sample(painted(80.0, 200.0), STRUCTURES[1], canal, 6, SPACING)
        columns = signal(found, SPACING, bright=True)
        undefined = {name for name, value in columns.items() if np.isnan(value)}
        assert undefined == {"csf_signal", "signal_ratio_csf", "nucleus_signal_ratio"}


@settings(max_examples=12, deadline=None, derandomize=True)
@given(gain=st.floats(1e-3, 1e3), canal=st.floats(20.0, 300.0))
def test_ratios_do_not_know_the_gain(gain: float, canal: float) -> None:
    image = painted(90.0, canal)
    one, other = signals(image), signals(gain * image)
    for name in ("signal_ratio_csf", "nucleus_signal_ratio", "nucleus_annulus_contrast"):
        assert other[name] == pytest.approx(one[name], rel=1e-6, abs=1e-9)


def test_a_black_canal_has_no_ratio() -> None:
    image = np.where(LABELS == 200, 0.0, 50.0)
    assert np.isnan(signals(image)["signal_ratio_csf"])
