"""Every layout that people keep images and labels in is found and read into the same numbers."""

from __future__ import annotations

from pathlib import Path

import labelled_folders
import numpy as np
import pytest
from labelled_folders import image, labels, save

from lumbardisc.errors import InputError, UsageError
from lumbardisc.training.labelled import Reader, find_cases


@pytest.mark.parametrize("kind", labelled_folders.LAYOUTS)
def test_layout(tmp_path: Path, kind: str) -> None:
    if kind == "spider":
        pytest.importorskip("SimpleITK")
    layout, make = labelled_folders.LAYOUTS[kind]
    make(tmp_path)
    found = find_cases(tmp_path)
    assert found.layout == layout
    cases = [case for case in found.cases if case.labels]
    assert len({case.patient for case in cases}) == len(cases) == (3 if kind == "nnunet" else 2)
    reader = Reader.of(found)
    expected = labels()
    if kind == "spider":
        expected[expected == 100] = 0  # SPIDER has no sacrum
    for case in cases:
        one = reader.read(case)
        np.testing.assert_array_equal(one.labels, expected)
        assert one.volume.spacing == pytest.approx((4.0, 1.0, 1.0))
        assert one.warnings == ()
        assert one.whole == (kind == "spider")


def test_names_tell_patients(tmp_path: Path) -> None:
    for name in ("007_t1", "007_t2_SPACE", "case-12", "seed-0003_stir"):
        save(tmp_path / f"{name}.nii.gz", image())
        save(tmp_path / "labels" / f"{name}.nii.gz", labels(), mask=True)
    owners = {case.name: case.patient for case in find_cases(tmp_path).cases}
    assert owners == {"007_t1": "007", "007_t2_SPACE": "007", "case-12": "case-12", "seed-0003_stir": "seed-0003"}


def test_a_table_of_patients(tmp_path: Path) -> None:
    labelled_folders.phantoms(tmp_path)
    table = tmp_path / "patients.csv"
    table.write_text("case,patient,part\nx_t2,Ada,test\n")
    ada, other = find_cases(tmp_path).cases
    assert (ada.patient, ada.part, other.patient, other.part) == ("Ada", "test", "y", None)
    for text, words in (
        ("case,patient,part\nx_t2,Ada,exam\n", "part 'exam'"),
        ("case,patient\nz,Ada\n", "names 'z'"),
        ("name,owner\nx,y\n", "needs the columns case and patient"),
        ("", "needs the columns case and patient"),
        ("case,patient\nx_t2\n", "does not tell the patient of 'x_t2'"),
        ("case,patient\nx_t2,Ada\nx_t2,Eve\n", "names 'x_t2' twice"),
    ):
        table.write_text(text)
        with pytest.raises(InputError, match=words):
            find_cases(tmp_path)


def test_old_nnunet_datasets_name_labels_the_other_way_round(tmp_path: Path) -> None:
    labelled_folders.nnunet(tmp_path)
    (tmp_path / "dataset.json").write_text('{"labels": {"0": "background", "1": "L4/L5", "2": "L3/L4"}}')
    found = find_cases(tmp_path)
    one = Reader.of(found).read(found.cases[0])
    assert set(np.unique(one.labels)) == {0, 2, 3}
    assert one.warnings == ("unknown labels, left out: 3, 4 and 5",)


def test_numbers_without_names_are_told_by_a_convention(tmp_path: Path) -> None:
    theirs = labelled_folders.renumbered({1: 1, 2: 1})
    save(tmp_path / "a.nii.gz", image())
    save(tmp_path / "a_seg.nii.gz", theirs, mask=True)
    found = find_cases(tmp_path)
    with pytest.raises(InputError, match=r"in doubt.*--labels"):
        Reader.of(found)
    merged = Reader.of(found, "merged:1").read(found.cases[0])
    np.testing.assert_array_equal(merged.labels, np.where(labels() < 3, labels(), 0))
    ours = Reader.of(found, "lumbardisc").read(found.cases[0])
    assert any("lies in 2 places" in warning for warning in ours.warnings), "all discs under the number of L5/S1"
    with pytest.raises(UsageError, match="no convention"):
        Reader.of(found, "martian").read(found.cases[0])


