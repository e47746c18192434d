"""The images that our DICOM objects refer to, frame by frame, with no more of their headers than is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.io.blobs import Blob
from lumbardisc.io.dicom_header import Frame, layers_of, number_of, quietly
from lumbardisc.io.origin import Origin
from lumbardisc.pipeline.study import Study
from lumbardisc.report.dicom.header import cleaned, item, uid

if TYPE_CHECKING:
    from pydicom import Dataset

_DS_LENGTH = 16


@dataclass(frozen=True)
class Reference:
    """One image plane as others refer to it. frame: its number from 1, None where the object has a single one."""

    sop_class: str
    instance: str
    frame: int | None

    def item(self) -> Dataset:
        """As an item of a sequence of images (PS3.3 10.3)."""
        told: dict[str, Any] = {"ReferencedSOPClassUID": self.sop_class, "ReferencedSOPInstanceUID": self.instance}
        return item(**told, **({} if self.frame is None else {"ReferencedFrameNumber": self.frame}))


@dataclass(frozen=True, eq=False)
class References:
    """The source of a study.

    images: each object once, fit as evidence: patient, study, series, what it is, no pixels.
    frames, planes: one for each index of the first axis of ``labels``; a plane is its frame as a single MR image with
    its place (LPS) and a UID of its own, which is what highdicom takes for a source image.
    labels: (frame, row, column) label numbers, pixel for pixel those of the frames.
    mid: index of the frame that is the mid-sagittal slice, None where the frames do not run across the patient.
    made: the image that we made ourselves, of a source that is no DICOM.
    """

    images: tuple[Dataset, ...]
    frames: tuple[Reference, ...]
    planes: tuple[Dataset, ...]
    labels: NDArray[np.integer[Any]]
    mid: int | None
    made: Dataset | None = None

    @property
    def study_uid(self) -> str:
        return str(self.images[0].StudyInstanceUID)

    def listed(self) -> list[Dataset]:
        """Each object as an item of a sequence of images."""
        return [Reference(str(image.SOPClassUID), str(image.SOPInstanceUID), None).item() for image in self.images]


def reference_images(study: Study, identified: bool) -> References:
    """The DICOM images that a study was read from, or one that is made of it.

    identified: whether patient and study are told as the source has them; UIDs are the source's in any case.
    Raises UnreadableError where the images are gone.
    """
    if study.origin is None:
        from lumbardisc.report.dicom.image import made_image

        return made_image(study)
    return _of_origin(study, study.origin, identified)


def _of_origin(study: Study, origin: Origin, identified: bool) -> References:
    headers = origin.headers()
    with quietly():
        series = _series(study, origin, headers[origin.frames[0].blob], identified)
        images = {blob: _image(series, header, blob) for blob, header in headers.items()}
        frames = tuple(_reference(images[frame.blob], frame) for frame in origin.frames)
        return References(
            images=tuple(images.values()),
            frames=frames,
            planes=_planes(study, origin, headers, frames, series),
            labels=study.labels.array,
            mid=study.mid_slice if study.image.axis_order.axes[0] == 0 else None,
        )


def _series(study: Study, origin: Origin, header: Dataset, identified: bool) -> Dataset:
    """What the images have in common. UIDs that are missing follow from the input, so that they are always the same."""
    first = origin.frames[0]
    key = study.provenance.get("input", {}).get("sha256") or study.name
    study_uid, series_uid = uid(first.study, f"{key} study"), uid(first.series, f"{key} series")
    series = cleaned(header, study_uid, identified)
    series.StudyInstanceUID, series.SeriesInstanceUID = study_uid, series_uid
    series.FrameOfReferenceUID = uid(first.frame_of_reference, f"{series_uid} frame of reference")
    series.PositionReferenceIndicator = ""
    series.Modality, series.SeriesNumber = "MR", first.number
    series.Rows, series.Columns = first.rows, first.columns
    if header.get("LossyImageCompression") == "01":  # what is derived of such an image must say so (PS3.3 C.7.6.1.1.5)
        series.LossyImageCompression = "01"
        if (ratio := number_of([header], "LossyImageCompressionRatio")) > 0:
            series.LossyImageCompressionRatio = decimals([ratio])
    return series


def _image(series: Dataset, header: Dataset, blob: Blob) -> Dataset:
    """What is told of one object."""
    from pydicom.uid import MRImageStorage

    image = _copy(series)
    instance = header.get("SOPInstanceUID") or getattr(header, "file_meta", {}).get("MediaStorageSOPInstanceUID")
    image.SOPInstanceUID = uid(instance, f"{series.SeriesInstanceUID} {blob.inner}")
    image.SOPClassUID = header.get("SOPClassUID") or MRImageStorage
    if header.get("NumberOfFrames"):
        image.NumberOfFrames = int(header.NumberOfFrames)
    return image


def _reference(image: Dataset, frame: Frame) -> Reference:
    number = frame.index + 1 if "NumberOfFrames" in image else None
    return Reference(str(image.SOPClassUID), str(image.SOPInstanceUID), number)


def _planes(
    study: Study, origin: Origin, headers: dict[Blob, Dataset], references: Sequence[Reference], series: Dataset
) -> tuple[Dataset, ...]:
    """The frames as single images. Place and size of pixels are the header's own text; one orientation is for all, as
    frames of a stack may differ by a rounding."""
    layers = [layers_of(headers[frame.blob], frame.index) for frame in origin.frames]
    orientation, pixel = (_first(layers[0], keyword) for keyword in ("ImageOrientationPatient", "PixelSpacing"))
    known = origin.frames[0].acquisition.slice_thickness_mm
    thickness = known if known > 0 else study.image.spacing[0]
    return tuple(
        plane_image(series, reference, _first(layer, "ImagePositionPatient"), orientation, pixel, thickness)
        for reference, layer in zip(references, layers, strict=True)
    )


def plane_image(
    series: Dataset, reference: Reference, position: Any, orientation: Any, pixel: Any, thickness: float
) -> Dataset:
    """A frame as an image by itself, under a UID of its own; lengths in mm, LPS."""
    from pydicom.uid import MRImageStorage

    from lumbardisc.io.dicom_write import uid_of

    plane = _copy(series)
    plane.SOPClassUID = MRImageStorage
    plane.SOPInstanceUID = uid_of(f"{reference.instance} {reference.frame}")
    plane.ImagePositionPatient, plane.ImageOrientationPatient = decimals(position), decimals(orientation)
    plane.PixelSpacing, plane.SliceThickness = decimals(pixel), decimals([thickness])[0]
    return plane


def decimals(values: Iterable[Any]) -> list[str]:
    """Decimal strings of at most 16 characters (VR DS); one that a header has is kept to the letter."""
    from pydicom.valuerep import format_number_as_ds

    texts = [(str(value), float(value) + 0.0) for value in values]
    return [text if len(text) <= _DS_LENGTH else format_number_as_ds(number) for text, number in texts]


def _copy(dataset: Dataset) -> Dataset:
    """A data set whose elements can be set anew; ``deepcopy`` takes ten times as long."""
    from pydicom import Dataset

    return Dataset({element.tag: copy(element) for element in dataset})


def _first(layers: Sequence[Dataset], keyword: str) -> Any:
    return next(layer[keyword].value for layer in layers if layer.get(keyword))
