"""Outputs of the network in ms, and the phases that follow; the network itself is a stand-in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.stats import norm

from lumbardisc.inference.t1rho import PLANES, T1rhoEstimator, in_ms, normal_phases, only, phases
from lumbardisc.quantify.t1rho import PHASE_LIMITS_MS

CARD: dict[str, Any] = {
    "centre_ms": 100.0,
    "unit_ms": 30.0,
    "phase_limits_ms": [110.0, 80.0],
    "shape": [4, 6],
    "planes": list(PLANES),
    "phantom_trained": True,
    "groups": {"t1": {"sd_scale": 1.0}, "t1+t2": {"sd_scale": 2.0}},
}


class Recorder:
    """A network that answers with the sums of its planes, and keeps what it was shown."""

    def __init__(self) -> None:
        self.shown: list[np.ndarray] = []

    def run(self, inputs: Any) -> Any:
        for planes in inputs:
            self.shown.append(planes)
            yield np.array([0.5, -0.5, 1.5, 0.0], dtype=np.float32)


@pytest.fixture
def estimator() -> T1rhoEstimator:
    built = T1rhoEstimator.__new__(T1rhoEstimator)
    built._card, built.shape, built._planes, built._network = CARD, (4, 6), [0, 1, 2, 3], Recorder()  # type: ignore[assignment]
    return built


def disc(*there: str) -> np.ndarray:
    return np.array([np.full((4, 6), float(name.split("_")[0] in there), dtype=np.float32) for name in PLANES])


def test_outputs_in_ms_by_hand() -> None:
    values, sd = in_ms([[0.5, -1.0, 2.0, np.log(0.25)]], CARD, "t1+t2")
    assert values.tolist() == [[115.0, 70.0, 160.0]]
    assert sd == pytest.approx([2.0 * 30.0 * 0.5])


@given(some.floats(20, 300), some.floats(0.5, 60))
def test_phases_are_the_shares_of_the_normal_distribution(mean: float, sd: float) -> None:
    found = normal_phases(np.array(mean), np.array(sd), PHASE_LIMITS_MS)
    truth = norm(mean, sd)
    assert found == pytest.approx([truth.sf(110), truth.cdf(110) - truth.cdf(80), truth.cdf(80)], abs=1e-9)
    assert found.sum() == pytest.approx(1.0)


def test_a_support_vector_machine_of_the_card_decides_instead() -> None:
    """Three vectors, one per phase, each of which speaks for its own."""
    svm = {
        "classes": [1, 2, 3],
        "mean": [95.0, 80.0, 120.0],
        "scale": [10.0, 10.0, 10.0],
        "gamma": 0.5,
        "vectors": [[3.0, 3.0, 3.0], [0.0, 0.0, 0.0], [-3.0, -3.0, -3.0]],
        "weights": [[1.0, -1.0, 0.0], [1.0, 0.0, -1.0], [0.0, 1.0, -1.0]],
        "shifts": [0.0, 0.0, 0.0],
        "slope": 5.0,
    }
    card = CARD | {"groups": {"t1": {"sd_scale": 1.0, "svm": svm}}}
    values = np.array([[125.0, 110.0, 150.0], [95.0, 80.0, 120.0], [65.0, 50.0, 90.0]])
    assert phases(values, np.full(3, 1.0), card, "t1").argmax(axis=1).tolist() == [0, 1, 2]


def test_only_a_group_is_shown() -> None:
    shown = only(disc("t1", "t2"), "t2")
    assert shown.any(axis=(1, 2)).tolist() == [False, True, False, True]


def test_an_estimate(estimator: T1rhoEstimator) -> None:
    found = estimator({2: disc("t1", "t2")})[2]
    assert (found.mean_ms, found.min_ms, found.max_ms, found.mean_sd_ms) == (115.0, 85.0, 145.0, 60.0)
    assert found.phase == int(np.argmax(found.phases)) + 1
    assert estimator.phantom_trained


def test_images_that_the_network_never_learnt_from_are_not_shown(estimator: T1rhoEstimator) -> None:
    """These weights know T1, and T1 beside T2, but not T2 alone."""
    found = estimator({1: disc("t1"), 2: disc("t2"), 3: disc("t1", "t2"), 4: disc()})
    assert set(found) == {1, 3}
    assert found[1].mean_sd_ms == 30.0, "the scale of its own group"
    alone = T1rhoEstimator.__new__(T1rhoEstimator)
    network = Recorder()
    alone._card, alone._planes, alone._network = CARD | {"groups": {"t1": {"sd_scale": 1.0}}}, [0, 1], network  # type: ignore[assignment]
    assert set(alone({3: disc("t1", "t2")})) == {3}
    assert network.shown[0].any(axis=(1, 2)).tolist() == [True, False]
