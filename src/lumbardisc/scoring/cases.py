"""One case: its label maps read, and every structure of the truth scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lumbardisc.evaluation.detection import Box
from lumbardisc.evaluation.segmentation.structures import Scored, disc_boxes, middle_slice, score, shift
from lumbardisc.levels import CANAL, SACRUM, is_body, is_disc, table
from lumbardisc.scoring.files import Pair
from lumbardisc.scoring.grades import Grades, grades_beside
from lumbardisc.scoring.labels import Conventions, load

NAMES: Mapping[int, str] = {one.index: one.name for one in table()}


@dataclass(frozen=True)
class Row:
    """One structure of a case. level: its name. grade, predicted_grade: Pfirrmann, None where not known.

    called: the name of the predicted disc that lies there, empty where there is none.
    """

    case: str
    patient: str
    structure: str
    level: str
    grade: int | None
    predicted_grade: int | None
    called: str
    scored: Scored

    @property
    def is_disc(self) -> bool:
        return self.structure == "disc"


@dataclass(frozen=True)
class Case:
    """A case that was compared. true, predicted: boxes of the discs on its middle slice, by label."""

    name: str
    rows: tuple[Row, ...]
    true: Mapping[int, Box]
    predicted: Mapping[int, Box]
    notes: tuple[str, ...] = ()


def score_case(
    pair: Pair, patient: str, conventions: Conventions, grades: Grades, *, tolerance_mm: float, resample: bool
) -> Case:
    """grades: of the patient, in place of those beside the truth. Raises InputError with one line."""
    maps = load(pair, conventions, resample)
    scored = score(maps.predicted, maps.truth, maps.spacing, tolerance_mm)
    true, given = grades or grades_beside(pair.truth), grades_beside(pair.predicted)
    middle = middle_slice(maps.truth)
    return Case(
        pair.name,
        tuple(_row(pair.name, patient, one, true, given) for one in scored),
        disc_boxes(maps.truth, middle),
        disc_boxes(maps.predicted, middle),
        _notes(pair, scored, bool(maps.predicted.any())),
    )


def _row(case: str, patient: str, scored: Scored, true: Grades, given: Grades) -> Row:
    called = NAMES.get(scored.called, "")
    graded = (true.get(scored.label), given.get(scored.label)) if is_disc(scored.label) else (None, None)
    return Row(case, patient, structure_of(scored.label), NAMES[scored.label], *graded, called, scored)


def structure_of(label: int) -> str:
    """What kind of structure a label is: disc, body, sacrum or canal."""
    if label in (SACRUM, CANAL):
        return "sacrum" if label == SACRUM else "canal"
    return "body" if is_body(label) else "disc"


def _notes(pair: Pair, scored: list[Scored], anything: bool) -> tuple[str, ...]:
    if pair.predicted and not anything:
        return (f"{pair.name}: the prediction holds no structure that is known; each disc counts as missed",)
    off = shift(scored)
    if not off:
        return ()
    much = f"{abs(off)} level{'s' if abs(off) > 1 else ''} too {'high' if off > 0 else 'low'}"
    return (f"{pair.name}: every disc that was found is named {much}; dice_any_name tells how right the outlines are",)
