"""Small series as a scanner sends them, and how two files are told to be the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from orthanc_server import Orthanc
from pydicom import Dataset, dcmread

from lumbardisc.io.dicom_write import Acquisition, Subject, save_dicom, uid_of
from lumbardisc.io.grid import working_affine
from lumbardisc.volume import Volume

NAME = "Müller^Änne"


def make_series(
    folder: Path,
    key: str,
    *,
    number: int = 3,
    description: str = "t2 tse sag",
    slices: int = 3,
    pixel_mm: float = 4.0,
) -> Path:
    """A folder with a sagittal series of a patient whose identifier and study follow from ``key``; 48 x 40 pixels."""
    values = np.random.default_rng(number).integers(0, 900, (slices, 48, 40)).astype(np.uint16)
    acquisition = Acquisition(number, description, "lumbar", "SE", 3000, 100, 90, 1.5, 4.0)
    save_dicom(Volume(values, working_affine((4.0, pixel_mm, pixel_mm))), folder, Subject(NAME, key, key), acquisition)
    return folder


def study_of(key: str) -> str:
    """UID of the study of such a series."""
    return uid_of(f"{key} study")


def by_instance(folder: Path) -> dict[str, Dataset]:
    """Every file below a folder, by what it calls itself."""
    found = [dcmread(path) for path in folder.rglob("*.dcm")]
    return {str(dataset.SOPInstanceUID): dataset for dataset in found}


def assert_same(one: Path, other: Path) -> None:
    """The same objects, attribute by attribute, pixels and form included."""
    ours, theirs = by_instance(one), by_instance(other)
    assert set(ours) == set(theirs)
    assert set(ours) != set()
    for uid, dataset in ours.items():
        assert list(dataset.iterall()) == list(theirs[uid].iterall())
        assert dataset.file_meta.TransferSyntaxUID == theirs[uid].file_meta.TransferSyntaxUID


def known_to(server: Orthanc) -> dict[str, str]:
    """What tells the server who we are."""
    return {"LUMBARDISC_PACS_USER": server.user, "LUMBARDISC_PACS_PASSWORD": server.password}
