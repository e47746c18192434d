"""What was predicted at each graded disc, beside what a person read there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isnan, nan

import numpy as np
from numpy.typing import NDArray

from lumbardisc.evaluation.grading import GRADES, MISSING, Classes, Flags, Scores
from lumbardisc.pipeline import Disc
from lumbardisc.training.grades import FINDINGS, DiscGrade

T2, T1 = ("t2", "t2_space"), ("t1",)
INPUTS = {"T2": (T2,), "T1 alone": (T1,), "T1 and T2": (T2, T1)}
"""What a patient is graded on: for each image, the contrasts it may have, the first there is."""


def chosen(available: Collection[str | None], wanted: Sequence[Sequence[str]]) -> tuple[str, ...] | None:
    """The contrast of each image of an input, from those a patient has; None where one is missing."""
    found = [next((contrast for contrast in one if contrast in available), None) for one in wanted]
    return None if None in found else tuple(contrast for contrast in found if contrast)


@dataclass(frozen=True)
class Reading:
    """What was predicted at one disc; by default, that it was not found.

    grade: 1-5. certain: no flag ``low_confidence``.
    """

    grade: int = MISSING
    confidence: float = nan
    certain: bool = False
    probabilities: tuple[float, ...] = (nan,) * GRADES
    findings: Mapping[str, float] = field(default_factory=dict)


NOT_FOUND = Reading()


def reading(disc: Disc) -> Reading:
    """The graded columns of a disc of a study; a disc that was found but not graded counts as not found."""
    values = disc.values
    if isnan(float(values["pfirrmann"])):
        return NOT_FOUND
    return Reading(
        int(values["pfirrmann"]),
        float(values["grade_confidence"]),
        "low_confidence" not in disc.flags,
        tuple(float(values[f"pfirrmann_p{grade}"]) for grade in range(1, GRADES + 1)),
        {name: float(values[f"{name}_probability"]) for name in FINDINGS if f"{name}_probability" in values},
    )


@dataclass(frozen=True, eq=False)
class Cohort:
    """Graded discs and their readings, one entry per disc. See ``evaluation.grading`` for what a missing one is.

    patients, truth, predicted, confidence, certain: (discs,). probabilities: (discs, 5).
    findings, finding_scores: (discs, findings), NaN where unknown.
    """

    patients: NDArray[np.str_]
    truth: Classes
    predicted: Classes
    confidence: Scores
    certain: Flags
    probabilities: Scores
    findings: Scores
    finding_scores: Scores

    @property
    def correct(self) -> Flags:
        """Which discs have the right grade."""
        return np.equal(self.truth, self.predicted)

    @property
    def found(self) -> Flags:
        """Which discs were found and graded."""
        return np.not_equal(self.predicted, MISSING)

    def take(self, which: NDArray[np.integer] | Flags) -> Cohort:
        """Some of the discs."""
        return replace(self, **{name: values[which] for name, values in vars(self).items()})


def cohort(rows: Iterable[tuple[str, DiscGrade, Reading]]) -> Cohort:
    """From (patient, what a person read, what was predicted) of each disc. Raises ValueError where there is none."""
    patients, truths, readings = zip(*rows, strict=True)
    return Cohort(
        np.array(patients),
        np.array([truth.pfirrmann for truth in truths]),
        np.array([one.grade for one in readings]),
        np.array([one.confidence for one in readings]),
        np.array([one.certain for one in readings]),
        np.array([one.probabilities for one in readings]),
        np.array([[truth.findings.get(name, nan) for name in FINDINGS] for truth in truths]),
        np.array([[one.findings.get(name, nan) for name in FINDINGS] for one in readings]),
    )
