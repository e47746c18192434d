"""Rice's mean against SciPy's, and the noise found in the air of a phantom."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import rice

from lumbardisc.phantom import Artefacts, draw_spine, examine, lumbar_stack, sequences_of
from lumbardisc.phantom.acquire import rician
from lumbardisc.quantify.noise import background_noise, excess


def test_the_excess_is_that_of_rice() -> None:
    ratio = np.concatenate([[0.0], np.geomspace(0.01, 30.0, 200)])
    assert excess(3.0 * ratio, 3.0) / 3.0 == pytest.approx(rice.mean(ratio) - ratio, abs=5e-4)


def test_a_clear_signal_is_lifted_by_half_the_noise_over_it() -> None:
    assert excess(np.array([500.0]), 2.0) == pytest.approx(2.0**2 / 1000.0, rel=0.01)


@pytest.fixture(scope="module")
def clean() -> list[NDArray[np.float32]]:
    exam = examine(draw_spine(2), lumbar_stack(128, slices=3), samples=1)
    still = Artefacts(float("inf"), 0.5, 0.8)
    return [exam.image(sequence, artefacts=still).array for sequence in sequences_of("spin-lock")]


@pytest.mark.parametrize("noise", [0.005, 0.02, 0.04])
def test_noise_from_the_air(clean: list[NDArray[np.float32]], noise: float) -> None:
    rng = np.random.default_rng(1)
    images = [rician(image, noise, rng) for image in clean]
    assert background_noise(images) == pytest.approx(noise, rel=0.1)
    whole = [np.rint(2000.0 * image).astype(np.uint16) for image in images]
    assert background_noise(whole) == pytest.approx(2000.0 * noise, rel=0.15)


def test_without_air_there_is_no_answer() -> None:
    rng = np.random.default_rng(1)
    body = [rician(np.full((60, 60), 100.0 * np.exp(-t / 80), np.float32), 4.0, rng) for t in (2, 15, 30, 45)]
    assert np.isnan(background_noise(body))
    assert np.isnan(background_noise(np.zeros((4, 60, 60))))
    assert np.isnan(background_noise(np.full((4, 60, 60), np.nan)))
