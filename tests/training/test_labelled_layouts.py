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
        ("labels.txt", "hello\n", "holds no label description"),
        ("a.json", '{"spacing_mm": [1, 2]}', "three sizes in mm"),
        ("a.json", "[", "is not JSON"),
    ],
)
def test_bad_tables(tmp_path: Path, name: str, text: str, words: str) -> None:
    save(tmp_path / "a.nii.gz", image())
    save(tmp_path / "a_seg.nii.gz", labels(), mask=True)
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=words):
        Reader.of(found := find_cases(tmp_path)).read(found.cases[0])
