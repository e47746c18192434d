"""Exams with T1rho: a user's own tables and images as they should be and as they should not, and phantoms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lumbardisc.errors import InputError, UsageError
from lumbardisc.io import save_nifti
from lumbardisc.phantom import lumbar_stack, make_exam
from lumbardisc.quantify.t1rho import phase_of
from lumbardisc.training.t1rho.data import MatchedExam
from lumbardisc.training.t1rho.exams import EXAMS
from lumbardisc.training.t1rho.phantoms import TEST_SEEDS, Scanner, draw, phantom_exams
from lumbardisc.volume import Volume

AFFINE = np.array([[4.0, 0, 0, -8.0], [0, 0, -1.0, 40.0], [0, -1.0, 0, 30.0], [0, 0, 0, 1.0]])
HEAD = "patient,level,t1rho_mean_ms,t1rho_min_ms,t1rho_max_ms\n"
TABLE = HEAD + "12,L5/S1,96.5,71,140\n12,L4/L5,120,90,180\n13,1,60,50,75\n"


def image(path: Path, grey: int = 100) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_nifti(Volume(grey * (np.indices((3, 30, 30)).sum(axis=0) % 2).astype(np.uint16), AFFINE), path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Patient 12 with T1 and T2, patient 13 with T1 alone."""
    (tmp_path / "t1rho.csv").write_text(TABLE)
    image(tmp_path / "12_t1.nii.gz", 1)
    image(tmp_path / "12_t2.nii.gz", 2)
    image(tmp_path / "13_t1.nii.gz", 3)
    return tmp_path


def read(folder: Path, kind: str = "table") -> tuple[dict[str, MatchedExam], str]:
    exams, notes = EXAMS[kind](folder)
    return {exam.patient: exam for exam in exams}, "\n".join(notes)


def test_a_table_and_images_by_their_names(folder: Path) -> None:
    exams, notes = read(folder)
    assert set(exams) == {"12", "13"}
    assert notes == ""
    both, alone = exams["12"].load(), exams["13"].load()
    assert both.t1rho == {1: (96.5, 71.0, 140.0), 2: (120.0, 90.0, 180.0)}
    assert (both.scan.contrast, both.scan.volume.array.max()) == ("t2", 2), "discs are found on T2"
    assert [source.load().contrast for source in both.scan.companions] == ["t1"]
    assert (alone.scan.contrast, alone.scan.companions) == ("t1", ())
    assert not exams["12"].drawn


def test_values_are_part_of_the_key(folder: Path) -> None:
    before = {name: exam.key for name, exam in read(folder)[0].items()}
    (folder / "t1rho.csv").write_text(TABLE.replace("96.5", "97.5"))
    after = {name: exam.key for name, exam in read(folder)[0].items()}
    assert before["12"] != after["12"]
    assert before["13"] == after["13"]


def test_an_exchanged_image_is_another_key(folder: Path) -> None:
    before = {name: exam.key for name, exam in read(folder)[0].items()}
    image(folder / "13_t1.nii.gz", 4)
    after = {name: exam.key for name, exam in read(folder)[0].items()}
    assert before["13"] != after["13"]
    assert before["12"] == after["12"]


def test_an_exam_without_an_image_is_told(folder: Path) -> None:
    (folder / "t1rho.csv").write_text(TABLE + "14,L5/S1,80,60,90\n")
    exams, notes = read(folder)
    assert "14" not in exams
    assert "1 patient with T1rho and neither T1 nor T2, left out: 14" in notes


