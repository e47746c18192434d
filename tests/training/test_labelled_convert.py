"""Written in another layout, images and labels come back the same."""

from __future__ import annotations

import json
from pathlib import Path

import labelled_folders
import nibabel
import numpy as np
import pytest
from labelled_folders import image, labels, save

from lumbardisc.errors import InputError, OutputError
from lumbardisc.training.labelled import Reader, find_cases
from lumbardisc.training.labelled.convert import TARGETS, convert


def silent(_text: str, _share: float) -> None:
    """Where progress goes."""


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("kind", ["phantoms", "itk_snap", "nnunet"])
def test_there_and_back(tmp_path: Path, kind: str, target: str) -> None:
    labelled_folders.LAYOUTS[kind][1](tmp_path / "in")
    found = find_cases(tmp_path / "in")
    assert convert(found, Reader.of(found), tmp_path / "out", target, silent) == []
    again = find_cases(tmp_path / "out")
    assert again.layout == {"lumbardisc": "phantoms"}.get(target, target)
    assert len(again.cases) == len(found.cases)
    for one, other in zip(found.cases, again.cases, strict=True):
        before, after = Reader.of(found).read(one), Reader.of(again).read(other)
        np.testing.assert_array_equal(after.labels, before.labels)
        np.testing.assert_array_equal(after.volume.array, before.volume.array)
        np.testing.assert_allclose(after.volume.affine, before.volume.affine)
        assert after.warnings == ()
        if target != "bids":
            assert other.name == one.name
    with pytest.raises(OutputError, match="is there already"):
        convert(found, Reader.of(found), tmp_path / "out", target, silent)


def test_nnunet_gets_numbers_without_gaps(tmp_path: Path) -> None:
    labelled_folders.phantoms(tmp_path / "in")
    found = find_cases(tmp_path / "in")
    convert(found, Reader.of(found), tmp_path / "out", "nnunet", silent)
    dataset = json.loads((tmp_path / "out" / "dataset.json").read_text())
    assert sorted(dataset["labels"].values()) == [0, 1, 2, 3, 4, 5]
    assert dataset["labels"]["L5/S1"] == 1
    assert dataset["numTraining"] == 2
    labelled_folders.nnunet(tmp_path / "parts")
    found = find_cases(tmp_path / "parts")
    convert(found, Reader.of(found), tmp_path / "again", "nnunet", silent)
    assert json.loads((tmp_path / "again" / "dataset.json").read_text())["numTraining"] == 2, "the third is for testing"
    voxels = np.asarray(nibabel.load(tmp_path / "out" / "labelsTr" / "x_t2.nii.gz").dataobj)
    assert np.unique(voxels).tolist() == [0, 1, 2, 3, 4, 5]


def test_names_that_become_one_are_refused(tmp_path: Path) -> None:
    """BIDS leaves out what is no letter or digit."""
    for name in ("a_1_t2", "a1_t2"):
        save(tmp_path / "in" / f"{name}.nii.gz", image())
        save(tmp_path / "in" / "truth" / f"{name}.nii.gz", labels(), mask=True)
    found = find_cases(tmp_path / "in")
    with pytest.raises(InputError, match=r"two cases would be written as sub-a1_acq-t2_T2w\.nii\.gz"):
        convert(found, Reader.of(found), tmp_path / "out", "bids", silent)
    assert not (tmp_path / "out").exists()


def test_a_case_that_cannot_be_read_stops_no_other(tmp_path: Path) -> None:
    labelled_folders.phantoms(tmp_path / "in")
    (tmp_path / "in" / "truth" / "x_t2.nii.gz").write_bytes(b"")
    found = find_cases(tmp_path / "in")
    (problem,) = convert(found, Reader.of(found), tmp_path / "out", "lumbardisc", silent)
    assert "x_t2.nii.gz: is empty" in problem
    assert (tmp_path / "out" / "y_t2.nii.gz").exists()
    assert not (tmp_path / "out" / "x_t2.nii.gz").exists()
