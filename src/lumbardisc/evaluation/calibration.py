"""Whether a probability means what it says: calibration error, reliability, proper scores, accuracy against coverage.

A disc that was not found has NaN confidence. It states no probability, so the calibration error and the reliability
diagram leave it out; a proper score and the coverage count it as wrong with the least confidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lumbardisc.evaluation.grading import GRADES, MISSING, Classes, Flags, Scores, as_farthest


@dataclass(frozen=True)
class Bin:
    """Discs of about the same stated confidence. low, high: the bin's ends. accuracy: the share that is right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def reliability(confidence: Scores, correct: Flags, *, bins: int = 10, equal_mass: bool = False) -> list[Bin]:
    """The points of a reliability diagram (Murphy and Winkler 1977), lowest confidence first; empty bins are left out.

    confidence: (discs,) probability of the predicted class. correct: (discs,). Bins of equal width over 0-1, the upper
    end belonging to its bin, or of equal mass: the discs in order of confidence, in ``bins`` groups as equal as can be.
    """
    known = ~np.isnan(confidence)
    order = np.argsort(confidence[known], kind="stable")
    stated, right = confidence[known][order], correct[known][order]
    edges = np.linspace(0, 1, bins + 1)
    cuts = np.arange(1, bins) * len(stated) / bins if equal_mass else np.searchsorted(stated, edges[1:-1], side="right")
    ends = [*np.rint(cuts).astype(int), len(stated)]
    points = []
    for number, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
        if end > start:
            low, high = (stated[start], stated[end - 1]) if equal_mass else edges[number : number + 2]
            means = float(stated[start:end].mean()), float(right[start:end].mean())
            points.append(Bin(float(low), float(high), int(end - start), *means))
    return points


def expected_calibration_error(
    confidence: Scores, correct: Flags, *, bins: int = 10, equal_mass: bool = False
) -> float:
    """Mean of |accuracy - confidence| over the bins, weighted by their discs (Naeini 2015); NaN without a disc."""
    points = reliability(confidence, correct, bins=bins, equal_mass=equal_mass)
    total = sum(point.count for point in points)
    gaps = sum(point.count * abs(point.accuracy - point.confidence) for point in points)
    return gaps / total if total else float("nan")


def coverage_curve(confidence: Scores, correct: Flags) -> tuple[Scores, Scores, Scores]:
    """(coverage, accuracy, threshold): share of discs kept and accuracy among them, at each confidence that occurs.

    From the surest disc to all of them; discs of the same confidence come in together, those not found last (their
    threshold is -1).
    """
    stated = np.where(np.isnan(confidence), -1.0, confidence)
    order = np.argsort(-stated, kind="stable")
    last = np.flatnonzero(np.append(np.diff(stated[order]) != 0, True))
    right = np.cumsum(correct[order])[last]
    return (last + 1) / len(order), right / (last + 1), stated[order][last]


def brier_score(truth: Classes, probabilities: Scores) -> float:
    """Sum over grades of the squared error of the probability, mean over discs (Brier 1950): 0 best, 2 worst."""
    stated = _stated(truth, probabilities)
    return float(np.mean(((stated - _certain(truth)) ** 2).sum(axis=1)))


def ranked_probability_score(truth: Classes, probabilities: Scores) -> float:
    """The same of the cumulative probabilities, over the number of steps (Epstein 1969): 0 best, 1 worst.

    A probability far from the true grade costs more than one beside it.
    """
    gaps = (_stated(truth, probabilities) - _certain(truth)).cumsum(axis=1)[:, :-1]
    return float(np.mean((gaps**2).mean(axis=1)))


def _stated(truth: Classes, probabilities: Scores) -> Scores:
    """Missing probabilities as certainty of the farthest grade."""
    missing = np.isnan(probabilities).any(axis=1, keepdims=True)
    return np.where(missing, _certain(as_farthest(truth, np.full_like(truth, MISSING))), probabilities)


def _certain(grades: Classes) -> Scores:
    """(discs, 5): 1 at the grade, 0 elsewhere."""
    return np.eye(GRADES)[grades - 1]
