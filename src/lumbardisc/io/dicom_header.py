"""DICOM headers: one `Frame` per image plane, the same for classic and for enhanced multi-frame objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from lumbardisc.errors import UnreadableError
from lumbardisc.io.acquisition import NAN, Acquisition
from lumbardisc.io.blobs import Blob, Reader
from lumbardisc.io.quiet import quiet

if TYPE_CHECKING:
    from pydicom import Dataset

# Only these are parsed; nothing that names the patient is among them.
_TAGS = [
    "SOPClassUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "FrameOfReferenceUID",
    "Modality",
    "ImageType",
    "SeriesNumber",
    "SeriesDescription",
    "ProtocolName",
    "BodyPartExamined",
    "SequenceName",
    "PulseSequenceName",
    "ScanningSequence",
    "EchoPulseSequence",
    "InversionRecovery",
    "MRAcquisitionType",
    "RepetitionTime",
    "EchoTime",
    "InversionTime",
    "FlipAngle",
    "SliceThickness",
    "SpacingBetweenSlices",
    "MagneticFieldStrength",
    "Manufacturer",
    "ManufacturerModelName",
    "Rows",
    "Columns",
    "NumberOfFrames",
    "PixelSpacing",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "TemporalPositionIdentifier",
    "AcquisitionNumber",
    "InstanceNumber",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
]
_ENHANCED_SEQUENCE = {"SPIN": ("SE",), "GRADIENT": ("GR",), "BOTH": ("SE", "GR")}
_PREAMBLE = 128
_NOT_UNIT = 0.02  # direction cosines further from unit length or a right angle than this are no direction
# A file without the preamble begins with an element of group 0002 or 0008, in either byte order.
_BARE_STARTS = (b"\x02\x00", b"\x08\x00", b"\x00\x08")


@dataclass(frozen=True)
class Plane:
    """Where an image plane lies. LPS mm, as DICOM has it (PS3.3 C.7.6.2).

    position: centre of the first pixel. along_row, along_column: unit vectors of increasing column and row index.
    pixel: (row, column) spacing. slice_mm: distance to the next slice as the header has it, NaN where it does not.
    """

    position: tuple[float, ...]
    along_row: tuple[float, ...]
    along_column: tuple[float, ...]
    pixel: tuple[float, ...]
    slice_mm: float


@dataclass(frozen=True)
class Frame:
    """One image plane. index: of the frame in its file. plane: None where the header does not say where it lies.

    order: (temporal position, acquisition number, instance or frame number), which of several at one place is first.
    """

    blob: Blob
    index: int
    study: str
    series: str
    number: int
    frame_of_reference: str
    acquisition: Acquisition
    rows: int
    columns: int
    plane: Plane | None
    order: tuple[int, int, int]


def scan(blobs: Iterable[Blob]) -> tuple[list[Frame], dict[Blob, UnreadableError]]:
    """The frames of all DICOM images among the blobs, and what could not be read; pixels are left alone.

    What is no DICOM image (other files, DICOMDIR, reports) is passed over.
    """
    frames: list[Frame] = []
    problems: dict[Blob, UnreadableError] = {}
    with Reader() as reader:
        for blob in blobs:
            try:
                frames.extend(_frames(blob, reader))
            except UnreadableError as error:
                problems[blob] = error
    return frames, problems


@contextmanager
def quietly() -> Iterator[None]:
    """Context in which pydicom neither checks the form of values nor warns of it: headers of real scanners stray."""
    from pydicom import config

    with config.disable_value_validation(), quiet():
        yield


def parse(stream: BinaryIO, **options: Any) -> Dataset:
    """A DICOM dataset, without its preamble too."""
    from pydicom import dcmread

    with quietly():
        return dcmread(stream, force=True, **options)


def _frames(blob: Blob, reader: Reader) -> list[Frame]:
    with reader.open(blob) as stream:
        start = stream.read(_PREAMBLE + 4)
        if start[_PREAMBLE:] != b"DICM" and start[:2] not in _BARE_STARTS:
            return []
        stream.seek(0)
        try:
            dataset = parse(stream, stop_before_pixels=True, specific_tags=_TAGS)
            with quietly():
                return list(_planes(blob, dataset))
        except Exception:  # pydicom raises many types for what only looks like DICOM
            return []


def _planes(blob: Blob, dataset: Dataset) -> Iterator[Frame]:
    """One Frame per plane; none where the object is no image."""
    if not (dataset.get("Rows") and dataset.get("Columns") and dataset.get("SeriesInstanceUID")):
        return
    for index in range(int(dataset.get("NumberOfFrames") or 1)):
        layers = layers_of(dataset, index)
        yield Frame(
            blob=blob,
            index=index,
            study=_text(layers, "StudyInstanceUID"),
            series=_text(layers, "SeriesInstanceUID"),
            number=_whole(layers, "SeriesNumber"),
            frame_of_reference=_text(layers, "FrameOfReferenceUID"),
            acquisition=_acquisition(layers),
            rows=int(dataset.Rows),
            columns=int(dataset.Columns),
            plane=_plane(layers),
            order=(
                _whole(layers, "TemporalPositionIdentifier", "TemporalPositionIndex"),
                _whole(layers, "AcquisitionNumber"),
                _whole(layers, "InstanceNumber") + index,
            ),
        )


def layers_of(dataset: Dataset, index: int) -> list[Dataset]:
    """Where an attribute of a frame may stand, nearest first: its own functional groups, the shared ones, the root."""
    per_frame = dataset.get("PerFrameFunctionalGroupsSequence") or []
    groups = [*per_frame[index : index + 1], *(dataset.get("SharedFunctionalGroupsSequence") or [])]
    return [item for group in groups for macro in group if macro.VR == "SQ" for item in macro.value] + [dataset]


def printable(value: object) -> str:
    """The value as text of one line, fit for a terminal."""
    return "".join(c for c in " ".join(str(value).split()) if c.isprintable())


def _value(layers: Sequence[Dataset], *keywords: str) -> Any:
    """The first value there is of these attributes, None if there is none."""
    values = (layer.get(keyword) for keyword in keywords for layer in layers)
    return next((value for value in values if value not in (None, "")), None)


def _text(layers: Sequence[Dataset], *keywords: str) -> str:
    value = _value(layers, *keywords)
    return "" if value is None else printable(value)


def _codes(layers: Sequence[Dataset], *keywords: str) -> tuple[str, ...]:
    value = _value(layers, *keywords)
    values = [] if value is None else [value] if isinstance(value, str) else value
    return tuple(str(code).strip().upper() for code in values)


def _numbers(layers: Sequence[Dataset], count: int, *keywords: str) -> tuple[float, ...] | None:
    """``count`` finite numbers, None where the attribute does not have them."""
    try:
        numbers = np.ravel(np.asarray(_value(layers, *keywords), dtype=np.float64))[:count]
    except (TypeError, ValueError):
        return None
    return tuple(numbers.tolist()) if len(numbers) == count and np.isfinite(numbers).all() else None


def number_of(layers: Sequence[Dataset], *keywords: str) -> float:
    numbers = _numbers(layers, 1, *keywords)
    return numbers[0] if numbers else NAN


def _whole(layers: Sequence[Dataset], *keywords: str) -> int:
    numbers = _numbers(layers, 1, *keywords)
    return int(numbers[0]) if numbers else 0


def _acquisition(layers: Sequence[Dataset]) -> Acquisition:
    sequence = _codes(layers, "ScanningSequence") or _ENHANCED_SEQUENCE.get(_text(layers, "EchoPulseSequence"), ())
    return Acquisition(
        modality=_text(layers, "Modality"),
        description=_text(layers, "SeriesDescription") or _text(layers, "ProtocolName"),
        body_part=_text(layers, "BodyPartExamined"),
        sequence_name=_text(layers, "SequenceName", "PulseSequenceName"),
        image_type=_codes(layers, "FrameType", "ImageType"),
        sequence=sequence,
        dimensions=_text(layers, "MRAcquisitionType"),
        repetition_time_ms=number_of(layers, "RepetitionTime"),
        echo_time_ms=number_of(layers, "EchoTime", "EffectiveEchoTime"),
        inversion_time_ms=number_of(layers, "InversionTime", "InversionTimes"),
        flip_angle_deg=number_of(layers, "FlipAngle"),
        slice_thickness_mm=number_of(layers, "SliceThickness"),
        field_strength_t=number_of(layers, "MagneticFieldStrength"),
        manufacturer=_text(layers, "Manufacturer"),
        model=_text(layers, "ManufacturerModelName"),
    )


def _plane(layers: Sequence[Dataset]) -> Plane | None:
    position = _numbers(layers, 3, "ImagePositionPatient")
    cosines = _numbers(layers, 6, "ImageOrientationPatient")
    pixel = _numbers(layers, 2, "PixelSpacing")
    if position is None or cosines is None or pixel is None:
        return None
    directions = np.reshape(cosines, (2, 3))
    lengths = np.linalg.norm(directions, axis=1)
    if abs(lengths - 1.0).max() > _NOT_UNIT or abs(directions[0] @ directions[1]) > _NOT_UNIT:
        return None
    distance = number_of(layers, "SpacingBetweenSlices")
    slice_mm = distance if distance > 0 else number_of(layers, "SliceThickness")
    along_row, along_column = (tuple(direction) for direction in (directions / lengths[:, None]).tolist())
    return Plane(position, along_row, along_column, pixel, slice_mm if slice_mm > 0 else NAN)
