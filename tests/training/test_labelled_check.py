"""Everything that can be wrong with a folder of images and labels is told, with its file."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import labelled_folders
import nrrd
import numpy as np
import pytest
from labelled_folders import AFFINE, image, labels, save

from lumbardisc.errors import InputError
from lumbardisc.training.labelled import Reader, find_cases
from lumbardisc.training.labelled.check import check


def one_case(folder: Path, mask: np.ndarray, affine: np.ndarray = AFFINE) -> None:
    save(folder / "a.nii.gz", image())
    save(folder / "a_seg.nii.gz", mask, affine, mask=True)


def moved(*by: float) -> np.ndarray:
    affine = AFFINE.copy()
    affine[:3, 3] += AFFINE[:3, :3] @ by
    return affine


def mirrored_header() -> np.ndarray:
    affine = AFFINE.copy()
    affine[0] *= -1
    return affine


def times(factor: float, folder: Path) -> None:
    one_case(folder, labels())
    save(folder / "a_seg.nii.gz", labels() * factor)


def damaged(folder: Path) -> None:
    one_case(folder, labels())
    path = folder / "a_seg.nii.gz"
    path.write_bytes(path.read_bytes()[:200])


def overlapping(folder: Path) -> None:
    save(folder / "a.nii.gz", image())
    layers = np.stack([labels() == 1, labels() > 0]).astype(np.uint8)
    header = {
        "space": "right-anterior-superior", "space origin": [0, 0, 0], "kinds": ["list", *["domain"] * 3],
        "space directions": np.vstack([[np.nan] * 3, AFFINE[:3, :3].T]),
        "Segment0_Name": "L5/S1", "Segment0_Layer": "0", "Segment1_Name": "L5", "Segment1_Layer": "1",
    }  # fmt: skip
    nrrd.write(str(folder / "a.seg.nrrd"), layers, header, index_order="F")


FATAL: dict[str, tuple[Callable[[Path], object], str]] = {
    "other size": (lambda f: one_case(f, labels()[:, ::2]), "has 4 x 30 x 40 voxels, its image a.nii.gz 4 x 60"),
    "half a voxel off": (lambda f: one_case(f, labels(), moved(0, 0.5, 0)), "has another grid than its image a.nii.gz"),
    "shifted out": (lambda f: one_case(f, labels(), moved(0, 20, 0)), "labelled voxels lie outside its image"),
    "mirrored": (lambda f: one_case(f, labels(), mirrored_header()), "runs the other way left-right than its image"),
    "empty": (lambda f: one_case(f, labels() * 0), "holds no labelled voxel"),
    "no meaning": (lambda f: one_case(f, np.where(labels() == 1, 999, 0)), "999"),
    "not whole": (partial(times, 0.5), "no whole numbers"),
    "too large": (partial(times, 1e10), "numbers beyond 32 bits"),
    "damaged": (damaged, "a_seg.nii.gz: is truncated or damaged"),
    "image missing": (lambda f: save(f / "a_seg.nii.gz", labels(), mask=True), "there is no image for these labels"),
    "overlap": (overlapping, "segments 'L5/S1' and 'L5' overlap in 256 voxels"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FATAL)
def test_a_case_that_cannot_be_learnt_from(tmp_path: Path, kind: str) -> None:
    make, words = FATAL[kind]
    make(tmp_path)
    if kind == "no meaning":
        with pytest.raises(InputError, match=words):
            check(tmp_path)
        return
    result = check(tmp_path)
    (problem,) = result.every_problem
    assert result.usable == ()
    assert re.search(words, problem), problem
    assert str(tmp_path) in problem
    assert "\n" not in problem


@pytest.mark.parametrize(
    ("mask", "affine", "words"),
    [
        (np.where(labels() == 1, 77, labels()), AFFINE, r"a_seg.nii.gz: unknown labels, left out: 77"),
        (labels()[:, ::-1], AFFINE, r"a_seg.nii.gz: L4/L5 lies below L5/S1: disc numbers do not run upward"),
        (np.where(labels() == 2, 1, labels()), AFFINE, r"a_seg.nii.gz: L5/S1 \(label 1\) lies in 2 places"),
    ],
)
def test_what_is_odd_is_told_and_still_learnt_from(
    tmp_path: Path, mask: np.ndarray, affine: np.ndarray, words: str
) -> None:
    one_case(tmp_path, mask, affine)
    result = check(tmp_path, "lumbardisc")
    assert len(result.usable) == 1
    assert any(re.search(words, problem) for problem in result.every_problem), result.every_problem


def test_odd_voxel_sizes(tmp_path: Path) -> None:
    affine = AFFINE @ np.diag([3.0, 2.0, 1.0, 1.0])
    save(tmp_path / "a.nii.gz", image(), affine)
    save(tmp_path / "a_seg.nii.gz", labels(), affine, mask=True)
    told = "; ".join(check(tmp_path).every_problem)
    assert "a.nii.gz: odd spacing: slices 12 mm apart" in told
    assert "odd spacing: pixels of 2 x 1 mm" in told


def test_an_image_without_labels_and_one_of_two_patients(tmp_path: Path) -> None:
    labelled_folders.phantoms(tmp_path)
    save(tmp_path / "labels" / "unused.nii.gz", labels(), mask=True)
    for name in ("copy_t2", "x_t1"):
        save(tmp_path / f"{name}.nii.gz", image(ord("x")))
    save(tmp_path / "truth" / "copy_t2.nii.gz", labels(), mask=True)
    result = check(tmp_path)
    told = "\n".join(result.every_problem)
    assert "x_t1.nii.gz: there are no labels for this image" in told
    assert "copy_t2.nii.gz (copy): is the same image as" in told
    assert len(result.problems) == 1
    assert len(result.usable) == 3


def test_a_patient_in_two_parts(tmp_path: Path) -> None:
    labelled_folders.nnunet(tmp_path)
    (tmp_path / "patients.csv").write_text("case,patient\na_t2,Ada\nc_t2,Ada\n")
    assert check(tmp_path).problems == (
        "patient Ada: is in test and train; all images of a patient belong into one part",
    )


def test_turned_storage_is_no_problem(tmp_path: Path) -> None:
    """ITK-SNAP and others may store a label map along other axes: what counts is where its voxels lie."""
    turned = AFFINE.copy()
    turned[:3, :3] *= -1
    turned[:3, 3] = AFFINE[:3, :3] @ (np.array(labels().shape) - 1)
    one_case(tmp_path, labels()[::-1, ::-1, ::-1], turned)
    assert check(tmp_path).every_problem == ()
    found = find_cases(tmp_path)
    np.testing.assert_array_equal(Reader.of(found).read(found.cases[0]).labels, labels())


def test_a_part_of_the_grid_is_for_slicer_alone(tmp_path: Path) -> None:
    """Others save whole grids: a cropped one is a mistake, and its place in doubt."""
    one_case(tmp_path, labels()[:, 4:54, 6:36], moved(0, 4, 6))
    assert "has 4 x 50 x 30 voxels, its image a.nii.gz 4 x 60 x 40" in check(tmp_path).every_problem[0]


def test_boxes(tmp_path: Path) -> None:
    pytest.importorskip("defusedxml")
    from PIL import Image

    Image.fromarray(image()[1]).save(tmp_path / "a.png")
    Image.fromarray(image(1)[1]).save(tmp_path / "b.png")
    (tmp_path / "classes.txt").write_text("L5/S1\nL4/L5\n")
    (tmp_path / "a.txt").write_text("0 0.4 0.5 0.4 0.1\n1 0.4 0.2 0.4 0.1\n")
    (tmp_path / "b.txt").write_text("0 0.4 0.5 0.4\n")
    result = check(tmp_path)
    assert result.found.layout == "boxes"
    assert [row.structures for row in result.rows] == [(1, 2), ()]
    (problem,) = result.every_problem
    assert "b.txt: line 1: has 4 numbers" in problem
