"""Grades in the main job: columns, flags and provenance, companions of another contrast; the grader is a stand-in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from known_grades import SURE, TORN, KnownGrades, as_grader
from reference import drawn_scan  # scripts/reference.py

from lumbardisc.errors import UnreadableError
from lumbardisc.io import Scan, Source
from lumbardisc.phantom import Geometry, make_exam
from lumbardisc.pipeline import Pipeline, Study
from lumbardisc.pipeline.images import LabelledImage, carry_over
from lumbardisc.report.record import result_json
from lumbardisc.volume import Volume

SCAN, NETWORK = drawn_scan()
GRADED = ["pfirrmann", *(f"pfirrmann_p{grade}" for grade in range(1, 6)), "degeneration", "grade_confidence"]


def run(grades: KnownGrades, *companions: Source, scan: Scan = SCAN) -> Study:
    return Pipeline(NETWORK, as_grader(grades)).run(replace(scan, companions=companions), "drawn")


def beside(scan: Scan) -> Source:
    return Source("series 5 (t1)", Path("study"), lambda: scan)


def test_the_columns_of_a_graded_disc() -> None:
    disc = run(KnownGrades({1: (0.02, 0.73, 0.24, 0.01, 0.0)})).discs["L5/S1"]
    assert [disc.values[name] for name in GRADED] == [2, 0.02, 0.73, 0.24, 0.01, 0.0, "mild", 0.73]
    assert disc.herniation_probability == 0.83
    assert disc.pfirrmann == 2


def test_every_disc_is_graded_by_what_is_seen_of_it_itself() -> None:
    grades = KnownGrades()
    study = run(grades)
    (shown,) = grades.shown
    assert set(shown.crops) == {disc.label for disc in study.discs.values()}
    for slices in shown.crops.values():
        assert {crop.shape for crop in slices} == {grades.shape}
        assert len(slices) == 3, "the mid-sagittal slice and those beside it"


def test_a_disc_that_cannot_be_graded_has_undefined_columns() -> None:
    study = run(KnownGrades(blind=(2,)))
    values = study.discs["L4/L5"].values
    assert all(np.isnan(values[name]) for name in [*GRADED, "herniation_probability"])
    assert study.discs["L4/L5"].grading is None
    assert study.discs["L3/L4"].pfirrmann == 4


def test_without_a_grader_there_are_no_columns() -> None:
    study = Pipeline(NETWORK).run(SCAN, "drawn")
    assert not set(GRADED) & set(study.discs["L5/S1"].values)
    assert "grading" not in study.provenance["weights"]


def test_a_grade_in_doubt_is_flagged() -> None:
    study = run(KnownGrades({3: TORN}))
    assert {level for level, disc in study.discs.items() if "low_confidence" in disc.flags} == {"L3/L4"}


def test_where_the_grades_came_from() -> None:
    study = run(KnownGrades(), scan=replace(SCAN, contrast="t2"))
    assert study.provenance["weights"]["grading"] == "a" * 64
    assert study.provenance["graded_on"] == [{"image": "drawn", "contrast": "t2"}]
    assert study.provenance["timings"]["grading_s"] >= 0
    told = json.loads(result_json(study))
    assert told["discs"][0]["pfirrmann_p4"] == SURE[3]
    assert "crop" not in json.dumps(told)


def test_grades_without_a_t2_image_are_said_to_be_less_certain() -> None:
    assert not any("T2" in line for line in run(KnownGrades(), scan=replace(SCAN, contrast="t2_space")).warnings)
    assert any("without a T2" in line for line in run(KnownGrades(), scan=replace(SCAN, contrast="t1")).warnings)


def test_a_companion_is_graded_too() -> None:
    grades = KnownGrades()
    study = run(grades, beside(replace(SCAN, contrast="t1")), scan=replace(SCAN, contrast="t2"))
    main, companion = grades.shown
    assert (main.contrast, companion.contrast) == ("t2", "t1")
    assert set(companion.crops) == set(main.crops)
    assert [one["image"] for one in study.provenance["graded_on"]] == ["drawn", "series 5 (t1)"]


def test_the_first_image_with_a_disc_shows_it_and_the_grader_fuses() -> None:
    class Worst(KnownGrades):
        def fuse(self, gradings):
            assert len(gradings) == 2
            return gradings[1]

    study = run(Worst({1: TORN}), beside(replace(SCAN, contrast="t1")))
    assert study.discs["L5/S1"].grade_confidence == TORN[2]


def test_a_broken_companion_is_a_warning() -> None:
    def fail() -> NoReturn:
        raise UnreadableError("t1.nii: is truncated; copy it again")

    study = run(KnownGrades(), Source("t1", Path("t1.nii"), fail))
    assert study.discs["L5/S1"].pfirrmann == 4
    assert "t1 could not be used: t1.nii: is truncated; copy it again" in study.warnings


def test_without_a_grader_no_companion_is_read() -> None:
    def fail() -> NoReturn:
        raise AssertionError("read although nothing is graded")

    Pipeline(NETWORK).run(replace(SCAN, companions=(Source("t1", Path("t1"), fail),)), "drawn")


def test_a_companion_without_a_place_in_space_is_segmented_by_itself() -> None:
    far = SCAN.volume.affine.copy()
    far[:3, 3] += 500.0
    for companion in (Scan(Volume(SCAN.volume.array, far)), replace(SCAN, placed=False)):
        grades = KnownGrades()
        run(grades, beside(companion))
        main, second = grades.shown
        assert set(second.crops) == set(main.crops) != set()


@pytest.fixture(scope="module")
def exam():
    plan = Geometry.plan(slices=5, matrix=(128, 128), pixel_mm=(2.1, 2.1), gap_mm=2.0, centre=(0.0, 22.0, -22.0))
    return make_exam(3, geometry=plan, samples=1)


@pytest.mark.parametrize(
    "geometry",
    [
        {"matrix": (160, 100), "pixel_mm": (1.5, 2.0), "centre": (1.0, 30.0, -30.0)},
        {"matrix": (128, 128), "pixel_mm": (2.1, 2.1), "turn_deg": (4.0, 3.0, -5.0), "centre": (0.0, 22.0, -22.0)},
        {"matrix": (128, 128), "pixel_mm": (2.1, 2.1), "flips": (True, True, False), "centre": (0.0, 22.0, -22.0)},
        {"slices": 1, "matrix": (128, 128), "pixel_mm": (2.1, 2.1), "centre": (2.5, 22.0, -22.0)},
    ],
    ids=["other pixels", "turned", "flipped", "one slice"],
)
def test_labels_carried_over_are_those_of_the_same_spine_drawn_there(exam, geometry) -> None:
    """The phantom knows what lies at every place of the other geometry."""
    there = make_exam(3, geometry=Geometry.plan(**{"slices": 5, "gap_mm": 2.0} | geometry), samples=1)
    labels = exam.label_map.array.astype(np.int16)
    main = LabelledImage("main", exam.label_map, labels, 2, "t2")
    volume, truth = there.label_map.sagittal(), there.label_map.sagittal().array
    found = carry_over(main, Volume(volume.array.astype(np.float32), volume.affine))
    assert found is not None
    carried, index = found
    assert abs(volume.world([index, 60, 60])[0] - main.volume.world([2, 60, 60])[0]) <= 4.0
    for label in range(1, 6):  # in view in all geometries
        same, both = (carried[index] == label), (truth[index] == label)
        dice = 2 * (same & both).sum() / max(same.sum() + both.sum(), 1)
        assert dice > 0.6, f"disc {label}"


def test_nothing_is_carried_to_an_image_that_lies_elsewhere(exam) -> None:
    labels = exam.label_map.array.astype(np.int16)
    main = LabelledImage("main", exam.label_map.sagittal(), labels, 2, "t2")
    for shift in ([200.0, 0, 0], [0, 0, 900.0]):
        affine = exam.label_map.affine.copy()
        affine[:3, 3] += shift
        assert carry_over(main, Volume(exam.label_map.array, affine)) is None
