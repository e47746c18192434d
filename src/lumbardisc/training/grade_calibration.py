"""Scores of discs whose patients a network never saw -> probabilities that mean what they say, and what ships."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from torch import nn

from lumbardisc.evaluation import grading as measures
from lumbardisc.evaluation.bootstrap import clustered_interval
from lumbardisc.evaluation.calibration import expected_calibration_error
from lumbardisc.inference.grading import (
    GRADES,
    T2_LIKE,
    THRESHOLDS,
    finding_probabilities,
    grade_probabilities,
    raw_probabilities,
)
from lumbardisc.networks.grader import Committee
from lumbardisc.training.grade_batches import plain
from lumbardisc.training.grade_crops import GradedCrops
from lumbardisc.training.grades import FINDINGS, GradedData

Array = NDArray[np.float64]

FLAGGED = 0.25
"""Share of the discs, the least sure ones, that ``low_confidence`` is meant to mark."""
AUC_ABOVE = 0.65
"""A finding ships where the lower end of the 95 % interval of its AUC lies above this; 0.5 is chance."""
MINIMUM_PATIENTS = 10
"""Fewer patients with T1 and T2 than this say nothing about how to weigh the two."""
T1_WEIGHTS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
_BOUNDS = ((-2.0, 2.0), (0.0, 2.0), (-10.0, 5.0))
"""Of both numbers of the spread and of the log-odds of an outlier, for data sets that are too small to tell."""
_SEVERAL = "t1+t2"


@dataclass(frozen=True, eq=False)
class Readings:
    """Discs of images as the networks see them; one row per image and disc.

    contrast: of the image, or ``t1+t2`` where both were fused. grade: 1-5. findings: (n, FINDINGS), NaN where nobody
    told. scores: (n, heads), before calibration. fold: the part that its patient is in.
    """

    patient: NDArray[np.str_]
    contrast: NDArray[np.str_]
    disc: NDArray[np.int64]
    grade: NDArray[np.int64]
    findings: Array
    scores: Array
    fold: NDArray[np.int64]

    def of(self, *contrasts: str) -> Readings:
        """Those of some contrasts."""
        return self.only(np.isin(self.contrast, contrasts))

    @property
    def group(self) -> NDArray[np.str_]:
        """``t1``, ``t2`` or ``t1+t2`` of each row, as calibration has them."""
        return np.where(self.contrast == _SEVERAL, _SEVERAL, np.where(np.isin(self.contrast, T2_LIKE), "t2", "t1"))

    def only(self, rows: NDArray[Any]) -> Readings:
        """Some of the rows."""
        return replace(self, **{name: column[rows] for name, column in vars(self).items()})


@torch.no_grad()
def out_of_fold(
    members: Sequence[tuple[int, nn.Module]],
    crops: GradedCrops,
    folds: NDArray[np.int64],
    shape: tuple[int, int],
) -> Array:
    """Scores (n, heads) of every crop by the networks without its patient. members: the fold left out, the network."""
    scores = np.zeros((len(crops), THRESHOLDS + len(FINDINGS)))
    for fold in np.unique(folds):
        committee = Committee([member for left_out, member in members if left_out == fold]).eval()
        for rows in np.array_split(np.flatnonzero(folds == fold), max(1, int((folds == fold).sum()) // 64)):
            batch = plain(torch.from_numpy(crops.crops[rows].astype(np.float32)), shape)
            scores[rows] = committee(batch).mean(dim=(2, 3)).numpy()
    return scores


def readings_of(crops: GradedCrops, scores: Array, folds: NDArray[np.int64]) -> Readings:
    """One reading per image and disc: the mean over its slices. scores: (n, heads). folds: (n,)."""
    keys = np.array([f"{case}/{disc}" for case, disc in zip(crops.case, crops.disc, strict=True)])
    _, first, owner = np.unique(keys, return_index=True, return_inverse=True)
    return Readings(
        crops.patient[first],
        crops.contrast[first],
        crops.disc[first],
        crops.grade[first],
        crops.findings[first].astype(np.float64),
        np.stack([scores[owner == place].mean(axis=0) for place in range(len(first))]),
        folds[first],
    )


def calibrate(single: Readings) -> tuple[dict[str, Any], Readings]:
    """What the card says of probabilities, and all readings with those of T1 and T2 together.

    For each group of contrasts (T1, T2, both), what ``inference.grading.grade_probabilities`` needs is fitted on
    readings of patients that the networks never saw: knots to the reader's shares of grades, the rest by maximum
    likelihood.
    """
    t1, t2 = single.only(single.group == "t1"), _one_t2(single.only(single.group == "t2"))
    weight = _t1_weight(t1, t2)
    fused = _fused(t1, t2, weight)
    groups = {"t1": t1, "t2": t2, _SEVERAL: fused}
    whole = max(groups.values(), key=lambda one: len(one.grade))  # speaks for groups that nobody gave images of
    settings = {name: _fit(one if len(one.grade) else whole) for name, one in groups.items()}
    main = t2 if len(t2.grade) else t1
    confidence = probabilities(main, settings["t2" if len(t2.grade) else "t1"]).max(axis=1)
    card = {
        "findings": _shipped(main),
        "calibration": settings,
        "t1_weight": weight,
        "certain_from": round(float(np.quantile(confidence, FLAGGED)), 4),
    }
    both = {name: np.concatenate([column, getattr(fused, name)]) for name, column in vars(single).items()}
    return card, Readings(**both)


def _fit(readings: Readings) -> dict[str, Any]:
    places = {name: (readings.scores[:, THRESHOLDS + i], readings.findings[:, i]) for i, name in enumerate(FINDINGS)}
    findings = {name: _fit_finding(scores, truth) for name, (scores, truth) in places.items()}
    return {**_fit_grades(readings.scores[:, :THRESHOLDS], readings.grade), "findings": findings}


def _fit_grades(scores: Array, grades: NDArray[np.int64]) -> dict[str, Any]:
    """Knots, spread and outliers of ``inference.grading.grade_probabilities``."""
    expected = raw_probabilities(scores) @ np.arange(1.0, GRADES + 1.0)
    below = [float(np.mean(grades <= grade)) for grade in range(1, GRADES)]
    knots = [1.0, *np.clip(np.quantile(expected, below), 1.0, GRADES), float(GRADES)]

    def settings(fitted: Array) -> dict[str, Any]:
        spread, even = [float(value) for value in fitted[:2]], float(1.0 / (1.0 + np.exp(2.0 - fitted[2])))
        return {"knots": knots, "spread": spread, "outliers": even}

    found = minimize(
        lambda fitted: surprise(grade_probabilities(scores, settings(fitted)), grades),
        np.zeros(3),
        method="Nelder-Mead",
        bounds=_BOUNDS,
        options={"maxiter": 2000},
    )
    return {
        name: [round(float(one), 4) for one in value] if isinstance(value, list) else round(value, 4)
        for name, value in settings(found.x).items()
    }


def surprise(shares: Array, grades: NDArray[np.int64]) -> float:
    """Mean negative logarithm of the probability of what was true, what is all but impossible held at 1e-4."""
    return float(-np.log(np.maximum(shares[np.arange(len(grades)), grades - 1], 1e-4)).mean())


def _fit_finding(scores: Array, truth: Array) -> list[float]:
    """Slope and shift of a logistic regression (Platt 1999); the score itself where one side is missing."""
    known = ~np.isnan(truth)
    if len(np.unique(truth[known])) < 2:
        return [1.0, 0.0]
    sign = np.where(truth[known] > 0, -1.0, 1.0)

    def missed(settings: Array) -> float:
        return float(np.logaddexp(0.0, sign * (np.exp(settings[0]) * scores[known] + settings[1])).mean())

    return _rounded(minimize(missed, np.zeros(2), method="Nelder-Mead").x)


def _rounded(fitted: Array) -> list[float]:
    """The slope, which was fitted as its logarithm so that it stays positive, and the shifts."""
    return [round(float(value), 4) for value in (np.exp(fitted[0]), *fitted[1:])]


def _t1_weight(t1: Readings, t2: Readings) -> float:
    """How much T1 counts beside T2: what makes the grades likeliest."""
    if len(np.intersect1d(t1.patient, t2.patient)) < MINIMUM_PATIENTS:
        return T1_WEIGHTS[0]

    def missed(weight: float) -> float:
        fused = _fused(t1, t2, weight)
        return surprise(probabilities(fused, _fit(fused)), fused.grade)

    return min(T1_WEIGHTS, key=missed)


def _one_t2(readings: Readings) -> Readings:
    """Of each disc one reading, so that a patient with several T2-like images counts once: the first of T2_LIKE."""
    rank = {contrast: place for place, contrast in enumerate(T2_LIKE)}
    best: dict[tuple[str, int], int] = {}
    for row in sorted(range(len(readings.grade)), key=lambda row: -rank[str(readings.contrast[row])]):
        best[str(readings.patient[row]), int(readings.disc[row])] = row
    return readings.only(np.array(sorted(best.values()), dtype=int))


def _fused(t1: Readings, t2: Readings, weight: float) -> Readings:
    """Discs read on both. t2: one reading per disc."""
    other = {(str(t1.patient[row]), int(t1.disc[row])): row for row in range(len(t1.grade))}
    keys = [(str(t2.patient[row]), int(t2.disc[row])) for row in range(len(t2.grade))]
    rows = [row for row, key in enumerate(keys) if key in other]
    beside = [other[keys[row]] for row in rows]
    fused = t2.only(np.array(rows, dtype=int))
    scores = (fused.scores + weight * t1.scores[np.array(beside, dtype=int)]) / (1.0 + weight)
    return replace(fused, scores=scores, contrast=np.full(len(rows), _SEVERAL))


def probabilities(readings: Readings, settings: Mapping[str, Any]) -> Array:
    """Of grades 1-5, (n, 5). settings: the card's calibration of the readings' group."""
    return grade_probabilities(readings.scores[:, :THRESHOLDS], settings)


def _shipped(readings: Readings) -> list[str]:
    """Findings that clearly beat chance."""
    return [name for name, low in finding_bounds(readings).items() if low > AUC_ABOVE]


def finding_bounds(readings: Readings) -> dict[str, float]:
    """Finding -> lower end of the patient-clustered 95 % interval of its AUC, NaN where it is not known."""
    bounds = {}
    for place, name in enumerate(FINDINGS):
        known = ~np.isnan(readings.findings[:, place])
        truth, scores = readings.findings[known, place] > 0, readings.scores[known, THRESHOLDS + place]
        some = truth.any() and not truth.all()
        bounds[name] = clustered_interval(measures.auc, readings.patient[known], truth, scores).low if some else np.nan
    return bounds


def summary(readings: Readings, card: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Per group, of the discs that were found: number, quadratic kappa, accuracy, within one, calibration error."""
    told = {}
    for name, settings in card["calibration"].items():
        one = readings.only(readings.group == name)
        if len(one.grade):
            shares = probabilities(one, settings)
            taken = shares.argmax(axis=1) + 1
            told[name] = {
                "discs": len(taken),
                "quadratic_kappa": measures.quadratic_kappa(one.grade, taken),
                "accuracy": measures.accuracy(one.grade, taken),
                "within_one": measures.within_one(one.grade, taken),
                "calibration_error": expected_calibration_error(shares.max(axis=1), taken == one.grade),
            }
    return {name: {key: round(value, 4) for key, value in values.items()} for name, values in told.items()}


