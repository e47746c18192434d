"""The images that our DICOM objects refer to, frame by frame, with no more of their headers than is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.io.blobs import Blob
from lumbardisc.io.dicom_header import Frame, layers_of, quietly
from lumbardisc.io.origin import Origin
from lumbardisc.pipeline.study import Study
from lumbardisc.report.dicom.header import cleaned, item, uid

if TYPE_CHECKING:
    from pydicom import Dataset


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
    key = str(study.provenance.get("input", {}).get("sha256") or study.name)
    images = {blob: _image(headers[blob], blob, origin, identified, key) for blob in origin.blobs}
    across = study.image.axis_order.axes[0] == 0
    with quietly():
        return References(
            images=tuple(images.values()),
            frames=tuple(_reference(images[frame.blob], frame) for frame in origin.frames),
            planes=_planes(study, origin.frames, headers, images),
            labels=study.labels.array,
            mid=study.mid_slice if across else None,
        )


def _image(header: Dataset, blob: Blob, origin: Origin, identified: bool, key: str) -> Dataset:
    """What is told of one object. The UIDs of study, series and frame of reference are one for all of a series."""
    from pydicom.uid import MRImageStorage

    first = origin.frames[0]
    image = cleaned(header, identified)
    with quietly():
        meta = getattr(header, "file_meta", {})
        image.SOPClassUID = uid(header.get("SOPClassUID"), "") if header.get("SOPClassUID") else MRImageStorage
        instance = header.get("SOPInstanceUID") or meta.get("MediaStorageSOPInstanceUID")
        image.SOPInstanceUID = uid(instance, f"{key} {blob.inner}")
        image.StudyInstanceUID = uid(first.study, f"{key} study")
        image.SeriesInstanceUID = uid(first.series, f"{key} series")
        image.FrameOfReferenceUID = uid(first.frame_of_reference, f"{image.SeriesInstanceUID} frame of reference")
        image.PositionReferenceIndicator = ""
        image.Modality, image.SeriesNumber = "MR", first.number
        image.Rows, image.Columns = first.rows, first.columns
        if header.get("NumberOfFrames"):
            image.NumberOfFrames = int(header.NumberOfFrames)
    return image


def _reference(image: Dataset, frame: Frame) -> Reference:
    number = frame.index + 1 if "NumberOfFrames" in image else None
    return Reference(str(image.SOPClassUID), str(image.SOPInstanceUID), number)


def _planes(
    study: Study, frames: Sequence[Frame], headers: dict[Blob, Dataset], images: dict[Blob, Dataset]
) -> tuple[Dataset, ...]:
    """The frames as single images. Place and size of pixels are the header's own text; one orientation is for all, as
    frames of a stack may differ by a rounding."""
    layers = [layers_of(headers[frame.blob], frame.index) for frame in frames]
    orientation, pixel = (_first(layers[0], keyword) for keyword in ("ImageOrientationPatient", "PixelSpacing"))
    across = study.image.spacing[0]
    thickness = frames[0].acquisition.slice_thickness_mm
    return tuple(
        plane_image(
            images[frame.blob],
            _reference(images[frame.blob], frame),
            _first(layer, "ImagePositionPatient"),
            orientation,
            pixel,
            thickness if thickness > 0 else across,
        )
        for frame, layer in zip(frames, layers, strict=True)
    )


def plane_image(
    image: Dataset, reference: Reference, position: Any, orientation: Any, pixel: Any, thickness: float
) -> Dataset:
    """A frame of an object as an image by itself; lengths in mm, LPS."""
    from pydicom.uid import MRImageStorage
    from pydicom.valuerep import format_number_as_ds

    from lumbardisc.io.dicom_write import uid_of

    plane = deepcopy(image)
    plane.SOPClassUID = MRImageStorage
    plane.SOPInstanceUID = uid_of(f"{reference.instance} {reference.frame}")
    plane.ImagePositionPatient, plane.ImageOrientationPatient = list(position), list(orientation)
    plane.PixelSpacing, plane.SliceThickness = list(pixel), format_number_as_ds(float(thickness))
    return plane


def _first(layers: Sequence[Dataset], keyword: str) -> Any:
    return next(layer[keyword].value for layer in layers if layer.get(keyword))
