"""A support vector machine fitted to a few values per disc: standardised, balanced by SMOTE, frozen for use."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbardisc.errors import UsageError
from lumbardisc.inference.svm import Array, Svm, logistic

NEIGHBOURS = 5
"""SMOTE's default: a made-up disc lies between a disc and one of its so many nearest of the same class."""
FEWEST = 3
"""Discs that every class needs."""
_FOLDS = 5
_SLOPES = (0.1, 20.0)


def fit_svm(values: ArrayLike, classes: ArrayLike, *, penalty: float = 1.0, seed: int = 0) -> Svm:
    """A machine with Gaussian kernel (scikit-learn's default width) on standardised values, classes balanced by SMOTE.

    values: (discs, features). classes: (discs,), three or more. penalty: C, the price of a disc on the wrong side.
    seed: of what SMOTE makes up. The slope of the probabilities is of greatest likelihood on decisions about discs that
    were left out of the fit in turn. Raises UsageError where a class has fewer than ``FEWEST`` discs.
    """
    features, names = np.asarray(values, dtype=np.float64), np.asarray(classes)
    _check(names)
    decisions = _left_out(features, names, penalty, seed)
    return _fit(features, names, penalty, seed, _slope(decisions, names))


def _check(names: NDArray[Any]) -> None:
    found, counts = np.unique(names, return_counts=True)
    if len(found) < 3 or counts.min() < FEWEST:
        listed = ", ".join(f"{count} of phase {name}" for name, count in zip(found, counts, strict=True))
        raise UsageError(f"phases: {listed or 'no disc'} to learn from; each of the three needs at least {FEWEST}")


def _fit(features: Array, names: NDArray[Any], penalty: float, seed: int, slope: float = 1.0) -> Svm:
    from sklearn.svm import SVC

    mean, scale = features.mean(axis=0), np.maximum(features.std(axis=0), 1e-9)
    balanced, labels = balance((features - mean) / scale, names, seed)
    machine = SVC(C=penalty, kernel="rbf", gamma="scale").fit(balanced, labels)
    return Svm(
        classes=tuple(int(one) for one in machine.classes_),
        mean=mean,
        scale=scale,
        gamma=float(1.0 / (features.shape[1] * balanced.var())),
        vectors=machine.support_vectors_,
        weights=_pair_weights(machine.dual_coef_, machine.n_support_),
        shifts=machine.intercept_,
        slope=slope,
    )


def balance(features: Array, names: NDArray[Any], seed: int) -> tuple[Array, NDArray[Any]]:
    """Every class as large as the largest, by discs made up between neighbours (SMOTE, Chawla 2002)."""
    from imblearn.over_sampling import SMOTE

    fewest = int(np.unique(names, return_counts=True)[1].min())
    smote = SMOTE(k_neighbors=min(NEIGHBOURS, fewest - 1), random_state=seed)
    balanced, labels = smote.fit_resample(features, names)
    return balanced, labels


def _pair_weights(dual: Array, counts: NDArray[np.integer]) -> Array:
    """libsvm's coefficients (classes - 1, vectors), vectors in order of class -> (pairs, vectors).

    A vector of class i has its weight against a higher class j in row j - 1, against a lower one in row j.
    """
    ends = np.cumsum([0, *counts])
    pairs = list(combinations(range(len(counts)), 2))
    weights = np.zeros((len(pairs), ends[-1]))
    for row, (first, second) in zip(weights, pairs, strict=True):
        own, other = slice(*ends[first : first + 2]), slice(*ends[second : second + 2])
        row[own], row[other] = dual[second - 1, own], dual[first, other]
    return weights


def _left_out(features: Array, names: NDArray[Any], penalty: float, seed: int) -> Array:
    """Decisions (discs, pairs) about each disc by a machine that was fitted without it."""
    from sklearn.model_selection import StratifiedKFold

    fewest = int(np.unique(names, return_counts=True)[1].min())
    folds = StratifiedKFold(min(_FOLDS, fewest), shuffle=True, random_state=seed)
    parts = list(folds.split(features, names))
    found = [_fit(features[rest], names[rest], penalty, seed).decisions(features[held]) for rest, held in parts]
    order = np.argsort(np.concatenate([held for _, held in parts]))
    decisions: Array = np.concatenate(found)[order]
    return decisions


def _slope(decisions: Array, names: NDArray[Any]) -> float:
    """The slope under which the discs of each pair are likeliest."""
    from scipy.optimize import minimize_scalar

    pairs = combinations(np.unique(names), 2)
    right = np.concatenate(
        [
            np.where(names == first, of_pair, -of_pair)[(names == first) | (names == second)]
            for of_pair, (first, second) in zip(decisions.T, pairs, strict=True)
        ]
    )

    def unlikelihood(slope: float) -> float:
        return float(-np.log(np.maximum(logistic(slope * right), 1e-12)).sum())

    return float(minimize_scalar(unlikelihood, bounds=_SLOPES, method="bounded").x)
