"""A user's own folder: images of real formats and a CSV of grades, as it should be and as it should not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import metaimageio
import numpy as np
import pytest
from PIL import Image

from lumbardisc.errors import InputError
from lumbardisc.io import save_nifti
from lumbardisc.io.dicom_write import Acquisition, Subject, save_dicom
from lumbardisc.training.grades import GRADES, DiscGrade, GradedData, load
from lumbardisc.volume import LabelMap, Volume

AFFINE = np.array([[4.0, 0, 0, -8.0], [0, 0, -1.0, 40.0], [0, -1.0, 0, 30.0], [0, 0, 0, 1.0]])
GREY = np.random.default_rng(0).integers(0, 900, (3, 40, 36)).astype(np.uint16)
T2 = Acquisition(1, "T2 TSE", "t2", "SE", 4000.0, 96.0, 90.0, 3.0, thickness_mm=4.0)
T1 = Acquisition(2, "T1 TSE", "t1", "SE", 550.0, 10.0, 90.0, 3.0, thickness_mm=4.0)
GRADES_CSV = "patient,disc,pfirrmann\n1,L5/S1,3\n1,L4/L5,II\n2,1,5\n"


def image(path: Path, affine: np.ndarray = AFFINE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_nifti(Volume(GREY, affine), path)
    return path


def mask(path: Path, affine: np.ndarray = AFFINE, label: int = 1, shape: tuple[int, ...] = GREY.shape) -> Path:
    labels = np.zeros(shape, dtype=np.int16)
    labels[1, 20:30, 10:20] = label
    save_nifti(LabelMap(labels, affine), path)
    return path


def dicom(folder: Path, acquisition: Acquisition = T2) -> Path:
    save_dicom(Volume(GREY, AFFINE @ np.diag([1, 6, 6, 1])), folder, Subject("A^B", "1", folder.name), acquisition)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two patients with a NIfTI image each."""
    (tmp_path / "grades.csv").write_text(GRADES_CSV)
    image(tmp_path / "1_t2.nii.gz")
    image(tmp_path / "2.nii.gz")
    return tmp_path


def read(folder: Path) -> GradedData:
    return GRADES["table"](folder)


def whose(data: GradedData) -> dict[str, tuple[str, str | None]]:
    return {one.path.name: (one.patient, one.contrast) for one in data.images}


def line(folder: Path) -> str:
    """The one line that a folder is refused with."""
    with pytest.raises(InputError) as told:
        read(folder)
    text = str(told.value)
    assert "\n" not in text
    assert str(folder) in text
    return text


