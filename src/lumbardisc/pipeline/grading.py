"""The grades of a study's discs: each of its images is read, the readings are fused, and become columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lumbardisc.anatomy.frames import disc_crops
from lumbardisc.inference.grading import T2_LIKE, Grader, Grading
from lumbardisc.pipeline.images import LabelledImage
from lumbardisc.pipeline.study import Value

IN_DOUBT = "low_confidence"
"""Flag of a disc whose grade is in doubt."""
WITHOUT_T2 = "graded without a T2 image, on which the grades are defined; they are less certain"


@dataclass(frozen=True, eq=False)
class Graded:
    """The grades of a study. discs: by label, those that could be graded. images: JSON-ready, what they were graded on.

    warnings: one line each.
    """

    discs: Mapping[int, Grading] = field(default_factory=dict)
    images: tuple[Mapping[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()

    def columns(self, labels: Iterable[int]) -> dict[int, dict[str, Value]]:
        """The graded columns of each disc by label; a disc without a grade has them undefined (NaN)."""
        rows = {label: _columns(grading) for label, grading in self.discs.items()}
        undefined: dict[str, Value] = dict.fromkeys(next(iter(rows.values()), {}), float("nan"))
        return {label: rows.get(label, undefined) for label in labels}

    def flags(self, label: int) -> tuple[str, ...]:
        """What to be careful of in the grade of a disc."""
        return (IN_DOUBT,) if label in self.discs and not self.discs[label].certain else ()


def grade_images(grader: Grader, images: Sequence[LabelledImage]) -> Graded:
    """Grade the discs of a study on its main image, which comes first, and on its companions."""
    without = () if any(one.contrast in T2_LIKE for one in images) else (WITHOUT_T2,)
    gradings = grader.fuse([_grade(grader, one) for one in images])
    told = tuple({"image": one.name, "contrast": one.contrast} for one in images)
    return Graded(gradings, told, without)


def _grade(grader: Grader, one: LabelledImage) -> dict[int, Grading]:
    _, row_mm, column_mm = one.volume.spacing
    crops = disc_crops(one.volume.array, one.labels, (row_mm, column_mm), one.mid_slice, grader.shape)
    return grader(crops, one.contrast)


def _columns(grading: Grading) -> dict[str, Value]:
    return {
        "pfirrmann": grading.grade,
        **{f"pfirrmann_p{grade}": share for grade, share in enumerate(grading.probabilities, start=1)},
        "degeneration": grading.degeneration,
        "grade_confidence": grading.confidence,
        **{f"{finding}_probability": probability for finding, probability in grading.findings.items()},
    }
