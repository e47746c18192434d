"""image.dcm: an image that came in another format, as one enhanced MR object for the others to refer to (PS3.3 A.36).

Of the multi-frame classes this is the one that viewers place and reformat as they do a scanner's. Slices are sagittal,
in the working order. Voxels are 16-bit: whole numbers that fit are kept as they are, others in 65536 even steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.errors import GeometryError
from lumbardisc.io.grid import LPS_TO_RAS
from lumbardisc.pipeline.study import Study
from lumbardisc.report.codes import LUMBAR_SPINE
from lumbardisc.report.dicom.equipment import heading
from lumbardisc.report.dicom.header import cleaned, item, uid
from lumbardisc.report.dicom.source import Reference, References, decimals, plane_image
from lumbardisc.volume import Volume

if TYPE_CHECKING:
    from pydicom import Dataset

_STEPS = 2**16 - 1
_SQUARE = 1e-3  # the cosine between rows and columns at which they are not at right angles any more
_FRAME_CONTENT, _STACK, _IN_STACK = 0x00209111, 0x00209056, 0x00209057
_CONTRASTS = {"t1": "T1", "t2": "T2", "t2_space": "T2", "stir": "STIR"}  # (0008,9209)


def made_image(study: Study) -> References:
    """The study's image as a DICOM object, and references to its frames. Raises GeometryError where it is sheared."""
    volume = study.image.sagittal()
    _refuse_sheared(volume, study.name)
    head = heading("image", study)
    image = _image(study, volume, head)
    places = [decimals(place) for place in _positions(volume)]
    orientation, pixel, thickness = _measures(volume)
    frames = [Reference(image.SOPClassUID, image.SOPInstanceUID, number) for number in range(1, len(places) + 1)]
    planes = [
        plane_image(image, frame, place, orientation, pixel, thickness)
        for frame, place in zip(frames, places, strict=True)
    ]
    return References(
        images=(image,),
        frames=tuple(frames),
        planes=tuple(planes),
        labels=study.labels.sagittal().array,
        mid=study.working_mid_slice,
        made=_object(study, volume, image, places, head),
    )


def _refuse_sheared(volume: Volume, name: str) -> None:
    down, along = (volume.affine[:3, axis] / volume.spacing[axis] for axis in (1, 2))
    if abs(down @ along) > _SQUARE:
        raise GeometryError(
            f"{name}: rows and columns are not at right angles, which DICOM cannot say; "
            "resample the image, or leave out --dicom"
        )


def _image(study: Study, volume: Volume, head: Mapping[str, Any]) -> Dataset:
    """What is told of the object: nobody's, in a study that follows from the input."""
    from pydicom import Dataset
    from pydicom.uid import EnhancedMRImageStorage, generate_uid

    key = study.provenance.get("input", {}).get("sha256") or generate_uid()
    study_uid = uid("", f"{key} study")
    image = cleaned(Dataset(), study_uid, identified=False)
    image.SOPClassUID, image.SOPInstanceUID = EnhancedMRImageStorage, head["sop_instance_uid"]
    image.StudyInstanceUID, image.SeriesInstanceUID = study_uid, head["series_instance_uid"]
    image.FrameOfReferenceUID, image.PositionReferenceIndicator = uid("", f"{key} frame of reference"), ""
    image.Modality, image.SeriesNumber, image.PatientPosition = "MR", head["series_number"], ""
    image.NumberOfFrames, image.Rows, image.Columns = volume.shape
    return image


def _object(
    study: Study, volume: Volume, image: Dataset, places: Sequence[list[str]], head: Mapping[str, Any]
) -> Dataset:
    """The whole object, its pixels included."""
    from copy import deepcopy

    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    made = deepcopy(image)
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    _describe(made, study, head)
    _number_frames(made)
    stored, slope, intercept = _stored(volume.array)
    made.SharedFunctionalGroupsSequence = [
        item(
            **_where(volume),
            FrameAnatomySequence=[item(FrameLaterality="U", AnatomicRegionSequence=[_region()])],
            PixelValueTransformationSequence=[_rescale(slope, intercept)],
            FrameVOILUTSequence=[_window(volume.array)],
            MRImageFrameTypeSequence=[item(FrameType=made.ImageType, **_kind(study))],
        )
    ]
    made.PerFrameFunctionalGroupsSequence = [_frame(number, place) for number, place in enumerate(places, start=1)]
    made.BitsAllocated = made.BitsStored = 16
    made.HighBit, made.PixelRepresentation = 15, 0
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.PixelData = stored.tobytes()
    return made