def write_folds(path: Path, readings: Readings, card: Mapping[str, Any], sets: Sequence[GradedData]) -> None:
    """Every out-of-fold prediction as CSV; a graded disc that was not found on an image stands there with found = 0."""
    shares = [f"p{grade}" for grade in range(1, GRADES + 1)]
    findings = [column for name in FINDINGS for column in (name, f"{name}_probability")]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(
            file, ["patient", "disc", "contrast", "truth", "fold", *shares, "found", *findings], restval=""
        )
        writer.writeheader()
        writer.writerows(_found_rows(readings, card))
        writer.writerows(_lost_rows(readings, sets))


def _found_rows(readings: Readings, card: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for row in range(len(readings.grade)):
        one = readings.only(np.array([row]))
        settings = card["calibration"][str(one.group[0])]
        shares = {f"p{place + 1}": round(float(p), 4) for place, p in enumerate(probabilities(one, settings)[0])}
        known = dict(zip(FINDINGS, one.findings[0], strict=True))
        told = {name: "" if np.isnan(value) else int(value) for name, value in known.items()}
        likely = finding_probabilities(one.scores[0], settings)
        findings = {**told, **{f"{name}_probability": round(share, 4) for name, share in likely.items()}}
        yield {
            **{"patient": one.patient[0], "disc": one.disc[0], "contrast": one.contrast[0], "truth": one.grade[0]},
            **{"fold": one.fold[0], "found": 1, **shares, **findings},
        }


def _lost_rows(readings: Readings, sets: Sequence[GradedData]) -> Iterator[dict[str, Any]]:
    """Graded discs that were not found on an image whose contrast is known."""
    seen = set(zip(readings.patient.tolist(), readings.contrast.tolist(), readings.disc.tolist(), strict=True))
    fold_of = dict(zip(readings.patient.tolist(), readings.fold.tolist(), strict=True))
    graded = (
        (patient, contrast, disc, grade)
        for data in sets
        for patient, contrasts in _contrasts(data).items()
        for contrast in sorted(contrasts)
        for disc, grade in data.grades[patient].items()
    )
    for patient, contrast, disc, grade in graded:
        if (patient, contrast, disc) not in seen:
            row = {"patient": patient, "disc": disc, "contrast": contrast, "truth": grade.pfirrmann}
            yield {**row, "fold": fold_of.get(patient, ""), "found": 0, **grade.findings}


def _contrasts(data: GradedData) -> dict[str, set[str]]:
    """Patient -> the known contrasts of the images, and ``t1+t2`` where both groups are among them."""
    contrasts: dict[str, set[str]] = {}
    for image in data.images:
        if image.contrast:
            contrasts.setdefault(image.patient, set()).add(image.contrast)
    for own in contrasts.values():
        if own & set(T2_LIKE) and own - set(T2_LIKE):
            own.add(_SEVERAL)
    return contrasts