def test_files_of_one_name_are_not_chosen_between(tmp_path: Path) -> None:
    for folder in ("pairs", "images", "nnunet", "bids", "analyzed"):
        labelled_folders.LAYOUTS[{"pairs": "itk_snap", "images": "itk_snap"}.get(folder, folder)][1](tmp_path / folder)
    more = {
        "pairs": ("labels/x_t2.nii.gz", "has the same name as .*x_t2_seg.nii.gz"),
        "images": ("x_t2.nii", "has the same name as .*x_t2.nii"),
        "nnunet": ("labelsTr/a_t2.nii", "has the same name as"),
        "bids": ("derivatives/b/sub-01/anat/sub-01_T2w_desc-b_dseg.nii.gz", "is of the same image as"),
        "analyzed": ("again/segmentation.nii.gz", "is called 'x_t2' as"),
    }
    labelled_folders.analyzed(tmp_path / "copies")
    save(tmp_path / "copies" / "backup" / "x_t2.nii.gz", image())
    save(tmp_path / "copies" / "backup" / "other.nii.gz", image())
    save(tmp_path / "copies" / "other.nii.gz", image())
    with pytest.raises(InputError, match=r"x_t2\.nii\.gz: has the same name as"):
        find_cases(tmp_path / "copies")
    (tmp_path / "copies" / "backup" / "x_t2.nii.gz").unlink()
    assert len(find_cases(tmp_path / "copies").cases) == 2, "other images do not matter"
    (tmp_path / "analyzed" / "again").mkdir()
    (tmp_path / "analyzed" / "again" / "result.json").write_text('{"name": "x_t2"}')
    for folder, (name, words) in more.items():
        save(tmp_path / folder / name, labels(), mask=True)
        with pytest.raises(InputError, match=words):
            find_cases(tmp_path / folder)


def test_a_bids_label_map_of_another_space(tmp_path: Path) -> None:
    labelled_folders.bids(tmp_path)
    anat = tmp_path / "derivatives" / "manual" / "sub-01" / "anat"
    (anat / "sub-01_T2w_desc-manual_dseg.nii.gz").rename(anat / "sub-01_space-T1w_desc-manual_dseg.nii.gz")
    taken = {case.labels.name: case.image.name for case in find_cases(tmp_path).cases if case.labels and case.image}
    assert taken["sub-01_space-T1w_desc-manual_dseg.nii.gz"] == "sub-01_T1w.nii.gz"


def test_folders_called_as_spiders_are_not_taken_for_it(tmp_path: Path) -> None:
    """SPIDER's numbers and its fixed split are for its own files."""
    pytest.importorskip("SimpleITK")
    for case in ("p1", "p2"):
        labelled_folders.save_mha(tmp_path / "images" / f"{case}.mha", image(int(case[1])))
        labelled_folders.save_mha(tmp_path / "masks" / f"{case}.mha", labels())
    found = find_cases(tmp_path)
    assert found.layout == "pairs"
    np.testing.assert_array_equal(Reader.of(found).read(found.cases[0]).labels, labels())


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        find_cases(tmp_path / "no")
    with pytest.raises(InputError, match="holds no image with labels"):
        find_cases(tmp_path)
    save(tmp_path / "a.nii.gz", image())
    with pytest.raises(InputError, match="holds no image with labels"):
        find_cases(tmp_path)
    with pytest.raises(InputError, match="is a file"):
        find_cases(tmp_path / "a.nii.gz")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("dseg.tsv", "number\tword\n1\tL5\n", "needs the columns index"),
        ("dseg.tsv", "index\tname\n1\tL5/S1\n1\tL4/L5\n", "gives 1 two names"),
        ("labels.txt", "hello\n", "holds no label description"),
        ("a.json", '{"spacing_mm": [1, 2]}', "three sizes in mm"),
        ("a.json", '{"spacing_mm": [4, NaN, 1]}', "three sizes in mm"),
        ("a.json", "[", "is not JSON"),
    ],
)
def test_bad_tables(tmp_path: Path, name: str, text: str, words: str) -> None:
    save(tmp_path / "a.nii.gz", image())
    save(tmp_path / "a_seg.nii.gz", labels(), mask=True)
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=words):
        Reader.of(found := find_cases(tmp_path)).read(found.cases[0])
