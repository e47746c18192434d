"""Writes a Volume as a classic MR series: one DICOM file per slice, as a scanner would.

Positions and directions are turned from RAS to the LPS of DICOM (PS3.3 C.7.6.2). UIDs come from a text key by SHA-256
under 2.25 (PS3.5 B.2), so the same key always gives the same study. A spin-lock time goes into a private block, group
0x0019, creator ``LUMBARDISC PHANTOM``, element 0x01 (FD, ms), and belongs into the series description as well.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lumbardisc.errors import GeometryError, OutputError
from lumbardisc.io.grid import LPS_TO_RAS
from lumbardisc.volume import Volume

if TYPE_CHECKING:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import UID

PRIVATE_GROUP, PRIVATE_CREATOR, SPIN_LOCK_ELEMENT = 0x0019, "LUMBARDISC PHANTOM", 0x01
_DATE, _TIME = "20240101", "120000"  # no real date is told


@dataclass(frozen=True)
class Subject:
    """Who is imaged. ``key``: text that all UIDs of the study and its frame of reference follow from."""

    name: str
    identifier: str
    key: str


@dataclass(frozen=True)
class Acquisition:
    """What a series' headers say. Times in ms, thickness in mm, field in tesla; None where it does not apply.

    scanning: Scanning Sequence (SE, IR, GR). image_type: values of Image Type, at least two.
    """

    number: int
    description: str
    protocol: str
    scanning: str
    repetition_time_ms: float
    echo_time_ms: float
    flip_angle_deg: float
    field_t: float
    thickness_mm: float
    inversion_time_ms: float | None = None
    echo_train: int = 1
    dimensions: str = "2D"
    spin_lock_ms: float | None = None
    image_type: tuple[str, ...] = ("ORIGINAL", "PRIMARY", "M")


def uid_of(key: str) -> UID:
    """A valid UID under 2.25 that follows from a text alone."""
    from pydicom.uid import UID

    return UID(f"2.25.{int.from_bytes(sha256(key.encode()).digest()[:16], 'big')}")


def save_dicom(volume: Volume, folder: Path, subject: Subject, acquisition: Acquisition) -> tuple[Path, ...]:
    """Write a volume of 16-bit unsigned values, (slice, row, column), to ``folder/0001.dcm`` ...

    The three axes must be perpendicular. Written beside and then renamed, so the folder is whole or absent; an
    existing one is replaced. Raises GeometryError for a sheared affine or another type of values, OutputError where
    writing fails.
    """
    _check(volume)
    part = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        names = [f"{index + 1:04d}.dcm" for index in range(volume.shape[0])]
        for index, name in enumerate(names):
            _slice(volume, index, subject, acquisition).save_as(part / name, enforce_file_format=True)
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise OutputError(f"{folder}: cannot be written ({error.strerror}); check the folder and the disk") from error
    return tuple(folder / name for name in names)


def _check(volume: Volume) -> None:
    """Classic MR slices are 16-bit and have perpendicular axes."""
    if volume.array.dtype != np.uint16:
        raise GeometryError(
            f"DICOM slices hold 16-bit unsigned values, these are {volume.array.dtype}; scale them first"
        )
    directions = volume.affine[:3, :3] / np.asarray(volume.spacing)
    if not np.allclose(directions.T @ directions, np.eye(3), atol=1e-4):
        raise GeometryError("a DICOM series has perpendicular axes, this volume is sheared; resample it first")


def _slice(volume: Volume, index: int, subject: Subject, acquisition: Acquisition) -> Dataset:
    """The whole data set of one slice."""
    from pydicom.dataset import Dataset
    from pydicom.uid import MRImageStorage

    dataset = Dataset()
    series = f"{subject.key} series {acquisition.number}"
    dataset.SOPClassUID = MRImageStorage
    dataset.SOPInstanceUID = uid_of(f"{series} image {index}")
    dataset.file_meta = _file_meta(dataset.SOPInstanceUID)
    _identify(dataset, subject, acquisition, series)
    _settings(dataset, acquisition)
    _place(dataset, volume, index)
    _pixels(dataset, volume.array[index])
    return dataset


def _file_meta(instance: UID) -> FileMetaDataset:
    """The file's own header: explicit VR, little endian."""
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = MRImageStorage
    meta.MediaStorageSOPInstanceUID = instance
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = uid_of("lumbardisc")
    return meta