def test_the_tables_of_the_docs_are_read(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "train-grading.md"
    blocks = [block.partition("```")[0] for block in page.read_text(encoding="utf-8").split("```text\n")[1:]]
    (tmp_path / "grades.csv").write_text(next(block for block in blocks if block.startswith("patient,disc")))
    (tmp_path / "images.csv").write_text(next(block for block in blocks if block.startswith("patient,image")))
    for name in ("a.nii.gz", "study14/t2.nii.gz"):
        image(tmp_path / "scans" / name)
    (tmp_path / "outlines").mkdir()
    mask(tmp_path / "outlines" / "a.nii.gz")
    Image.fromarray(GREY[0]).save(tmp_path / "scans" / "b.png")
    data = read(tmp_path)
    assert data.grades["12"] == {
        1: DiscGrade(4, {"herniation": 1}), 2: DiscGrade(3, {"herniation": 0}), 3: DiscGrade(2, {}),
    }  # fmt: skip
    assert data.grades["13"] == {1: DiscGrade(5, {"herniation": 0})}
    assert data.notes == (
        "1 patient with images and no grade, left out: 14",
        "1 patient without a T2 image, graded on their other images alone: 13",
    )


class TestGrades:
    def test_as_it_should_be(self, folder: Path) -> None:
        data = read(folder)
        assert data.source == "table"
        assert data.grades == {"1": {1: DiscGrade(3, {}), 2: DiscGrade(2, {})}, "2": {1: DiscGrade(5, {})}}
        assert whose(data) == {"1_t2.nii.gz": ("1", "t2"), "2.nii.gz": ("2", None)}
        assert [one.case for one in data.images] == ["1_t2", "2"]
        assert data.notes == ()

    def test_findings_that_are_known(self, folder: Path) -> None:
        text = "patient;level;Pfirrmann grade;Modic;Disc herniation;narrowing\n1;l5s1;3,0;2;0;\n1;L4-5;1;0;1,0;NA\n"
        (folder / "grades.csv").write_text(text)
        first, second = read(folder).grades["1"].values()
        assert first == DiscGrade(3, {"modic": 1, "herniation": 0})
        assert second == DiscGrade(1, {"modic": 0, "herniation": 1})

    def test_rows_without_a_grade_are_told(self, folder: Path) -> None:
        (folder / "grades.csv").write_text(GRADES_CSV + "2,L4/L5,\n2,L3/L4,NA\n")
        data = read(folder)
        assert set(data.grades["2"]) == {1}
        assert data.notes == ("grades.csv: left out, as they have no grade: rows 5 and 6",)

    def test_columns_that_are_not_read_are_told(self, folder: Path) -> None:
        (folder / "grades.csv").write_text("patient,disc,pfirrmann,hernation\n1,1,3,1\n2,1,3,0\n")
        assert read(folder).notes == ("grades.csv: columns that are not used: hernation",)

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            ("2,L4/L5,0", ("row 5", "'0' is no Pfirrmann grade", "1 to 5")),
            ("2,L4/L5,6", ("row 5", "'6' is no Pfirrmann grade")),
            ("2,L4/L5,-1", ("row 5", "'-1'")),
            ("2,L4/L5,2.5", ("row 5", "'2.5'")),
            ("2,L4/L5,bad", ("row 5", "'bad'")),
            ("2,L4/L5,VI", ("row 5", "'VI'")),
            ("2,L5/L6,3", ("row 5", "'L5/L6' is no disc", "from the bottom")),
            ("2,0,3", ("row 5", "'0' is no disc")),
            ("2,,3", ("row 5", "'' is no disc")),
            (",L4/L5,3", ("row 5", "names no patient")),
            ("1,l4-l5,2", ("row 5", "disc l4-l5 of patient 1", "row 3 already", "II, 2", "one row per disc")),
            ("1,2,4", ("row 5", "row 3 already", "(grades II, 4)")),
            ("001,L5/S1,3", ("row 5", "row 2 already", "(grades 3)")),
            ("\n\n2,L4/L5,7", ("row 7", "'7'")),
        ],
    )
    def test_a_bad_row(self, folder: Path, row: str, words: tuple[str, ...]) -> None:
        (folder / "grades.csv").write_text(GRADES_CSV + row + "\n")
        told = line(folder)
        assert all(word in told for word in words), told

    @pytest.mark.parametrize(
        ("name", "cell", "allowed"),
        [
            ("herniation", "2", "0 or 1"),
            ("bulging", "yes", "0 or 1"),
            ("narrowing", "0.5", "0 or 1"),
            ("upper_endplate", "-1", "0 or 1"),
            ("modic", "4", "type 1 to 3"),
        ],
    )
    def test_a_bad_finding(self, folder: Path, name: str, cell: str, allowed: str) -> None:
        (folder / "grades.csv").write_text(f"patient,disc,pfirrmann,{name}\n1,1,3,0\n2,1,4,{cell}\n")
        told = line(folder)
        assert f"row 3: {name} is '{cell}'; give " in told
        assert allowed in told

    def test_no_grade_at_all(self, folder: Path) -> None:
        (folder / "grades.csv").write_text("patient,disc,pfirrmann\n1,L5/S1,\n")
        assert "holds no grade of any disc" in line(folder)

    def test_missing_columns_are_named(self, folder: Path) -> None:
        (folder / "grades.csv").write_text("patient,L5/S1,L4/L5\n1,3,2\n")
        assert "has no columns disc, pfirrmann (found: patient, L5/S1, L4/L5)" in line(folder)

    def test_no_table(self, tmp_path: Path) -> None:
        assert "grades.csv: there is no such file" in line(tmp_path)


class TestSides:
    def test_patients_of_one_side_only_are_told(self, folder: Path) -> None:
        (folder / "grades.csv").write_text(GRADES_CSV + "3,L5/S1,4\n10,L5/S1,4\n")
        image(folder / "9_t2.nii.gz")
        data = read(folder)
        assert set(data.grades) == {one.patient for one in data.images} == {"1", "2"}
        assert data.notes == (
            "2 patients with grades and no image, left out: 3 and 10",
            "1 patient with images and no grade, left out: 9_t2",
        )

    def test_nobody_has_both(self, folder: Path) -> None:
        (folder / "grades.csv").write_text("patient,disc,pfirrmann\n77,L5/S1,3\n")
        told = line(folder)
        assert "no patient has both" in told
        assert "graded: 77;" in told
        assert "images: 2 and 1_t2" in told

    def test_no_image_at_all(self, tmp_path: Path) -> None:
        (tmp_path / "grades.csv").write_text(GRADES_CSV)
        assert "holds no image of any patient (graded: 1 and 2); name images by their patients" in line(tmp_path)

    def test_patients_without_t2_are_told(self, folder: Path) -> None:
        (folder / "2.nii.gz").rename(folder / "2_t1.nii.gz")
        data = read(folder)
        assert set(data.grades) == {"1", "2"}
        assert data.notes == ("1 patient without a T2 image, graded on their other images alone: 2",)


