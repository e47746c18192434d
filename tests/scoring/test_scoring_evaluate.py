"""Whole evaluations of drawn spines: what is counted, what is told, what is refused."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from label_maps import renumbered, save, spine
from PIL import Image

from lumbardisc.errors import InputError, UsageError
from lumbardisc.scoring import Evaluation, evaluate
from lumbardisc.scoring.evaluate import Settings
from lumbardisc.scoring.grades import grades_beside, patients_of, read_grades

TOTALSPINESEG = {1: 100, 2: 95, 3: 94, 4: 93, 5: 92, 100: 50, 101: 45, 102: 44, 103: 43, 104: 42, 105: 41, 200: 2}


def write(root: Path, **maps: np.ndarray) -> Path:
    for name, labels in maps.items():
        save(labels, root / f"{name}.nii.gz")
    return root


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    return write(tmp_path / "truth", a_1=spine(), b_1=spine(), c_1=spine())


def mean(found: Evaluation, metric: str = "dice") -> float:
    return found.groups["all"]["all discs"].spreads[metric].mean.value


def test_a_perfect_prediction(truth: Path) -> None:
    found = evaluate(truth, truth)
    assert mean(found) == 1.0
    assert found.naming.right == 1.0
    assert {row.patient for row in found.rows} == {"a", "b", "c"}
    assert len(found.rows) == 15
    assert {row.structure for row in found.structures} == {"body", "sacrum", "canal"}
    assert (found.notes, found.failed, found.grading) == ((), (), None)


def test_a_missing_prediction_is_a_miss_and_a_stray_one_is_left_out(truth: Path, tmp_path: Path) -> None:
    found = evaluate(write(tmp_path / "p", a_1=spine(), b_1=spine(), z_9=spine()), truth)
    assert mean(found) == pytest.approx(2 / 3)
    assert [row.scored.values["dice"] for row in found.rows if row.case == "c_1"] == [0.0] * 5
    assert found.groups["all"]["all discs"].missed == 5
    assert found.naming.counts[:, -1].tolist() == [1] * 5
    assert "each disc counted as missed: c_1" in found.notes[0]
    assert "left out: z_9" in found.notes[1]


def test_a_prediction_off_by_one_is_told(truth: Path, tmp_path: Path) -> None:
    found = evaluate(write(tmp_path / "p", a_1=spine(shift=1), b_1=spine(shift=1), c_1=spine(shift=1)), truth)
    assert mean(found) == 0.0
    assert mean(found, "dice_any_name") == 1.0
    assert found.naming.right == 0.0
    assert [note for note in found.notes if "1 level too high" in note] == list(found.notes)[:3]


def test_an_empty_prediction_is_told(truth: Path, tmp_path: Path) -> None:
    empty = np.zeros_like(spine())
    found = evaluate(write(tmp_path / "p", a_1=spine(), b_1=spine(), c_1=empty), truth)
    assert found.groups["patient"]["c"].missed == 5
    assert any("c_1: the prediction holds no structure" in note for note in found.notes)


def test_nothing_but_empty_predictions_are_misses_too(truth: Path, tmp_path: Path) -> None:
    empty = np.zeros_like(spine())
    found = evaluate(write(tmp_path / "p", a_1=empty, b_1=empty, c_1=empty), truth)
    assert found.groups["all"]["all discs"].missed == 15
    assert found.sizes == {}


def test_pictures_have_no_size_which_is_told(tmp_path: Path) -> None:
    for side in ("truth", "p"):
        (tmp_path / side).mkdir()
        Image.fromarray(spine()[3].astype(np.uint8)).save(tmp_path / side / "a.png")
    assert "in voxels" in evaluate(tmp_path / "p", tmp_path / "truth").notes[0]


def test_tools_of_other_conventions_are_understood(truth: Path, tmp_path: Path) -> None:
    theirs = renumbered(spine(thinner=1), TOTALSPINESEG)
    found = evaluate(write(tmp_path / "p", a_1=theirs, b_1=theirs, c_1=theirs), truth)
    assert found.conventions.predicted == "totalspineseg"
    assert mean(found) == pytest.approx(2 * 7 / 15)
    assert mean(found, "volume_ratio") == pytest.approx(7 / 8)
    assert any("vertebrae are left out" in note for note in found.notes)
    assert {row.structure for row in found.structures} == {"sacrum", "canal"}


def test_what_no_prediction_has_is_left_out(truth: Path, tmp_path: Path) -> None:
    bare = spine(bones=False)
    found = evaluate(write(tmp_path / "p", a_1=bare, b_1=bare, c_1=bare), truth)
    assert found.structures == ()
    assert any("no prediction has them: body, canal, sacrum" in note for note in found.notes)


def test_one_broken_case_stops_no_other(truth: Path, tmp_path: Path) -> None:
    predicted = write(tmp_path / "p", a_1=spine(), b_1=spine(), c_1=spine()[:, ::2])
    found = evaluate(predicted, truth)
    assert len(found.rows) == 10
    assert len(found.failed) == 1
    assert "c_1.nii.gz: lies on another grid" in found.failed[0]


def test_one_patient_has_values_but_no_interval(tmp_path: Path) -> None:
    file = save(spine(thinner=1), tmp_path / "p.nii.gz")
    found = evaluate(file, save(spine(), tmp_path / "t.nii.gz"))
    dice = found.groups["all"]["all discs"].spreads["dice"].mean
    assert dice.value == pytest.approx(14 / 15)
    assert math.isnan(dice.low)
    assert math.isnan(found.contrasts["level"].overall.p)  # ties everywhere


def test_all_cases_failing_and_a_senseless_tolerance_are_refused(truth: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="another grid"):
        evaluate(save(spine()[:, ::2], tmp_path / "p" / "a_1.nii.gz"), truth / "a_1.nii.gz")
    for tolerance in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(UsageError, match="is no distance in mm"):
            evaluate(truth, truth, Settings(tolerance_mm=tolerance))


def test_grades_from_a_table_and_from_beside(truth: Path, tmp_path: Path) -> None:
    table = tmp_path / "grades.csv"
    rows = [f"{patient},{level},{grade}" for patient in "abc" for level, grade in (("L5/S1", 4), ("L4/L5", 2))]
    table.write_text("\n".join(["patient,level,grade", *rows]))
    predicted = tmp_path / "p"
    for case in ("a_1", "b_1", "c_1"):
        save(spine(), predicted / case / "segmentation.nii.gz")
        (predicted / case / "discs.csv").write_text("level,pfirrmann\nL5/S1,4\nL4/L5,3\n")
    found = evaluate(predicted, truth, Settings(grades=table))
    assert set(found.groups["grade"]) == {"2", "4"}
    assert found.grading is not None
    assert found.grading.discs == 6
    assert found.grading.statistics["accuracy"].value == 0.5
    assert found.grading.statistics["mean_absolute_error"].value == 0.5
    assert found.grading.counts[1].tolist() == [0, 0, 3, 0, 0, 0]


def test_grades_of_others_are_refused(truth: Path, tmp_path: Path) -> None:
    table = tmp_path / "grades.csv"
    table.write_text("patient,level,grade\nz,L5/S1,4\n")
    with pytest.raises(UsageError, match=r"its patients \(z\) are none of those compared \(a, b and c\)"):
        evaluate(truth, truth, Settings(grades=table))


def test_tables_of_grades(tmp_path: Path) -> None:
    table = tmp_path / "truth.csv"
    table.write_text("study,level,grade\nseed-0000,L5/S1,5\n007,1,2\n3,0,1\n")
    assert read_grades(table) == {"seed-0000": {1: 5}, "7": {1: 2}}
    assert grades_beside(tmp_path / "mask.nii.gz") == {}
    (tmp_path / "discs.csv").write_text("something,else\n1,2\n")
    assert grades_beside(tmp_path / "mask.nii.gz") == {}


def test_whose_a_case_is() -> None:
    assert patients_of(["22_t2", "007_t1"], {}) == {"22_t2": "22", "007_t1": "7"}
    assert patients_of(["case_1", "case_2"], {}) == {"case_1": "case_1", "case_2": "case_2"}
    assert patients_of(["a_b_1", "a_b_2"], {"a_b": {}}) == {"a_b_1": "a_b", "a_b_2": "a_b"}
