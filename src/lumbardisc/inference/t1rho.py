"""Crops of a disc on T1, T2 or both in, its T1rho with an uncertainty and its phase of degeneration out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbardisc.inference.runtime import Network
from lumbardisc.inference.svm import Svm
from lumbardisc.inference.weights import Weights, default_weights, load_weights
from lumbardisc.preprocess.intensity import Image

Array = NDArray[np.float64]

TASK = "t1rho"
PLANES = ("t1", "t2", "t1_nucleus", "t2_nucleus")
"""What is cut of a disc: grey values on T1 and on T2, and the share of nucleus on each; all 0 where there is none."""
VALUES = ("t1rho_mean_ms", "t1rho_min_ms", "t1rho_max_ms")
"""The first outputs of the network; the logarithm of the variance of the mean follows."""
PHASES = 3


@dataclass(frozen=True)
class T1rhoEstimate:
    """One disc. mean_ms, min_ms, max_ms: over the centre of its nucleus. mean_sd_ms: how uncertain the mean is, as a
    standard deviation. phases: probabilities of phases 1-3."""

    mean_ms: float
    min_ms: float
    max_ms: float
    mean_sd_ms: float
    phases: tuple[float, float, float]

    @property
    def phase(self) -> int:
        """The likeliest phase, 1-3."""
        return int(np.argmax(self.phases)) + 1


class T1rhoEstimator:
    """The exported network, ready to run."""

    def __init__(self, path: Path | None = None, threads: int | None = None) -> None:
        self.weights: Weights = load_weights(path or default_weights(TASK), TASK)
        self._card = self.weights.settings
        rows, columns = self._card["shape"]
        self.shape: tuple[int, int] = (rows, columns)
        self._planes = [PLANES.index(name) for name in self._card["planes"]]
        self._network = Network(self.weights.path, threads)

    @property
    def phantom_trained(self) -> bool:
        """Whether these weights have seen no patient, only phantoms."""
        return bool(self._card["phantom_trained"])

    def __call__(self, discs: Mapping[int, Image]) -> dict[int, T1rhoEstimate]:
        """Discs by label, each (PLANES, *shape)."""
        outputs = self._network.run(planes[self._planes] for planes in discs.values())
        return {label: self._estimate(next(outputs)) for label in discs}

    def _estimate(self, outputs: Image) -> T1rhoEstimate:
        values, sd = in_ms(outputs, self._card)
        mean, low, high = (float(value) for value in values)
        one, two, three = (float(share) for share in phases(values, sd, self._card))
        return T1rhoEstimate(mean, min(low, mean), max(high, mean), float(sd), (one, two, three))


def in_ms(outputs: ArrayLike, card: Mapping[str, Any]) -> tuple[Array, Array]:
    """Outputs (..., VALUES and log-variance) -> values (..., VALUES) and the mean's standard deviation (...), in ms.

    card: ``centre_ms`` and ``unit_ms`` of the outputs, and ``sd_scale``, by which the network's own standard deviations
    are widened so that they hold for exams that it did not learn from.
    """
    outputs = np.asarray(outputs, dtype=np.float64)
    values: Array = card["centre_ms"] + card["unit_ms"] * outputs[..., :-1]
    sd: Array = card["sd_scale"] * card["unit_ms"] * np.exp(0.5 * outputs[..., -1])
    return values, sd


def phases(values: Array, sd: Array, card: Mapping[str, Any]) -> Array:
    """Probabilities (..., PHASES) from values (..., VALUES) and the mean's standard deviation (...).

    By the support vector machine of the card where it has one, else by the shares of the mean's normal distribution
    beyond and between the limits.
    """
    if "svm" in card:
        shares = Svm.from_json(card["svm"]).probabilities(values.reshape(-1, len(VALUES)))
        return shares.reshape(*values.shape[:-1], PHASES)
    return normal_phases(values[..., 0], sd, card["phase_limits_ms"])


def normal_phases(mean: Array, sd: Array, limits_ms: tuple[float, float]) -> Array:
    """Shares of normal distributions (...) above the upper limit, between both and below the lower: (..., PHASES)."""
    from scipy.special import ndtr

    upper, lower = (ndtr((mean - limit) / sd) for limit in limits_ms)
    shares: Array = np.stack([upper, lower - upper, 1.0 - lower], axis=-1)
    return shares