class TestNames:
    def test_every_format_under_every_name(self, folder: Path) -> None:
        for path in folder.glob("*.nii.gz"):
            path.unlink()
        (folder / "grades.csv").write_text("patient,disc,pfirrmann\n007,1,3\nA_1,1,4\nA,1,2\n9,1,1\n10,1,5\n11,1,2\n")
        metaimageio.write(str(folder / "7-T2w.mha"), GREY)
        image(folder / "A_1_t1.nii")
        image(folder / "A t2_SPACE.nii")
        image(folder / "9" / "stir.nii")
        image(folder / "series" / "9_t2.nii")
        dicom(folder / "10")
        dicom(folder / "11_t1" / "deep", T2)
        (folder / "report.pdf").write_text("no image")
        (folder / ".hidden.nii").write_text("no image")
        data = read(folder)
        assert whose(data) == {
            "10": ("10", "t2"),
            "11_t1": ("11", "t1"),
            "7-T2w.mha": ("7", "t2"),
            "stir.nii": ("9", "stir"),
            "A t2_SPACE.nii": ("A", "t2_space"),
            "A_1_t1.nii": ("A_1", "t1"),
            "9_t2.nii": ("9", "t2"),
        }
        assert data.notes == ("2 patients without a T2 image, graded on their other images alone: 11 and A_1",)
        assert {one.case for one in data.images} == {
            *("10", "11_t1", "7-T2w", "9_stir", "A_t2_SPACE", "A_1_t1", "series_9_t2"),
        }

    def test_a_name_that_only_begins_like_a_patient_is_nobodys(self, folder: Path) -> None:
        image(folder / "12_t2.nii")
        image(folder / "1_2.nii")
        image(folder / "2_left_t2.nii")
        data = read(folder)
        assert {one.path.name for one in data.images} == {"1_t2.nii.gz", "2.nii.gz"}
        assert data.notes == ("3 patients with images and no grade, left out: 12_t2, 1_2 and 2_left_t2",)

    def test_images_of_one_name_get_cases_of_their_own(self, folder: Path) -> None:
        image(folder / "2.nii")
        cases = [one.case for one in read(folder).images]
        assert len(set(cases)) == len(cases) == 3

    def test_masks_beside_their_images(self, folder: Path) -> None:
        mask(folder / "1_t2_mask.nii.gz")
        mask(folder / "lost_mask.nii.gz")
        data = read(folder)
        assert {one.case: one.mask for one in data.images} == {"1_t2": folder / "1_t2_mask.nii.gz", "2": None}
        assert data.notes == ("1 mask without an image of the same name: lost_mask.nii.gz",)

    def test_pictures_need_a_list(self, folder: Path) -> None:
        Image.fromarray(GREY[0]).save(folder / "2_t1.png")
        told = line(folder)
        assert "2_t1.png: a picture has no voxel size; give it in images.csv" in told

    def test_a_study_that_cannot_be_read(self, folder: Path) -> None:
        (folder / "2").mkdir()
        (folder / "2" / "0001.dcm").write_text("not DICOM")
        assert str(folder / "2") in line(folder)

    def test_two_studies_in_one_folder(self, folder: Path) -> None:
        dicom(folder / "2" / "january")
        dicom(folder / "2" / "june")
        assert "holds 2 studies" in line(folder)


