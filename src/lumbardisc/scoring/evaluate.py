"""From two folders of label maps to every figure of an evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from lumbardisc.conventions import find_convention
from lumbardisc.errors import InputError, UsageError
from lumbardisc.evaluation.agreement.compare import Finding, SideBySide
from lumbardisc.evaluation.detection import LevelScore
from lumbardisc.evaluation.segmentation.groups import Contrast
from lumbardisc.evaluation.segmentation.surface import TOLERANCE_MM
from lumbardisc.io.images import FORMATS, suffix_of
from lumbardisc.scoring.cases import Case, Row, score_case
from lumbardisc.scoring.detection import detection_scores
from lumbardisc.scoring.files import Pair, find_maps, pair
from lumbardisc.scoring.grades import patients_of, read_grades
from lumbardisc.scoring.grading import Grading, grading
from lumbardisc.scoring.labels import AUTO, Conventions, choose
from lumbardisc.scoring.naming import Naming, naming
from lumbardisc.scoring.sizes import sizes
from lumbardisc.scoring.tables import Group, contrasts, groups
from lumbardisc.training.grades.words import in_order, some

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Settings:
    """How maps are compared. labels, predicted_labels: see ``labels.choose``. tolerance_mm: of the surface Dice.

    resample: put predictions on another grid than their truth's on that. grades: a table of the true Pfirrmann grades.
    """

    labels: str = AUTO
    predicted_labels: str | None = None
    tolerance_mm: float = TOLERANCE_MM
    resample: bool = False
    grades: Path | None = None


@dataclass(frozen=True, eq=False)
class Evaluation:
    """All figures. rows: one per case and disc. structures: one per case and other structure.

    groups: kind of group (all, level, grade, patient) -> name -> how its discs' scores spread. contrasts: kind (level,
    grade) -> whether they differ. sizes: predicted and true volumes and heights. detection: by label, None where
    faster-coco-eval is missing. grading: None where a side has no grades. notes: one line each for what a reader must
    know; failed: one line for each case that cannot be compared.
    """

    predicted: Path
    truth: Path
    conventions: Conventions
    settings: Settings
    rows: tuple[Row, ...]
    structures: tuple[Row, ...]
    groups: Mapping[str, Mapping[str, Group]]
    contrasts: Mapping[str, Contrast]
    naming: Naming
    sizes: Mapping[SideBySide, tuple[Finding, ...]]
    detection: Mapping[int, LevelScore] | None
    grading: Grading | None
    notes: tuple[str, ...]
    failed: tuple[str, ...]


def evaluate(
    predicted: Path,
    truth: Path,
    settings: Settings | None = None,
    progress: Progress = lambda _text, _done: None,
) -> Evaluation:
    """Compare label maps with their truth. predicted, truth: a file each, or folders; see ``files.find_maps``.

    Raises UsageError where nothing could be compared for the call, InputError where every case fails.
    """
    chosen = settings or Settings()
    _check(chosen)
    pairs, unpaired = _pairs(predicted, truth, chosen)
    conventions = choose(pairs, chosen.labels, chosen.predicted_labels)
    cases, failed = _score_all(pairs, conventions, chosen, progress)
    if not cases:
        raise InputError(failed[0])
    progress("figures", 0.95)
    rows = [row for case in cases for row in case.rows]
    discs = [row for row in rows if row.is_disc]
    return Evaluation(
        predicted,
        truth,
        conventions,
        chosen,
        tuple(discs),
        tuple(_comparable(rows)),
        groups(discs),
        contrasts(discs),
        naming(discs),
        sizes(discs),
        detection_scores(cases),
        grading(discs),
        (*unpaired, *_notes(pairs, conventions, rows), *(note for case in cases for note in case.notes)),
        failed,
    )


def _check(settings: Settings) -> None:
    if not 0 < settings.tolerance_mm < np.inf:
        raise UsageError(f"--tolerance {settings.tolerance_mm:g}: is no distance in mm; give one above 0")


def _pairs(predicted: Path, truth: Path, settings: Settings) -> tuple[list[Pair], tuple[str, ...]]:
    asked = settings.labels, settings.predicted_labels or settings.labels
    true, given = (find_maps(root, _marked(name)) for root, name in zip((truth, predicted), asked, strict=True))
    return pair(given, true)


def _marked(convention: str) -> str:
    """What the files of a convention have in their names."""
    return "" if convention == AUTO else find_convention(convention).marked


def _score_all(
    pairs: Sequence[Pair], conventions: Conventions, settings: Settings, progress: Progress
) -> tuple[list[Case], tuple[str, ...]]:
    """The cases that could be compared, and one line for each that could not."""
    graded = read_grades(settings.grades) if settings.grades else {}
    patients = patients_of([one.name for one in pairs], graded)
    if graded and not graded.keys() & patients.values():
        sides = some(in_order(graded)), some(in_order(patients.values()))
        raise UsageError(f"{settings.grades}: its patients ({sides[0]}) are none of those compared ({sides[1]})")
    cases, failed = [], []
    for number, one in enumerate(pairs):
        progress(one.name, number / len(pairs) * 0.95)
        patient = patients[one.name]
        score = partial(score_case, tolerance_mm=settings.tolerance_mm, resample=settings.resample)
        try:
            cases.append(score(one, patient, conventions, graded.get(patient, {})))
        except InputError as error:
            failed.append(str(error))
    return cases, tuple(failed)


def _comparable(rows: Sequence[Row]) -> Iterator[Row]:
    """Rows of other structures, of the kinds that were predicted at all."""
    known = {row.structure for row in rows if not row.scored.missed}
    return (row for row in rows if not row.is_disc and row.structure in known)


def _notes(pairs: Sequence[Pair], conventions: Conventions, rows: Sequence[Row]) -> Iterator[str]:
    if any(not FORMATS[suffix_of(one.truth.name) or ""].placed for one in pairs):
        yield "truth: pictures have no voxel size; 1 mm was taken, so that lengths and volumes are in voxels"
    for side, name in (("truth", conventions.truth), ("predictions", conventions.predicted)):
        if find_convention(name).merged is not None:
            yield f"{side}: the labels tell no levels; discs are named from the lowest upward, as if that were L5/S1"
    if not conventions.same_bodies:
        yield "vertebrae are left out, as one side has them with their arches and the other the bodies alone"
    missing = {row.structure for row in rows if not row.is_disc} - {row.structure for row in _comparable(rows)}
    if missing:
        yield f"left out, as no prediction has them: {', '.join(sorted(missing))}"
