"""Studies on disk, read back with pydicom and nibabel."""

from __future__ import annotations

import csv
from pathlib import Path

import nibabel
import numpy as np
import pydicom
import pytest

from lumbardisc.errors import OutputError, UsageError
from lumbardisc.phantom import write_phantom
from lumbardisc.phantom.write import stored, white_of


def test_nifti_studies_with_masks_and_truth(tmp_path: Path) -> None:
    paths = write_phantom(tmp_path / "out", seed=3, count=2, sequence="t1", format="nifti", matrix=48, slices=2)
    assert [path.name for path in paths] == ["seed-0003_t1.nii.gz", "seed-0004_t1.nii.gz"]
    image, mask = (nibabel.load(path) for path in (paths[0], tmp_path / "out" / "truth" / paths[0].name))
    assert image.shape == mask.shape == (2, 48, 48)
    assert np.allclose(image.affine, mask.affine)
    with (tmp_path / "out" / "truth" / "truth.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["study"] for row in rows} == {"seed-0003", "seed-0004"}
    shown = {int(row["label"]) for row in rows if row["seed"] == "3"}
    assert shown == {int(label) for label in np.unique(mask.dataobj) if 0 < label < 100}
    assert all(float(row["volume_mm3"]) > 0 for row in rows)
    assert [path.name for path in (tmp_path / "out").iterdir() if path.name.startswith(".")] == []


def test_a_dicom_study_of_all_sequences(tmp_path: Path) -> None:
    (study,) = write_phantom(tmp_path, seed=1, sequence="all", matrix=32, slices=2)
    series = {folder.name: [pydicom.dcmread(path) for path in sorted(folder.iterdir())] for folder in study.iterdir()}
    names = ["01-t1", "02-t2", "03-stir", "04-localizer", "05-localizer", "06-localizer", "07-t2_axial"]
    assert sorted(series) == names
    assert [len(series[name]) for name in names] == [2, 2, 2, 1, 1, 1, 13]
    every = [dataset for datasets in series.values() for dataset in datasets]
    assert len({dataset.SOPInstanceUID for dataset in every}) == len(every)
    assert len({dataset.SeriesInstanceUID for dataset in every}) == 7
    assert len({dataset.StudyInstanceUID for dataset in every}) == 1
    assert str(every[0].PatientName) == "Phantom^Seed1"
    assert series["03-stir"][0].InversionTime == 220
    assert "LOCALIZER" in series["04-localizer"][0].ImageType
    masks = sorted(path.name for path in (tmp_path / "truth").iterdir())
    assert masks == ["seed-0001_stir.nii.gz", "seed-0001_t1.nii.gz", "seed-0001_t2.nii.gz", "truth.csv"]


def test_spin_lock_times_are_in_private_block_and_description(tmp_path: Path) -> None:
    (study,) = write_phantom(tmp_path, sequence="spin-lock", matrix=24, slices=2)
    found = []
    for folder in sorted(study.iterdir()):
        dataset = pydicom.dcmread(folder / "0001.dcm")
        time = dataset.private_block(0x0019, "LUMBARDISC PHANTOM")[0x01].value
        assert f"TSL {time:g} ms" in dataset.SeriesDescription
        found.append(time)
    assert found == [2, 15, 30, 45]


def test_files_of_a_matched_exam_decay_with_t1rho(tmp_path: Path) -> None:
    paths = write_phantom(tmp_path, seed=5, sequence="t1rho", format="nifti", matrix=96, slices=1)
    names = ["t1", "t2", "spin-lock-2", "spin-lock-15", "spin-lock-30", "spin-lock-45"]
    assert [path.name for path in paths] == [f"seed-0005_{name}.nii.gz" for name in names]
    with (tmp_path / "truth" / "truth.csv").open() as file:
        truth = {int(row["label"]): row for row in csv.DictReader(file)}
    assert len({row["age_years"] for row in truth.values()}) == 1
    labels = np.asarray(nibabel.load(tmp_path / "truth" / paths[2].name).dataobj)
    images = np.stack([np.asarray(nibabel.load(path).dataobj, dtype=float) for path in paths[2:]])
    for label in (2, 3, 4):
        signals = images[:, labels == label].mean(axis=1)
        decay = -1 / np.polyfit((2, 15, 30, 45), np.log(signals), 1)[0]
        assert 0.5 < decay / float(truth[label]["t1rho_mean_ms"]) < 1.05  # with the annulus, which decays faster


def test_writing_again_gives_the_same_bytes(tmp_path: Path) -> None:
    for _ in range(2):
        write_phantom(tmp_path / "same", seed=2, matrix=24, slices=2)
    write_phantom(tmp_path / "other", seed=2, matrix=24, slices=2)
    files = sorted(path.relative_to(tmp_path / "same") for path in (tmp_path / "same").rglob("*.*"))
    assert len(files) >= 4
    for file in files:
        if (tmp_path / "same" / file).is_file():
            assert (tmp_path / "same" / file).read_bytes() == (tmp_path / "other" / file).read_bytes()


def test_stored_values_are_twelve_bits() -> None:
    image = np.linspace(0, 1, 1001).reshape(7, 11, 13)
    values = stored(image, white_of(image))
    assert values.dtype == np.uint16
    assert values.max() < 4096
    assert np.percentile(values, 99.5) == pytest.approx(1600, abs=1)


@pytest.mark.parametrize("wrong", [{"format": "png"}, {"count": 0}, {"sequence": "dwi"}, {"matrix": 2}])
def test_wrong_arguments_write_nothing(tmp_path: Path, wrong) -> None:
    with pytest.raises(UsageError):
        write_phantom(tmp_path / "out", **wrong)
    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be written"):
        write_phantom(tmp_path / "file", matrix=24, slices=2)
