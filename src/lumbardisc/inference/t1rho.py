"""Crops of a disc on T1, T2 or both in, its T1rho with an uncertainty and its phase of degeneration out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
KINDS = ("t1", "t2")
PLANES = (*KINDS, "t1_nucleus", "t2_nucleus")
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
        """Discs by label, each (PLANES, *shape). One that shows nothing that the network learnt from is left out."""
        groups = {label: group for label, planes in discs.items() if (group := self._group(planes))}
        outputs = self._network.run(only(discs[label], group)[self._planes] for label, group in groups.items())
        return {label: self._estimate(next(outputs), group) for label, group in groups.items()}

    def _group(self, planes: Image) -> str | None:
        """Which images of a disc are looked at: all there are, or the one of them that the network knows."""
        there = [kind for kind, plane in zip(KINDS, planes, strict=False) if plane.any()]
        known = [group for group in ("+".join(there), *reversed(there)) if group in self._card["groups"]]
        return next(iter(known), None)

    def _estimate(self, outputs: Image, group: str) -> T1rhoEstimate:
        values, sd = in_ms(outputs, self._card, group)
        mean, low, high = (float(value) for value in values)
        one, two, three = (float(share) for share in phases(values, sd, self._card, group))
        return T1rhoEstimate(mean, min(low, mean), max(high, mean), float(sd), (one, two, three))


def only(planes: NDArray[Any], group: str) -> NDArray[Any]:
    """Planes (..., PLANES, rows, columns) with all 0 but those of a group: ``t1``, ``t2`` or ``t1+t2``."""
    shown = np.array([name.split("_")[0] in group.split("+") for name in PLANES[: planes.shape[-3]]])
    kept: NDArray[Any] = planes * shown[:, None, None].astype(planes.dtype)
    return kept


def in_ms(outputs: ArrayLike, card: Mapping[str, Any], group: str) -> tuple[Array, Array]:
    """Outputs (..., VALUES and log-variance) -> values (..., VALUES) and the mean's standard deviation (...), in ms.

    card: ``centre_ms`` and ``unit_ms`` of the outputs, and for the group ``sd_scale``, by which the network's own
    standard deviations are scaled so that they hold for exams that it did not learn from.
    """
    outputs = np.asarray(outputs, dtype=np.float64)
    values: Array = card["centre_ms"] + card["unit_ms"] * outputs[..., :-1]
    sd: Array = card["groups"][group]["sd_scale"] * card["unit_ms"] * np.exp(0.5 * outputs[..., -1])
    return values, sd


def phases(values: Array, sd: Array, card: Mapping[str, Any], group: str) -> Array:
    """Probabilities (..., PHASES) from values (..., VALUES) and the mean's standard deviation (...).

    By the group's support vector machine where the card has one, else by the shares of the mean's normal distribution
    beyond and between the limits.
    """
    if "svm" in card["groups"][group]:
        machine = Svm.from_json(card["groups"][group]["svm"])
        shares = machine.probabilities(values.reshape(-1, len(VALUES)))
        return shares.reshape(*values.shape[:-1], PHASES)
    return normal_phases(values[..., 0], sd, card["phase_limits_ms"])


def normal_phases(mean: Array, sd: Array, limits_ms: Sequence[float]) -> Array:
    """Shares of normal distributions (...) above the upper limit, between both and below the lower: (..., PHASES)."""
    from scipy.special import ndtr

    upper, lower = (ndtr((mean - limit) / sd) for limit in limits_ms)
    shares: Array = np.stack([upper, lower - upper, 1.0 - lower], axis=-1)
    return shares
