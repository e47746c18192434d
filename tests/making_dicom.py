"""Real DICOM files for the tests: classic and enhanced MR, any geometry, with a value of its own in every voxel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from warnings import catch_warnings

import numpy as np
from pydicom import Dataset, FileDataset, config, dcmwrite, uid
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
T2 = {"RepetitionTime": 3500, "EchoTime": 110, "FlipAngle": 150, "ScanningSequence": "SE", "MRAcquisitionType": "2D"}
T1 = {**T2, "RepetitionTime": 550, "EchoTime": 11}
STUDY = uid.generate_uid(entropy_srcs=["study"])


@dataclass
class Series:
    """A stack as a scanner would send it. Lengths in mm, positions in LPS."""

    slices: int = 5
    rows: int = 24
    columns: int = 20
    pixel: tuple[float, float] = (8.0, 6.0)
    step: float = 4.0
    origin: tuple[float, float, float] = (12.0, -30.0, 40.0)
    orientation: tuple[float, ...] = SAGITTAL
    number: int = 1
    description: str = "t2_tse_sag"
    study: str = STUDY
    series: str = field(default_factory=uid.generate_uid)
    tags: dict[str, Any] = field(default_factory=lambda: dict(T2))

    def normal(self) -> np.ndarray:
        return np.cross(self.orientation[:3], self.orientation[3:])

    def position(self, index: int) -> np.ndarray:
        return np.asarray(self.origin) + index * self.step * self.normal()

    def values(self, index: int) -> np.ndarray:
        """(rows, columns) numbers that occur once in the stack."""
        count = self.rows * self.columns
        return (1 + index * count + np.arange(count)).reshape(self.rows, self.columns).astype(np.uint16)

    def place(self, value: int) -> np.ndarray:
        """Where the voxel of a value lies, RAS mm: equation C.7.6.2.1-1 of DICOM PS3.3, then LPS to RAS."""
        index, rest = divmod(int(value) - 1, self.rows * self.columns)
        row, column = divmod(rest, self.columns)
        along_row, along_column = np.split(np.asarray(self.orientation), 2)
        lps = self.position(index) + along_row * self.pixel[1] * column + along_column * self.pixel[0] * row
        return lps * [-1, -1, 1]


def image(series: Series, index: int, **tags: Any) -> FileDataset:
    """One classic MR image."""
    dataset = _base(series, uid.MRImageStorage)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]
    dataset.InstanceNumber = index + 1
    dataset.ImagePositionPatient = [f"{x:.6f}" for x in series.position(index)]
    dataset.ImageOrientationPatient = [f"{x:.9f}" for x in series.orientation]
    dataset.PixelSpacing = list(series.pixel)
    dataset.SliceThickness = series.step
    _set_pixels(dataset, series.values(index))
    for keyword, value in {**series.tags, **tags}.items():
        setattr(dataset, keyword, value)
    return dataset


def write(folder: Path, series: Series, *, skip: tuple[int, ...] = (), shuffle: bool = True, **tags: Any) -> list[Path]:
    """A series as files whose names and instance numbers say nothing about their order."""
    folder.mkdir(parents=True, exist_ok=True)
    order = np.random.default_rng(series.number).permutation(series.slices) if shuffle else np.arange(series.slices)
    paths = []
    for index in range(series.slices):
        if index in skip:
            continue
        dataset = image(series, index, **tags)
        dataset.InstanceNumber = int(order[index]) + 1
        paths.append(folder / f"IM{series.number:03d}{order[index]:04d}")
        save(dataset, paths[-1])
    return paths


def save(dataset: FileDataset, path: Path) -> None:
    dataset.save_as(path, enforce_file_format=True)


def put(dataset: Dataset, keyword: str, value: bytes, vr: str = "") -> None:
    """An element with the very bytes, whatever its type may hold."""
    tag = Tag(keyword)
    dataset[tag] = RawDataElement(tag, vr or dictionary_VR(tag), len(value), value, 0, False, True)


def write_raw(folder: Path, series: Series, **values: bytes | tuple[str, bytes] | None) -> list[Path]:
    """A series whose images have these elements byte for byte; with another type, or left out, where asked for."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{index}.dcm" for index in range(series.slices)]
    for index, path in enumerate(paths):
        dataset = image(series, index)
        for keyword, value in values.items():
            if value is None:
                del dataset[keyword]
            elif isinstance(value, tuple):
                put(dataset, keyword, value[1], value[0])
            else:
                put(dataset, keyword, value)
        with config.disable_value_validation(), catch_warnings(action="ignore"):
            dcmwrite(path, dataset)
    return paths


def enhanced(series: Series, path: Path, change: Callable[[FileDataset], None] | None = None) -> None:
    """The stack as one enhanced multi-frame object, its frames in shuffled order, each with its own rescale slope 2.

    change: what is done to it before it is saved.
    """
    dataset = _base(series, uid.EnhancedMRImageStorage)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "T2", "NONE"]
    dataset.EchoPulseSequence, dataset.MRAcquisitionType = "SPIN", "2D"
    dataset.InstanceNumber = 1
    order = np.random.default_rng(0).permutation(series.slices)
    dataset.NumberOfFrames = series.slices
    timing = _item(RepetitionTime=series.tags["RepetitionTime"], FlipAngle=series.tags["FlipAngle"])
    dataset.SharedFunctionalGroupsSequence = Sequence([
        _item(
            PlaneOrientationSequence=[_item(ImageOrientationPatient=list(series.orientation))],
            PixelMeasuresSequence=[_item(PixelSpacing=list(series.pixel), SliceThickness=series.step)],
            MRTimingAndRelatedParametersSequence=[timing],
            MREchoSequence=[_item(EffectiveEchoTime=float(series.tags["EchoTime"]))],
        )
    ])  # fmt: skip
    dataset.PerFrameFunctionalGroupsSequence = Sequence([
        _item(
            PlanePositionSequence=[_item(ImagePositionPatient=series.position(index).tolist())],
            PixelValueTransformationSequence=[_item(RescaleSlope=2.0, RescaleIntercept=0.0, RescaleType="US")],
        )
        for index in order
    ])  # fmt: skip
    _set_pixels(dataset, np.stack([series.values(index) for index in order]))
    if change is not None:
        change(dataset)
    save(dataset, path)


def _base(series: Series, sop_class: str) -> FileDataset:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = uid.generate_uid()
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, meta.MediaStorageSOPInstanceUID
    dataset.PatientName, dataset.PatientID = "Doe^Jane", "4711"
    dataset.Modality = "MR"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = series.study, series.series
    dataset.FrameOfReferenceUID = f"{series.study[:50]}.1"
    dataset.SeriesNumber, dataset.SeriesDescription = series.number, series.description
    dataset.Manufacturer, dataset.MagneticFieldStrength = "ACME", 1.5
    return dataset


def _item(**attributes: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def _set_pixels(dataset: Dataset, pixels: np.ndarray) -> None:
    dataset.Rows, dataset.Columns = pixels.shape[-2:]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 0
    dataset.PixelData = pixels.astype("<u2").tobytes()
