"""How right grades are: agreement over ordered grades, one class against the rest, areas under ROC curves.

Classes are counted from 1 (Pfirrmann 1-5; mild, moderate, severe = 1-3). A disc that was not found has the predicted
class ``MISSING`` and NaN probabilities, and is never left out: it counts as the class farthest from the truth
(the upper one where two are as far), and in a ROC curve as the worst score of all.

All are a few lines of NumPy, because an interval asks for each a thousand times; the tests hold them to scikit-learn.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

Classes = NDArray[np.integer[Any]]
Scores = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]

MISSING = 0
GRADES = 5
DEGENERATION = ("mild", "moderate", "severe")
"""Pfirrmann 1-2, 3 and 4-5 (Ding 2024, section 1.4)."""


def degeneration(grades: Classes) -> Classes:
    """Mild, moderate, severe as 1, 2, 3 from Pfirrmann grades 1-5; a missing grade stays missing."""
    return np.array([MISSING, 1, 1, 2, 3, 3])[grades]


def degeneration_probabilities(probabilities: Scores) -> Scores:
    """(discs, 5) of the grades -> (discs, 3) of mild, moderate, severe."""
    return np.stack([probabilities[:, :2].sum(1), probabilities[:, 2], probabilities[:, 3:].sum(1)], axis=1)


def as_farthest(truth: Classes, predicted: Classes, classes: int = GRADES) -> Classes:
    """``predicted`` with each missing class replaced by the one farthest from the truth. Both (discs,)."""
    farthest = np.where(truth - 1 > classes - truth, 1, classes)
    return np.where(predicted == MISSING, farthest, predicted)


def accuracy(truth: Classes, predicted: Classes) -> float:
    """Share of discs with the right class; a missing one is wrong."""
    return float(np.mean(truth == predicted))


def within_one(truth: Classes, predicted: Classes) -> float:
    """Share of discs at most one grade (of 1-5) off; a missing one is at least two off."""
    return float(np.mean(np.abs(truth - as_farthest(truth, predicted)) <= 1))


def mean_absolute_error(truth: Classes, predicted: Classes) -> float:
    """Mean distance in grades (of 1-5); a missing one is as far off as can be."""
    return float(np.mean(np.abs(truth - as_farthest(truth, predicted))))


def quadratic_kappa(truth: Classes, predicted: Classes) -> float:
    """Cohen's kappa with quadratic weights over grades 1-5; a missing grade counts as the farthest.

    1 - mean squared distance / that expected of two independent readers with these grades, which is the sum of both
    variances and of the squared difference of the means (so it equals Lin's concordance correlation coefficient;
    Krippendorff 1970, King and Chinchilli 2001). NaN where there is but one grade on both sides.
    """
    filled = as_farthest(truth, predicted)
    expected = truth.var() + filled.var() + (truth.mean() - filled.mean()) ** 2
    return float(1 - np.mean((truth - filled) ** 2) / expected) if expected > 0 else float("nan")


def confusion(truth: Classes, predicted: Classes, classes: int = GRADES) -> NDArray[np.int_]:
    """Counts (true class, predicted class), with one more column at the end: discs that were not found."""
    counts = np.zeros((classes, classes + 1), dtype=int)
    np.add.at(counts, (truth - 1, predicted - 1), 1)  # MISSING - 1 is the last column
    return counts


def recalls(truth: Classes, predicted: Classes, classes: int = GRADES) -> Scores:
    """Share of the discs of each class that got it, (classes,); NaN for a class that does not occur."""
    counts = confusion(truth, predicted, classes)
    return _ratio(counts.diagonal(), counts.sum(axis=1))


def balanced_accuracy(truth: Classes, predicted: Classes, classes: int = GRADES) -> float:
    """Mean of the recalls of the classes that occur."""
    return float(np.nanmean(recalls(truth, predicted, classes)))


@dataclass(frozen=True)
class OneVsRest:
    """Each class against the rest, averaged over the classes without weights (macro average)."""

    accuracy: float
    sensitivity: float
    specificity: float
    f1: float


def one_vs_rest(truth: Classes, predicted: Classes, classes: int) -> OneVsRest:
    """ACC, SEN, SPE and F1 as for Table 2 of Ding 2024: a 2 x 2 table for each class, then the plain mean.

    Over k classes this accuracy is 1 - 2 (1 - a) / k, where a is the share of discs with the right class, since a
    wrong disc is wrong in two of the k tables. A missing class counts as the farthest. What is undefined for a class
    that does not occur, or that alone occurs, is left out of the mean.
    """
    counts = confusion(truth, as_farthest(truth, predicted, classes), classes)[:, :classes]
    right = counts.diagonal()
    missed, extra = counts.sum(axis=1) - right, counts.sum(axis=0) - right
    rest = len(truth) - right - missed - extra
    values = (
        (right + rest) / len(truth),
        _ratio(right, right + missed),
        _ratio(rest, rest + extra),
        _ratio(2 * right, 2 * right + missed + extra),
    )
    return OneVsRest(*(float(np.nanmean(one)) if not np.isnan(one).all() else float("nan") for one in values))


@dataclass(frozen=True)
class ClassScore:
    """One class. precision: share of the discs called so that are so. recall: share of its discs that are called so.

    f1: their harmonic mean. support: discs of the class. NaN where undefined.
    """

    precision: float
    recall: float
    f1: float
    support: int


def class_scores(truth: Classes, predicted: Classes, classes: int) -> list[ClassScore]:
    """Each class, from 1 up; a missing class counts as the farthest."""
    counts = confusion(truth, as_farthest(truth, predicted, classes), classes)[:, :classes]
    right, true, called = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    columns = (_ratio(right, called), _ratio(right, true), _ratio(2 * right, true + called))
    rows = zip(*(column.tolist() for column in columns), true.tolist(), strict=True)
    return [ClassScore(*row) for row in rows]


def cohen_kappa(one: Classes, other: Classes) -> float:
    """Agreement of two readers beyond chance, without weights (Cohen 1960). Both (discs,), classes from 1.

    NaN where there is but one class on both sides.
    """
    classes = int(max(one.max(), other.max()))
    shares = confusion(one, other, classes)[:, :classes] / len(one)
    expected = float(shares.sum(axis=1) @ shares.sum(axis=0))
    return (float(shares.trace()) - expected) / (1 - expected) if expected < 1 else float("nan")


def roc_points(positive: Flags, score: Scores) -> tuple[Scores, Scores]:
    """(false positive rate, true positive rate) from (0, 0) to (1, 1), a point at each score that occurs.

    A missing score (NaN) counts as the worst there is: below all others where the disc is positive, above them where
    it is not. NaN where one side is empty.
    """
    worst = np.where(np.isnan(score), np.where(positive, -np.inf, np.inf), score)
    order = np.argsort(-worst, kind="stable")
    last = np.flatnonzero(np.append(worst[order][1:] != worst[order][:-1], True))
    hits = np.append(0, np.cumsum(positive[order])[last])
    alarms = np.append(0, last + 1) - hits
    return _ratio(alarms, np.full(alarms.shape, alarms[-1])), _ratio(hits, np.full(hits.shape, hits[-1]))


def auc(positive: Flags, score: Scores) -> float:
    """Area under the ROC curve of ``roc_points``; NaN where one side is empty."""
    across, up = roc_points(positive, score)
    return float(np.sum(np.diff(across) * (up[1:] + up[:-1])) / 2)


def pair_scores(truth: Classes, probabilities: Scores, lower: int, upper: int) -> tuple[Flags, Scores]:
    """The discs of two classes, told apart by p_upper / (p_lower + p_upper).

    truth: (discs,) classes from 1. probabilities: (discs, classes). Returns, of the discs of either class, which are
    of the upper one and their score (0.5 where both probabilities are 0).
    """
    chosen = (truth == lower) | (truth == upper)
    first, second = probabilities[chosen, lower - 1], probabilities[chosen, upper - 1]
    both = first + second
    return truth[chosen] == upper, np.divide(second, both, out=np.full(both.shape, 0.5), where=both != 0)


def pairwise_auc(truth: Classes, probabilities: Scores) -> dict[tuple[int, int], float]:
    """AUC of every two classes (lower, upper), each among the discs of these two alone; see ``pair_scores``."""
    pairs = combinations(range(1, probabilities.shape[1] + 1), 2)
    return {pair: auc(*pair_scores(truth, probabilities, *pair)) for pair in pairs}


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> Scores:
    """part / whole, NaN where the whole is 0."""
    shares = np.full(whole.shape, np.nan)
    np.divide(part, whole, out=shares, where=whole != 0)
    return shares