def test_what_fit_t1rho_wrote_beside_routine_images(tmp_path: Path) -> None:
    head = "level,disc_from_bottom,t1rho_mean_ms,t1rho_min_ms,t1rho_max_ms,phase,flags\n"
    for patient in ("a", "b"):
        image(tmp_path / patient / "t1.nii.gz")
        image(tmp_path / patient / "t1rho.nii.gz")
        (tmp_path / patient / "discs.csv").write_text(head + "L5/S1,1,96.5,71,140,2,\nL4/L5,2,,,,,no_t1rho\n")
    exams, _ = read(tmp_path, "fitted")
    assert set(exams) == {"a", "b"}
    exam = exams["a"].load()
    assert exam.t1rho == {1: (96.5, 71.0, 140.0)}, "the disc whose cells are empty is passed over"
    assert exam.scan.companions == (), "the map is no routine image"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("12,L9/L8,96,71,140", "row 2: 'L9/L8' is no disc that is known"),
        ("12,L5/S1,high,71,140", "row 2: t1rho_mean_ms is 'high', which is no number"),
        ("12,L5/S1,96,-1,140", "row 2: t1rho_min_ms is -1; T1rho is above 0 ms"),
        ("12,L5/S1,0,0,140", "T1rho is above 0 ms"),
        ("12,L5/S1,150,71,140", "the mean, 150 ms, is not between minimum 71 and maximum 140"),
        (",L5/S1,96,71,140", "row 2: names no patient"),
        ("12,L5/S1,96,71,140\n12,1,96,71,140", "has a row already"),
        ("99,L5/S1,96,71,140", "no patient has both T1rho values and a T1 or T2 image"),
    ],
)
def test_a_bad_table_is_one_line(folder: Path, rows: str, told: str) -> None:
    (folder / "t1rho.csv").write_text(HEAD + rows + "\n")
    with pytest.raises(InputError) as error:
        read(folder)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("listed", "told"),
    [("12,gone.nii.gz,t1", "gone.nii.gz is not in"), ("12,12_t1.nii.gz,ct", "contrast 'ct' is not one of")],
)
def test_a_bad_list_of_images_is_one_line(folder: Path, listed: str, told: str) -> None:
    (folder / "images.csv").write_text(f"patient,image,contrast\n{listed}\n")
    with pytest.raises(InputError, match=told):
        read(folder)


def test_a_folder_without_a_table_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"t1rho\.csv"):
        read(tmp_path)
    with pytest.raises(InputError, match=r"holds no folder with a discs\.csv; run `lumbardisc fit-t1rho"):
        read(tmp_path, "fitted")


def test_a_phantom_is_read_as_a_patient_is_and_gives_what_is_true_of_it() -> None:
    exam = draw(4)
    scanner = Scanner.draw(4)
    truth = make_exam(4, geometry=lumbar_stack(scanner.matrix, slices=3), samples=1).truth
    assert {exam.scan.contrast, *(source.load().contrast for source in exam.scan.companions)} == {"t1", "t2"}
    true = {disc.label: disc.t1rho_mean_ms for disc in truth if disc.label in exam.t1rho}
    errors = [exam.t1rho[disc][0] / true[disc] - 1.0 for disc in true]
    assert len(errors) >= 5
    assert np.median(np.abs(errors)) < 0.1, "noise, the edge of the region and half a slice apart"
    assert {disc.label: disc.grade for disc in truth}.items() <= exam.grades.items()
    assert {phase_of(mean) for mean, _, _ in exam.t1rho.values()} <= {1, 2, 3}


def test_scanners_differ_and_are_the_same_again() -> None:
    assert Scanner.draw(3) == Scanner.draw(3)
    assert len({Scanner.draw(seed).matrix for seed in range(20)}) > 10
    assert {Scanner.draw(seed).field_t for seed in range(20)} == {1.5, 3.0}


def test_phantoms_of_the_test_are_refused() -> None:
    assert (TEST_SEEDS[0], TEST_SEEDS[-1]) == (900_000, 900_099), "fixed before anything was trained"
    assert [exam.patient for exam in phantom_exams(range(3, 5))] == ["phantom 3", "phantom 4"]
    with pytest.raises(UsageError, match="kept for the test"):
        phantom_exams(range(899_990, 900_001))
