"""Whether a volume knows the DICOM images that it was read from."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pydicom
import pytest

from lumbardisc import io
from lumbardisc.errors import UnreadableError
from lumbardisc.io.dicom_write import Acquisition, Subject, save_dicom
from lumbardisc.volume import Volume

ACQUISITION = Acquisition(3, "t2 tse sag", "t2", "SE", 3000, 100, 90, 1.5, 4.0)


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """Four slices that run to the patient's left, so that they are read in the opposite order; each of its own grey."""
    array = np.arange(4, dtype=np.uint16)[:, None, None] * 100 + np.arange(200, dtype=np.uint16)[None, :, None]
    affine = np.array([[-4.0, 0, 0, 8], [0, 0, -1, 90], [0, -1, 0, 100], [0, 0, 0, 1]])
    volume = Volume(np.repeat(array, 180, axis=2), affine)
    save_dicom(volume, tmp_path / "series", Subject("Doe^Jane", "42", "key"), ACQUISITION)
    return tmp_path / "series"


def test_one_frame_for_each_slice_in_the_volume_s_own_order(series):
    (source,) = io.find([series])
    scan = source.load()
    assert scan.origin is not None
    assert [blob.name for blob in scan.origin.blobs] == ["0004.dcm", "0003.dcm", "0002.dcm", "0001.dcm"]
    for frame, plane in zip(scan.origin.frames, scan.volume.array, strict=True):
        np.testing.assert_array_equal(pydicom.dcmread(frame.blob.path).pixel_array, plane)


def test_headers_come_without_pixels_from_a_zip_too(series, tmp_path):
    with ZipFile(tmp_path / "series.zip", "w") as archive:
        for file in series.iterdir():
            archive.write(file, file.name)
    (source,) = io.find([tmp_path / "series.zip"])
    headers = source.load().origin.headers()
    assert [header.InstanceNumber for header in headers.values()] == [4, 3, 2, 1]
    assert {str(header.PatientName) for header in headers.values()} == {"Doe^Jane"}
    assert not any("PixelData" in header for header in headers.values())


def test_images_that_have_gone_are_told(series):
    (source,) = io.find([series])
    origin = source.load().origin
    (series / "0002.dcm").unlink()
    with pytest.raises(UnreadableError, match=r"0002\.dcm"):
        origin.headers()


def test_other_formats_have_no_origin(spine_file):
    (source,) = io.find([spine_file])
    assert source.load().origin is None
