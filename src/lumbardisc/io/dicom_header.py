"""DICOM headers: one `Frame` per image plane, the same for classic and for enhanced multi-frame objects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from lumbardisc.errors import UnreadableError
from lumbardisc.io.acquisition import NAN, Acquisition
from lumbardisc.io.blobs import Blob, Reader, is_zip
from lumbardisc.io.deflated import refuse_bomb
from lumbardisc.io.dicom_values import (
    codes_of,
    frames_described,
    layers_of,
    number_of,
    numbers_of,
    quietly,
    text_of,
    whole_of,
)
from lumbardisc.io.lines import printable, reason
from lumbardisc.io.patient import Patient

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["Frame", "Plane", "layers_of", "number_of", "parse", "printable", "quietly", "scan"]

# Only these are parsed. Of those of the patient no more than digests is kept.
_TAGS = re.findall(
    r"\w+",
    """
    PatientName PatientID PatientBirthDate SpecificCharacterSet SOPClassUID SOPInstanceUID StudyInstanceUID
    SeriesInstanceUID FrameOfReferenceUID Modality ImageType SeriesNumber SeriesDescription ProtocolName
    BodyPartExamined SequenceName PulseSequenceName ScanningSequence EchoPulseSequence InversionRecovery
    MRAcquisitionType RepetitionTime EchoTime InversionTime FlipAngle SliceThickness SpacingBetweenSlices
    MagneticFieldStrength Manufacturer ManufacturerModelName Rows Columns NumberOfFrames PixelSpacing
    ImagePositionPatient ImageOrientationPatient TemporalPositionIdentifier AcquisitionNumber InstanceNumber
    SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence
    """,
)
_ENHANCED_SEQUENCE = {"SPIN": ("SE",), "GRADIENT": ("GR",), "BOTH": ("SE", "GR")}
_MR_IMAGES = {f"1.2.840.10008.5.1.4.1.1.4{kind}" for kind in ("", ".1", ".4")}  # classic, enhanced, converted
_PREAMBLE = 128
_NOT_UNIT = 0.02  # direction cosines further from unit length or a right angle than this are no direction
# A file without the preamble begins with an element of group 0002 or 0008, in either byte order.
_BARE_STARTS = (b"\x02\x00", b"\x08\x00", b"\x00\x08")
_FURTHEST_MM = 1e5  # no patient lies that far from the scanner's centre, and no pixel is that large


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
    study, series, instance, frame_of_reference: UIDs, empty where there are none. number: of the series, else 0.
    """

    blob: Blob
    index: int
    patient: Patient
    study: str
    series: str
    instance: str
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
    with Reader() as reader, quietly():
        for blob in blobs:
            try:
                frames.extend(_frames(blob, reader))
            except UnreadableError as error:
                problems[blob] = error
    return frames, problems


def parse(stream: BinaryIO, **options: Any) -> Dataset:
    """A DICOM dataset, without its preamble too. Raises UnreadableError for one that would inflate beyond reason."""
    from pydicom import dcmread

    refuse_bomb(stream)
    with quietly():
        return dcmread(stream, force=True, **options)


def looks_like_dicom(start: bytes) -> bool:
    """Whether a file that begins so may be DICOM, with its preamble or without. start: 132 bytes."""
    return start[_PREAMBLE:] == b"DICM" or start[:2] in _BARE_STARTS


def _frames(blob: Blob, reader: Reader) -> list[Frame]:
    """All planes of a file; none where it is no DICOM image. Raises UnreadableError where it is one that is damaged."""
    if is_zip(blob.name):
        raise UnreadableError(f"{blob}: is a zip in a zip, which is not opened; unpack it and pass the folder")
    with reader.open(blob) as stream:
        start = stream.read(_PREAMBLE + 4)
        marked = start[_PREAMBLE:] == b"DICM"
        if not looks_like_dicom(start):
            return []
        stream.seek(0)
        try:
            return list(_planes(blob, parse(stream, stop_before_pixels=True, specific_tags=_TAGS)))
        except Exception as error:  # pydicom raises many types, for what only looks like DICOM too
            if not marked:
                return []
            told = str(error) if isinstance(error, UnreadableError) else f"is a damaged DICOM file ({reason(error)})"
            raise UnreadableError(f"{blob}: {told}; copy or export it again") from error