def _describe(made: Dataset, study: Study, head: Mapping[str, Any]) -> None:
    """Equipment and kind of image."""
    from datetime import datetime

    now = datetime.now()
    made.SeriesDescription, made.Manufacturer = head["series_description"], head["manufacturer"]
    made.ManufacturerModelName, made.DeviceSerialNumber = head["manufacturer_model_name"], head["device_serial_number"]
    made.SoftwareVersions, made.InstanceNumber = head["software_versions"], head["instance_number"]
    made.ContentDate, made.ContentTime = f"{now:%Y%m%d}", f"{now:%H%M%S}"
    made.ImageType = ["DERIVED", "PRIMARY", "VOLUME", "NONE"]
    made.update(item(**_kind(study)))
    made.ContentQualification, made.ApplicableSafetyStandardAgency = "RESEARCH", "UNKNOWN"
    made.BurnedInAnnotation, made.LossyImageCompression, made.PresentationLUTShape = "NO", "00", "IDENTITY"
    made.AcquisitionContextSequence = []


def _number_frames(made: Dataset) -> None:
    """By what the frames are counted: one stack, and the place in it (PS3.3 C.7.6.17)."""
    from pydicom.uid import generate_uid

    organization = generate_uid(prefix=None)
    made.DimensionOrganizationSequence = [item(DimensionOrganizationUID=organization)]
    made.DimensionIndexSequence = [
        item(
            DimensionOrganizationUID=organization,
            DimensionIndexPointer=pointer,
            FunctionalGroupPointer=_FRAME_CONTENT,
            DimensionDescriptionLabel=label,
        )
        for pointer, label in ((_STACK, "Stack ID"), (_IN_STACK, "In-Stack Position Number"))
    ]


def _frame(number: int, place: list[str]) -> Dataset:
    content = item(DimensionIndexValues=[1, number], StackID="1", InStackPositionNumber=number)
    return item(FrameContentSequence=[content], PlanePositionSequence=[item(ImagePositionPatient=place)])


def _where(volume: Volume) -> dict[str, list[Dataset]]:
    """Directions and distances, the same for all frames."""
    orientation, pixel, thickness = _measures(volume)
    (distance,) = decimals([thickness])
    measures = item(PixelSpacing=pixel, SliceThickness=distance, SpacingBetweenSlices=distance)
    return {
        "PixelMeasuresSequence": [measures],
        "PlaneOrientationSequence": [item(ImageOrientationPatient=orientation)],
    }


def _kind(study: Study) -> dict[str, str]:
    """What the image and each of its frames say of themselves."""
    contrast = study.provenance.get("contrast", {}).get("name")
    return {
        "PixelPresentation": "MONOCHROME",
        "VolumetricProperties": "VOLUME",
        "VolumeBasedCalculationTechnique": "NONE",
        "ComplexImageComponent": "MAGNITUDE",
        "AcquisitionContrast": _CONTRASTS.get(contrast, "UNKNOWN"),
    }


def _positions(volume: Volume) -> NDArray[np.float64]:
    """First-pixel centres of the slices (n, 3), LPS mm."""
    corners = np.zeros((volume.shape[0], 3))
    corners[:, 0] = np.arange(volume.shape[0])
    return np.asarray(volume.world(corners) @ LPS_TO_RAS[:3, :3])


def _measures(volume: Volume) -> tuple[list[str], list[str], float]:
    """Directions along a row and a column (LPS), distances of rows and of columns, distance of slices (mm).

    That of slices is along their normal, also where they are shifted against each other.
    """
    _, down, along = volume.spacing
    directions = LPS_TO_RAS[:3, :3] @ volume.affine[:3, [2, 1]] / (along, down)
    across = abs(np.cross(*directions.T) @ LPS_TO_RAS[:3, :3] @ volume.affine[:3, 0])
    return decimals(directions.T.ravel()), decimals((down, along)), float(across)


def _stored(array: NDArray[Any]) -> tuple[NDArray[np.uint16], float, float]:
    """16-bit values, and the slope and intercept that give the true ones back."""
    low, high = float(array.min()), float(array.max())
    whole = array.dtype.kind in "uib" and high - low <= _STEPS
    slope = 1.0 if whole or high == low else (high - low) / _STEPS
    return np.rint((array.astype(np.float64) - low) / slope).astype("<u2"), slope, low


def _rescale(slope: float, intercept: float) -> Dataset:
    slope_text, intercept_text = decimals((slope, intercept))
    return item(RescaleIntercept=intercept_text, RescaleSlope=slope_text, RescaleType="US")


def _window(array: NDArray[Any]) -> Dataset:
    """Black to white from the lowest value to what all but a few bright voxels stay below."""
    low, high = float(array.min()), float(np.percentile(array, 99.5))
    center, width = decimals(((low + high) / 2, max(high - low, 1e-6)))
    return item(WindowCenter=center, WindowWidth=width)


def _region() -> Dataset:
    code = LUMBAR_SPINE
    return item(CodeValue=code.value, CodingSchemeDesignator=code.scheme, CodeMeaning=code.meaning)
