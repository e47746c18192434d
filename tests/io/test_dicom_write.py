"""The DICOM writer against the standard's own formula, pydicom, and this project's reader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage

from lumbardisc.errors import GeometryError, OutputError
from lumbardisc.io.dicom_write import Acquisition, Subject, save_dicom, uid_of
from lumbardisc.volume import Volume

SUBJECT = Subject("Phantom^Seed9", "PHANTOM-0009", "test 9")
T2 = Acquisition(2, "SAG T2 TSE", "t2", "SE", 4000.0, 96.0, 90.0, 3.0, thickness_mm=4.0, echo_train=17)
VALUES = np.arange(3 * 4 * 5, dtype=np.uint16).reshape(3, 4, 5) * 1000


def rotation(angles: tuple[float, float, float]) -> np.ndarray:
    """Rodrigues' formula about (1, 2, 3) and then each axis: written out apart from the code under test."""
    total = np.eye(3)
    for axis, angle in zip(np.eye(3), np.radians(angles), strict=True):
        cross = np.array(((0, -axis[2], axis[1]), (axis[2], 0, -axis[0]), (-axis[1], axis[0], 0)))
        total = (np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross) @ total
    return total


def volume(angles=(0.0, 0.0, 0.0), signs=(1, 1, 1), spacing=(4.4, 0.7, 0.5)) -> Volume:
    affine = np.eye(4)
    affine[:3, :3] = rotation(angles) @ np.diag(signs)[:, [0, 2, 1]] * spacing
    affine[:3, 3] = (-12.5, 33.25, 7.125)
    return Volume(VALUES, affine)


def standard_affine(datasets: list[pydicom.Dataset]) -> np.ndarray:
    """(slice, row, column) -> RAS by PS3.3 C.7.6.2.1.1, from the headers alone."""
    first, last = datasets[0], datasets[-1]
    row, column = np.split(np.array(first.ImageOrientationPatient, dtype=float), 2)
    positions = [np.array(each.ImagePositionPatient, dtype=float) for each in (first, last)]
    lps = np.eye(4)
    lps[:3, 0] = (positions[1] - positions[0]) / (len(datasets) - 1)
    lps[:3, 1] = column * float(first.PixelSpacing[0])
    lps[:3, 2] = row * float(first.PixelSpacing[1])
    lps[:3, 3] = positions[0]
    return np.diag((-1, -1, 1, 1)) @ lps


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(angles=st.tuples(*[st.floats(-70, 70)] * 3), signs=st.tuples(*[st.sampled_from((-1, 1))] * 3))
def test_geometry_and_values_come_back(tmp_path: Path, angles, signs) -> None:
    written = volume(angles, signs)
    datasets = [pydicom.dcmread(path) for path in save_dicom(written, tmp_path / "series", SUBJECT, T2)]
    assert standard_affine(datasets) == pytest.approx(written.affine, abs=1e-5)
    assert np.array_equal(np.stack([each.pixel_array for each in datasets]), VALUES)


def test_headers_say_what_was_done(tmp_path: Path) -> None:
    path = save_dicom(volume(), tmp_path / "series", SUBJECT, T2)[1]
    dataset = pydicom.dcmread(path)
    assert dataset.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert dataset.SOPClassUID == dataset.file_meta.MediaStorageSOPClassUID == MRImageStorage
    assert (dataset.RepetitionTime, dataset.EchoTime, dataset.FlipAngle) == (4000, 96, 90)
    assert (dataset.ScanningSequence, dataset.SequenceVariant, dataset.MRAcquisitionType) == ("SE", "SK", "2D")
    assert (dataset.SliceThickness, dataset.SpacingBetweenSlices) == (4, 4.4)
    assert list(dataset.PixelSpacing) == [0.7, 0.5]
    assert (dataset.BitsStored, dataset.PixelRepresentation, dataset.Rows, dataset.Columns) == (16, 0, 4, 5)
    assert str(dataset.PatientName) == "Phantom^Seed9"
    assert "InversionTime" not in dataset
    for uid in (
        dataset.SOPInstanceUID,
        dataset.SeriesInstanceUID,
        dataset.StudyInstanceUID,
        dataset.FrameOfReferenceUID,
    ):
        assert uid.is_valid
        assert uid.startswith("2.25.")


def test_uids_follow_from_the_key(tmp_path: Path) -> None:
    first, again, other = (
        pydicom.dcmread(save_dicom(volume(), tmp_path / name, Subject("A", "1", key), T2)[0])
        for name, key in (("a", "one"), ("b", "one"), ("c", "two"))
    )
    assert first.SOPInstanceUID == again.SOPInstanceUID
    assert first.StudyInstanceUID != other.StudyInstanceUID
    assert first.FrameOfReferenceUID != other.FrameOfReferenceUID
    assert len(uid_of("anything")) <= 64


def test_the_projects_own_reader_agrees(tmp_path: Path) -> None:
    from lumbardisc.io import find

    values = np.random.default_rng(0).integers(0, 900, (9, 64, 64)).astype(np.uint16)
    written = Volume(values, np.array(((4.4, 0, 0, -18), (0, 0, -3.5, 110), (0, -3.5, 0, 110), (0, 0, 0, 1.0))))
    save_dicom(written, tmp_path / "study" / "t2", SUBJECT, T2)
    (source,) = find([tmp_path / "study"])
    scan = source.load()
    assert scan.contrast == "t2"
    read = scan.volume.sagittal()
    assert np.array_equal(read.array, values)
    assert read.affine == pytest.approx(written.affine, abs=1e-6)


def test_what_classic_slices_cannot_hold(tmp_path: Path) -> None:
    with pytest.raises(GeometryError, match="16-bit unsigned"):
        save_dicom(Volume(VALUES.astype(float), np.eye(4)), tmp_path / "x", SUBJECT, T2)
    sheared = np.eye(4)
    sheared[0, 1] = 0.3
    with pytest.raises(GeometryError, match="sheared"):
        save_dicom(Volume(VALUES, sheared), tmp_path / "x", SUBJECT, T2)
    assert not (tmp_path / "x").exists()


def test_an_old_series_is_replaced_and_nothing_half_written(tmp_path: Path) -> None:
    save_dicom(volume(), tmp_path / "series", SUBJECT, T2)
    (tmp_path / "series" / "9999.dcm").write_bytes(b"old")
    save_dicom(volume(), tmp_path / "series", SUBJECT, T2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["series"]
    assert len(list((tmp_path / "series").iterdir())) == 3
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        save_dicom(volume(), tmp_path / "file" / "series", SUBJECT, T2)