class TestList:
    def test_as_it_should_be(self, folder: Path) -> None:
        Image.fromarray(GREY[0]).save(folder / "picture.png")
        dicom(folder / "scans" / "one", T1)
        mask(folder / "outline.nii.gz")
        text = (
            "patient;image;contrast;slice_mm;row_mm;column_mm;mask\n"
            "1.0;1_t2.nii.gz;T2W;;;;outline.nii.gz\n"
            "02;picture.png;;4,0;0,6;0,6;\n"
            "2;scans\\one;;;;;\n"
        )
        (folder / "images.csv").write_text(text)
        data = read(folder)
        assert whose(data) == {"1_t2.nii.gz": ("1", "t2"), "picture.png": ("2", None), "one": ("2", "t1")}
        first, picture, study = data.images
        assert picture.spacing == (4.0, 0.6, 0.6)
        assert load(picture).scan.volume.sagittal().spacing == pytest.approx((4.0, 0.6, 0.6))
        assert first.mask == folder / "outline.nii.gz"
        assert study.case == "scans_one"
        assert np.array_equal(load(study).scan.volume.sagittal().array, GREY)
        assert data.notes == ()

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            ({"image": "nowhere.nii"}, ("row 3: image nowhere.nii is not in",)),
            ({"image": "x" * 300}, ("row 3: image xxx", "is not in")),
            ({"image": "../other.nii"}, ("row 3: image ../other.nii lies outside",)),
            ({"image": "scans/../../other.nii"}, ("row 3", "lies outside")),
            ({"image": "/etc/hostname"}, ("row 3: image /etc/hostname lies outside",)),
            ({"image": "C:\\scans\\2.nii"}, ("row 3", "lies outside")),
            ({"image": ""}, ("row 3: names no image",)),
            ({"image": "1_t2.nii.gz"}, ("row 3: 1_t2.nii.gz stands in row 2 already",)),
            ({"image": "./1_t2.nii.gz"}, ("row 3", "stands in row 2 already")),
            ({"patient": ""}, ("row 3: names no patient",)),
            ({"contrast": "T3"}, ("row 3: contrast 'T3' is not one of t1, t2",)),
            ({"slice_mm": "4", "row_mm": "0.6"}, ("row 3", "column_mm ''", "all three")),
            ({"slice_mm": "4", "row_mm": "0.6", "column_mm": "wide"}, ("row 3", "column_mm 'wide'")),
            ({"slice_mm": "4", "row_mm": "0", "column_mm": "0.6"}, ("row 3", "row_mm '0'", "0.05 to 20")),
            ({"image": "picture.png"}, ("row 3: picture.png: a picture has no voxel size",)),
            ({"mask": "nowhere.nii"}, ("row 3: mask nowhere.nii is not in",)),
            ({"mask": "../other.nii"}, ("row 3: mask ../other.nii lies outside",)),
        ],
    )
    def test_a_bad_row(self, folder: Path, row: Mapping[str, str], words: tuple[str, ...]) -> None:
        Image.fromarray(GREY[0]).save(folder / "picture.png")
        image(folder.parent / "other.nii")
        columns = ("patient", "image", "contrast", "slice_mm", "row_mm", "column_mm", "mask")
        rows = ({"patient": "1", "image": "1_t2.nii.gz"}, {"patient": "2", "image": "2.nii.gz", **row})
        lines = [",".join(columns), *(",".join(one.get(name, "") for name in columns) for one in rows)]
        (folder / "images.csv").write_text("\n".join(lines))
        told = line(folder)
        assert all(word in told for word in words), told

    def test_missing_columns_are_named(self, folder: Path) -> None:
        (folder / "images.csv").write_text("patient,scan\n1,1_t2.nii.gz\n")
        assert "images.csv: has no column image (found: patient, scan)" in line(folder)

    def test_columns_that_are_not_read_are_told(self, folder: Path) -> None:
        (folder / "images.csv").write_text("patient,image,scanner\n1,1_t2.nii.gz,A\n2,2.nii.gz,B\n")
        assert read(folder).notes == ("images.csv: columns that are not used: scanner",)


class TestMask:
    def test_is_read_in_the_working_order(self, folder: Path) -> None:
        """Stored with its axes the other way round, which its affine says."""
        turned = AFFINE @ np.array([[0, 0, 1, 0], [0, -1, 0, 39], [1, 0, 0, 0], [0, 0, 0, 1.0]])
        labels = np.zeros((36, 40, 3), dtype=np.int16)
        labels[10:20, 9:20, 1] = 2
        labels[10:20, 30:35, 1] = 101
        save_nifti(LabelMap(labels, turned), folder / "1_t2_mask.nii.gz")
        first, second = (load(one) for one in read(folder).images)
        assert second.discs is None
        expected = np.zeros(GREY.shape)
        expected[1, 20:31, 10:20] = 2
        assert first.discs is not None
        assert np.array_equal(first.discs, expected), "bodies are left out"

    def test_of_another_size(self, folder: Path) -> None:
        mask(folder / "1_t2_mask.nii.gz", shape=(3, 40, 40))
        assert "1_t2_mask.nii.gz: has 3 x 40 x 40 voxels, its image" in line(folder)

    def test_in_another_place(self, folder: Path) -> None:
        moved = AFFINE.copy()
        moved[2, 3] += 3.0
        mask(folder / "1_t2_mask.nii.gz", moved)
        assert "1_t2_mask.nii.gz: lies up to 3.0 mm away from its image" in line(folder)

    def test_off_by_a_rounding_is_fine(self, folder: Path) -> None:
        mask(folder / "1_t2_mask.nii.gz", AFFINE + 1e-4)
        assert read(folder).images[0].mask

    def test_without_a_disc(self, folder: Path) -> None:
        mask(folder / "1_t2_mask.nii.gz", label=101)
        assert "holds no disc; label them from the bottom, L5/S1 = 1" in line(folder)

    def test_that_is_an_image(self, folder: Path) -> None:
        save_nifti(Volume(np.linspace(0, 1, GREY.size, dtype=np.float32).reshape(GREY.shape), AFFINE), folder / "x.nii")
        (folder / "x.nii").rename(folder / "1_t2_mask.nii")
        assert "1_t2_mask.nii: holds values that are no whole numbers" in line(folder)
