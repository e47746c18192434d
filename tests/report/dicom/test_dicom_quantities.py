"""The table of quantities: every column is told or left out for a reason, codes are those of the public schemes."""

from __future__ import annotations

import math
from collections import Counter
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.sr._concepts_dict import concepts

from lumbardisc.inference.grading import STEPS
from lumbardisc.pipeline.study import Disc
from lumbardisc.quantify.curvature import curvature
from lumbardisc.quantify.regions import Section
from lumbardisc.report.codes import Code
from lumbardisc.report.columns import COLUMNS
from lumbardisc.report.dicom import answers, quantities
from lumbardisc.report.dicom.quantities import ANSWERS, LEFT_OUT, OF_SPINE, QUANTITIES, number
from lumbardisc.report.words import _FLAGS

ROWS = (*QUANTITIES, *OF_SPINE)
METHODS = {value for value in vars(quantities).values() if isinstance(value, Code)}
FOUND = [f"{name}_probability" for name in quantities.FINDINGS]
WORDS = {
    *(value for value in vars(answers).values() if isinstance(value, Code)),
    *(answers.pfirrmann(grade) for grade in range(1, 6)),
    *answers.SEVERITY.values(),
    *answers.PHASES.values(),
    *(question for question, _ in answers.answers(Disc("L5/S1", 1, dict.fromkeys(FOUND, 1.0)))),
    *(code for pair in answers.cautions(_FLAGS) for code in pair),
}
ALL = sorted(
    {*METHODS, *WORDS, *(row.concept for row in ROWS), *(row.unit for row in ROWS)},
    key=lambda code: (code.scheme, code.value),
)


def told() -> Counter[str]:
    """How often the structured report has each column."""
    parts = [name for row in QUANTITIES for name in (row.column, row.error, row.complete) if name]
    return Counter([*parts, *ANSWERS, *LEFT_OUT])


def test_every_column_is_told_once_or_left_out_for_a_reason() -> None:
    assert told() == Counter(column.name for column in COLUMNS)
    assert all(len(reason) > 10 for reason in LEFT_OUT.values())


def test_every_angle_of_the_spine_is_told() -> None:
    empty = cast(Section, SimpleNamespace(borders=lambda _: None, outline=lambda _: None))
    assert [row.column for row in OF_SPINE] == list(curvature(empty))


@pytest.mark.parametrize("code", ALL, ids=lambda code: f"{code.scheme}-{code.value}")
def test_a_code_is_that_of_its_scheme_or_our_own(code: Code) -> None:
    assert len(code.value) <= 16  # SH
    assert len(code.meaning) <= 64  # LO
    if code.scheme == quantities.SCHEME:
        assert code.value == code.value.upper()
    else:
        meanings = [entry[code.value][0] for entry in concepts[code.scheme].values() if code.value in entry]
        assert code.meaning in meanings


def test_units_are_those_of_ucum_and_of_the_column() -> None:
    units = {"mm": "mm", "mm2": "mm2", "mm3": "mm3", "ms": "ms", "deg": "deg"}
    known = {value for entry in concepts["UCUM"].values() for value in entry}
    for row in ROWS:
        assert row.unit.value in known
        ending = row.column.rpartition("_")[2]
        assert row.unit.value == units.get(ending, row.unit.value), row.column
        assert ending in units or row.unit.value in ("1", "{ratio}"), row.column
        assert row.error.rpartition("_")[2] in ("", ending), row.column


def test_codes_of_our_own_have_one_meaning_each() -> None:
    ours = {code for code in ALL if code.scheme == quantities.SCHEME}
    assert len({code.value for code in ours}) == len({code.meaning for code in ours}) == len(ours)


def test_no_two_quantities_say_the_same() -> None:
    said = Counter((row.concept, row.derivation) for row in ROWS)
    assert max(said.values()) == 1


@given(st.floats(-1e5, 1e5))
def test_a_number_is_that_of_the_table(value: float) -> None:
    assert number("height_mm", value) == pytest.approx(value, abs=0.00501)
    assert number("volume_mm3", np.float32(value)) == pytest.approx(value, abs=0.0601)


@pytest.mark.parametrize("value", [math.nan, None, np.float64("nan"), math.inf, "L5/S1"])
def test_what_is_undefined_is_no_number(value: Any) -> None:
    assert number("height_mm", value) is None


def graded(**values: Any) -> Disc:
    return Disc("L4/L5", 2, {"pfirrmann": math.nan, "degeneration": "", **values}, flags=("cut_by_fov",))


@pytest.mark.parametrize("grade", range(1, 6))
def test_grade_and_step_are_told_in_words(grade: int) -> None:
    step = STEPS[grade - 1]
    said = {question.value: answer for question, answer in answers.answers(graded(pfirrmann=grade, degeneration=step))}
    assert said["PFIRRMANN"].meaning == f"Pfirrmann grade {['I', 'II', 'III', 'IV', 'V'][grade - 1]}"
    assert said["DEGENERATION"].meaning.lower() == step


def test_findings_are_told_where_they_are_likely() -> None:
    disc = graded(herniation_probability=0.5, bulging_probability=0.49, modic_probability=math.nan, phase=3)
    said = {question.value: answer.value for question, answer in answers.answers(disc)}
    assert said == {"PHASE": "PHASE_3", "HERNIATION": "52101004", "CAUTION": "CUT_BY_FOV"}