def _planes(blob: Blob, dataset: Dataset) -> Iterator[Frame]:
    """One Frame per plane; none where the object is no image. Raises UnreadableError where it contradicts itself."""
    rows, columns = (whole_of([dataset], keyword) for keyword in ("Rows", "Columns"))
    if not (rows > 0 and columns > 0):
        if text_of([dataset], "SOPClassUID") in _MR_IMAGES:
            raise UnreadableError("is an MR image without rows and columns")
        return
    patient = _patient(dataset)
    for index, placed in enumerate(_placed(dataset)):
        layers = layers_of(dataset, index)
        yield Frame(
            blob=blob,
            index=index,
            patient=patient,
            study=text_of(layers, "StudyInstanceUID"),
            series=text_of(layers, "SeriesInstanceUID"),
            instance=text_of(layers, "SOPInstanceUID"),
            number=whole_of(layers, "SeriesNumber"),
            frame_of_reference=text_of(layers, "FrameOfReferenceUID"),
            acquisition=_acquisition(layers),
            rows=rows,
            columns=columns,
            plane=_plane(layers) if placed else None,
            order=(
                whole_of(layers, "TemporalPositionIdentifier", "TemporalPositionIndex"),
                whole_of(layers, "AcquisitionNumber"),
                whole_of(layers, "InstanceNumber") + index,
            ),
        )


def _placed(dataset: Dataset) -> list[bool]:
    """For each frame whether the header can say where it lies: it cannot for several that share one description.

    NumberOfFrames is not believed beyond what is described. Raises UnreadableError where the two differ.
    """
    count, described = whole_of([dataset], "NumberOfFrames"), frames_described(dataset)
    if described and count > 0 and count != described:
        raise UnreadableError(f"promises {count} frames and describes {described}")
    return [True] * described if described else [count < 2]


def _patient(dataset: Dataset) -> Patient:
    keywords = ("PatientID", "PatientBirthDate", "PatientName")
    return Patient.of(*(text_of([dataset], keyword) for keyword in keywords))


def _acquisition(layers: Sequence[Dataset]) -> Acquisition:
    sequence = codes_of(layers, "ScanningSequence") or _ENHANCED_SEQUENCE.get(text_of(layers, "EchoPulseSequence"), ())
    return Acquisition(
        modality=text_of(layers, "Modality"),
        description=text_of(layers, "SeriesDescription") or text_of(layers, "ProtocolName"),
        body_part=text_of(layers, "BodyPartExamined"),
        sequence_name=text_of(layers, "SequenceName", "PulseSequenceName"),
        image_type=codes_of(layers, "FrameType", "ImageType"),
        sequence=sequence,
        dimensions=text_of(layers, "MRAcquisitionType"),
        repetition_time_ms=number_of(layers, "RepetitionTime"),
        echo_time_ms=number_of(layers, "EchoTime", "EffectiveEchoTime"),
        inversion_time_ms=number_of(layers, "InversionTime", "InversionTimes"),
        flip_angle_deg=number_of(layers, "FlipAngle"),
        slice_thickness_mm=number_of(layers, "SliceThickness"),
        field_strength_t=number_of(layers, "MagneticFieldStrength"),
        manufacturer=text_of(layers, "Manufacturer"),
        model=text_of(layers, "ManufacturerModelName"),
    )


def _plane(layers: Sequence[Dataset]) -> Plane | None:
    position = numbers_of(layers, 3, "ImagePositionPatient")
    cosines = numbers_of(layers, 6, "ImageOrientationPatient")
    pixel = numbers_of(layers, 2, "PixelSpacing")
    if position is None or cosines is None or pixel is None:
        return None
    if max(map(abs, (*position, *pixel))) > _FURTHEST_MM or min(pixel) <= 0.0:
        return None
    directions = np.reshape(cosines, (2, 3))
    lengths = np.linalg.norm(directions, axis=1)
    if abs(lengths - 1.0).max() > _NOT_UNIT or abs(directions[0] @ directions[1]) > _NOT_UNIT:
        return None
    distance = number_of(layers, "SpacingBetweenSlices")
    slice_mm = distance if distance > 0 else number_of(layers, "SliceThickness")
    along_row, along_column = (tuple(direction) for direction in (directions / lengths[:, None]).tolist())
    return Plane(position, along_row, along_column, pixel, slice_mm if slice_mm > 0 else NAN)