def _identify(dataset: Dataset, subject: Subject, acquisition: Acquisition, series: str) -> None:
    """Patient, study, series and frame of reference."""
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.PatientName, dataset.PatientID = subject.name, subject.identifier
    dataset.PatientBirthDate = dataset.PatientSex = dataset.ReferringPhysicianName = dataset.AccessionNumber = ""
    dataset.StudyInstanceUID = uid_of(f"{subject.key} study")
    dataset.SeriesInstanceUID = uid_of(series)
    dataset.FrameOfReferenceUID = uid_of(f"{subject.key} frame of reference")
    dataset.PositionReferenceIndicator = dataset.Laterality = ""
    dataset.StudyID, dataset.StudyDescription = "1", "Lumbar spine phantom"
    dataset.StudyDate = dataset.SeriesDate = _DATE
    dataset.StudyTime = dataset.SeriesTime = _TIME
    dataset.SeriesNumber, dataset.SeriesDescription = acquisition.number, acquisition.description
    dataset.ProtocolName, dataset.BodyPartExamined, dataset.PatientPosition = acquisition.protocol, "LSPINE", "HFS"
    dataset.Modality, dataset.Manufacturer = "MR", "lumbardisc phantom"


def _settings(dataset: Dataset, acquisition: Acquisition) -> None:
    """Timing of the sequence."""
    dataset.ImageType = list(acquisition.image_type)
    dataset.ScanningSequence = acquisition.scanning
    dataset.SequenceVariant = "SK" if acquisition.echo_train > 1 else "NONE"
    dataset.ScanOptions = ""
    dataset.MRAcquisitionType = acquisition.dimensions
    dataset.RepetitionTime, dataset.EchoTime = acquisition.repetition_time_ms, acquisition.echo_time_ms
    dataset.EchoTrainLength, dataset.FlipAngle = acquisition.echo_train, acquisition.flip_angle_deg
    dataset.MagneticFieldStrength = acquisition.field_t
    dataset.ImagedNucleus, dataset.NumberOfAverages = "1H", 1
    if acquisition.inversion_time_ms is not None:
        dataset.InversionTime = acquisition.inversion_time_ms
    if acquisition.spin_lock_ms is not None:
        block = dataset.private_block(PRIVATE_GROUP, PRIVATE_CREATOR, create=True)
        block.add_new(SPIN_LOCK_ELEMENT, "FD", acquisition.spin_lock_ms)
    dataset.SliceThickness = acquisition.thickness_mm


def _place(dataset: Dataset, volume: Volume, index: int) -> None:
    """Where the slice lies, in LPS: its first voxel, the direction along a row, the direction along a column."""
    across, down, along = volume.spacing
    directions = (LPS_TO_RAS[:3, :3] @ volume.affine[:3, :3]) / np.asarray(volume.spacing)
    position = LPS_TO_RAS[:3, :3] @ volume.world((index, 0, 0))
    normal = np.cross(directions[:, 2], directions[:, 1])
    dataset.InstanceNumber = dataset.AcquisitionNumber = index + 1
    dataset.ImagePositionPatient = _decimals(position)
    dataset.ImageOrientationPatient = _decimals(np.concatenate((directions[:, 2], directions[:, 1])))
    dataset.SliceLocation = _decimals(np.array((normal @ position,)))[0]
    dataset.PixelSpacing, dataset.SpacingBetweenSlices = (
        _decimals(np.array((down, along))),
        _decimals(np.array((across,)))[0],
    )


def _decimals(values: NDArray[np.float64]) -> list[str]:
    """Decimal strings of at most 16 characters, as DICOM wants them."""
    from pydicom.valuerep import format_number_as_ds

    return [format_number_as_ds(float(value) + 0.0) for value in values]


def _pixels(dataset: Dataset, image: NDArray[np.uint16]) -> None:
    """The slice's values and a window that shows them."""
    dataset.Rows, dataset.Columns = image.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PixelRepresentation = 1, "MONOCHROME2", 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    white = max(float(np.percentile(image, 99.5)), 1.0)
    dataset.WindowCenter, dataset.WindowWidth = round(white / 2), round(white)
    dataset.PixelData = np.ascontiguousarray(image, dtype="<u2").tobytes()
