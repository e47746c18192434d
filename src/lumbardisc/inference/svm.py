"""A trained support vector machine at work: Gaussian kernel, one class against one, in NumPy alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Svm:
    """Classes told apart in pairs (i, j), i < j, in the order (0, 1), (0, 2), ..., (1, 2), ...

    classes: their names, ascending. mean, scale: (features,), a feature less its mean over its scale is what the kernel
    sees. gamma: exp(-gamma d^2) is the kernel. vectors: (vectors, features), scaled. weights: (pairs, vectors), 0 for
    the vectors of other classes. shifts: (pairs,). slope: of the logistic curve from a pair's decision to the
    probability of its first class.
    """

    classes: tuple[int, ...]
    mean: Array
    scale: Array
    gamma: float
    vectors: Array
    weights: Array
    shifts: Array
    slope: float = 1.0

    def decisions(self, values: ArrayLike) -> Array:
        """(samples, features) -> (samples, pairs): above 0 for the first class of a pair."""
        scaled = (np.asarray(values, dtype=np.float64) - self.mean) / self.scale
        distances = ((scaled[:, None] - self.vectors) ** 2).sum(axis=-1)
        decisions: Array = np.exp(-self.gamma * distances) @ self.weights.T + self.shifts
        return decisions

    def predict(self, values: ArrayLike) -> NDArray[np.int_]:
        """(samples,): the class that wins most pairs, the first of those that tie."""
        first, second = self._pairs
        won = self.decisions(values) > 0
        votes = won @ np.eye(len(self.classes))[first] + ~won @ np.eye(len(self.classes))[second]
        predicted: NDArray[np.int_] = np.asarray(self.classes)[votes.argmax(axis=1)]
        return predicted

    def probabilities(self, values: ArrayLike) -> Array:
        """(samples, classes), each row sums to 1: see ``coupled``."""
        first, second = self._pairs
        decisions = self.decisions(values)
        of_pair = np.full((len(decisions), len(self.classes), len(self.classes)), 0.5)
        of_pair[:, first, second] = logistic(self.slope * decisions)
        of_pair[:, second, first] = 1.0 - of_pair[:, first, second]
        return coupled(of_pair)

    @property
    def _pairs(self) -> tuple[list[int], list[int]]:
        """The first and the second class of every pair, as indices."""
        pairs = list(combinations(range(len(self.classes)), 2))
        return [first for first, _ in pairs], [second for _, second in pairs]

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; numbers keep every digit."""
        return {
            name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Svm:
        """What ``to_json`` gave. Raises KeyError or ValueError for anything else."""
        arrays = {name: np.array(record[name], dtype=float) for name in ("mean", "scale", "vectors", "weights")}
        return cls(
            classes=tuple(int(one) for one in record["classes"]),
            gamma=float(record["gamma"]),
            shifts=np.array(record["shifts"], dtype=float),
            slope=float(record["slope"]),
            **arrays,
        )


def logistic(values: Array) -> Array:
    """1 / (1 + exp(-values)), without overflow."""
    curve: Array = 0.5 * (1.0 + np.tanh(0.5 * values))
    return curve


def coupled(of_pair: Array) -> Array:
    """Probabilities of classes (samples, classes) that fit those of pairs best (Wu, Lin and Weng 2004, second method).

    of_pair: (samples, classes, classes), [:, i, j] the probability of i among i and j. The p that makes the sum of
    (of_pair[j, i] p_i - of_pair[i, j] p_j)^2 over all pairs smallest, with a sum of 1, solves a linear system.
    """
    samples, classes, _ = of_pair.shape
    other = ~np.eye(classes, dtype=bool)
    system = np.ones((samples, classes + 1, classes + 1))
    system[:, :-1, :-1] = np.where(other, -of_pair * of_pair.swapaxes(1, 2), 0.0)
    diagonal = np.arange(classes)
    system[:, diagonal, diagonal] = (np.where(other, of_pair, 0.0) ** 2).sum(axis=1)
    system[:, -1, -1] = 0.0
    target = np.zeros((samples, classes + 1, 1))
    target[:, -1] = 1.0
    found = np.clip(np.linalg.solve(system, target)[:, :-1, 0], 0.0, 1.0)  # rounding may leave it
    shares: Array = found / found.sum(axis=1, keepdims=True)
    return shares
