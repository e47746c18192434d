"""Discs on an image in, their grade, findings and the evidence for them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.inference.runtime import Network
from lumbardisc.inference.weights import Weights, default_weights, load_weights
from lumbardisc.preprocess.intensity import Image, windowed

Array = NDArray[np.float64]

GRADES = 5
_GRADES = np.arange(1.0, GRADES + 1.0)
THRESHOLDS = GRADES - 1
"""Heads of the network that speak for "above grade 1", ..., "above grade 4"; those of the findings follow."""
POSITIONS = (0.5, 1.5, 2.5, 3.5, 4.5, 5.5)
"""Where grades begin and end on a continuous scale."""
STEPS = ("mild", "mild", "moderate", "severe", "severe")
"""Grades 1-5 in three steps, as Ding et al. 2024 (doi 10.13429/j.cnki.cjcr.2024.05.039) have them."""
T2_LIKE = ("t2", "t2_space", "stir")
"""Bright water: on such images the grades are defined (Pfirrmann et al., Spine 2001). All others count as T1."""


@dataclass(frozen=True, eq=False)
class Grading:
    """One disc.

    probabilities: calibrated, of grades 1-5. findings: name -> calibrated probability. crop: (rows, columns) grey 0-1,
    the disc upright in its own frame, as the network saw it. evidence: the same grid; what each place adds to the
    score: > 0 speaks for a higher grade, < 0 for a lower one. certain: whether the grade is surer than the card's
    limit. scores: (heads,) of the network, before calibration. group: ``t1``, ``t2`` or ``t1+t2``, what was seen.
    """

    probabilities: tuple[float, float, float, float, float]
    findings: Mapping[str, float]
    crop: Image
    evidence: Image
    certain: bool
    scores: NDArray[np.float64]
    group: str

    @property
    def grade(self) -> int:
        """The likeliest grade, 1-5."""
        return int(np.argmax(self.probabilities)) + 1

    @property
    def confidence(self) -> float:
        """Probability of the grade."""
        return max(self.probabilities)

    @property
    def degeneration(self) -> str:
        """``mild`` (1-2), ``moderate`` (3) or ``severe`` (4-5)."""
        return STEPS[self.grade - 1]


class Grader:
    """The exported grading network, ready to run."""

    def __init__(self, path: Path | None = None, threads: int | None = None) -> None:
        self.weights: Weights = load_weights(path or default_weights("grading"), "grading")
        settings = self.weights.settings
        rows, columns = settings["shape"]
        self.shape: tuple[int, int] = (rows, columns)
        self.findings: tuple[str, ...] = tuple(settings["findings"])
        self._calibration: Mapping[str, Any] = settings["calibration"]
        self._t1_weight: float = settings["t1_weight"]
        self._certain_from: float = settings["certain_from"]
        self._network = Network(self.weights.path, threads)

    def __call__(self, crops: Mapping[int, Sequence[Image]], contrast: str | None) -> dict[int, Grading]:
        """Grade discs by label on one image, each from one crop per slice (see ``anatomy.frames.disc_crops``).

        contrast: of ``io.CONTRASTS``; what is not T2-like is graded as T1 is.
        """
        evidence = self._network.run(crop[None] for slices in crops.values() for crop in slices)
        group = "t2" if contrast in T2_LIKE else "t1"
        return {
            label: self._grading(np.mean([next(evidence) for _ in slices], axis=0), slices[0], group)
            for label, slices in crops.items()
        }

    def fuse(self, gradings: Sequence[Mapping[int, Grading]]) -> dict[int, Grading]:
        """Gradings of several images of one patient as one; crop and evidence are those of the first with the disc."""
        labels = dict.fromkeys(label for one in gradings for label in one)
        return {label: self._fused([one[label] for one in gradings if label in one]) for label in labels}

    def _fused(self, parts: Sequence[Grading]) -> Grading:
        groups = sorted({part.group for part in parts})
        if len(parts) == 1:
            return parts[0]
        weights = [self._t1_weight if part.group == "t1" and len(groups) > 1 else 1.0 for part in parts]
        scores = np.average([part.scores for part in parts], axis=0, weights=weights)
        return self._calibrated(scores, parts[0].crop, parts[0].evidence, "+".join(groups))

    def _grading(self, evidence: Image, crop: Image, group: str) -> Grading:
        """evidence: (heads, rows, columns) of the network. Its mean is the score."""
        speaks = evidence[:THRESHOLDS].sum(axis=0)
        return self._calibrated(evidence.mean(axis=(1, 2)), windowed(crop), _spread(speaks, self.shape), group)

    def _calibrated(self, scores: NDArray[Any], crop: Image, evidence: Image, group: str) -> Grading:
        settings = self._calibration[group]
        probabilities = grade_probabilities(scores[:THRESHOLDS], settings)
        findings = {
            name: share for name, share in finding_probabilities(scores, settings).items() if name in self.findings
        }
        one, two, three, four, five = (float(share) for share in probabilities)
        certain = max(probabilities) >= self._certain_from
        return Grading((one, two, three, four, five), findings, crop, evidence, certain, scores.astype(float), group)


def raw_probabilities(scores: Array) -> Array:
    """Scores (..., 4) for "above grade 1", ..., "above grade 4" as log-odds -> probabilities (..., 5), which sum to 1.

    Each threshold is its own logistic regression (Frank and Hall 2001, "A simple approach to ordinal classification");
    where a higher threshold came out likelier than a lower one, it is held down to it.
    """
    above = np.minimum.accumulate(_sigmoid(np.asarray(scores, dtype=np.float64)), axis=-1)
    ends = np.ones_like(above[..., :1])
    steps = np.concatenate([ends, above, 0.0 * ends], axis=-1)
    shares: Array = steps[..., :-1] - steps[..., 1:]
    return shares


def grade_probabilities(scores: Array, calibration: Mapping[str, Any]) -> Array:
    """Scores (..., 4) -> calibrated probabilities (..., 5); the likeliest grade is the nearest to the disc's position.

    The expected grade of the raw probabilities is moved to a position from 0.5 to 5.5, between ``knots`` that were set
    so that each grade is given to as many discs as the reader gave it to (equipercentile equating, Kolen and Brennan
    2014): a network that is unsure shrinks its answers to the middle, and this undoes it. Round the position the grades
    fall off as a normal density does, of a width that ``spread`` [a, b] gives: exp(a) times the raw standard deviation
    to the power b. A share ``outliers`` is spread evenly, for labels that nothing in the image explains.
    """
    shares = raw_probabilities(scores)
    expected, deviation = _moments(shares)
    position = np.interp(expected, calibration["knots"], POSITIONS)
    scale, power = calibration["spread"]
    far = (_GRADES - position[..., None]) / (np.exp(scale) * deviation[..., None] ** power)
    density = np.exp(-0.5 * (far**2 - (far**2).min(axis=-1, keepdims=True)))
    even = calibration["outliers"]
    calibrated: Array = (1.0 - even) * density / density.sum(axis=-1, keepdims=True) + even / GRADES
    return calibrated


def finding_probabilities(scores: NDArray[Any], calibration: Mapping[str, Any]) -> dict[str, float]:
    """Scores (heads,) -> the probability of each finding of the card: a logistic regression (Platt 1999) of its own."""
    heads = zip(calibration["findings"].items(), scores[THRESHOLDS:], strict=True)
    return {name: float(_sigmoid(slope * score + shift)) for (name, (slope, shift)), score in heads}


def _moments(shares: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of the grade, (...,); the latter is never quite 0."""
    mean = shares @ _GRADES
    return mean, np.sqrt(np.maximum(shares @ _GRADES**2 - mean**2, 1e-3))


def _sigmoid(values: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-values))


def _spread(evidence: Image, shape: tuple[int, int]) -> Image:
    """A coarse map on the crop's grid, smoothly; its mean stays the same."""
    from scipy.ndimage import zoom

    factors = [fine / coarse for fine, coarse in zip(shape, evidence.shape, strict=True)]
    spread: Image = zoom(evidence, factors, order=1, mode="nearest", grid_mode=True).astype(np.float32)
    return spread
