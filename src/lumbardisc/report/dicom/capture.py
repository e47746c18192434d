"""overlay.dcm: the picture with outlines and names as a secondary capture, for viewers that show no segmentation."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from lumbardisc.io.dicom_header import quietly
from lumbardisc.pipeline.study import Study
from lumbardisc.report.dicom.objects import new_object
from lumbardisc.report.dicom.source import References

if TYPE_CHECKING:
    from pydicom import Dataset


def overlay_capture(picture: bytes, study: Study, references: References) -> Dataset:
    """The PNG ``picture`` in colour, referring to the slice that it shows. It names levels, never a patient."""
    from PIL import Image
    from pydicom.uid import SecondaryCaptureImageStorage

    pixels = Image.open(BytesIO(picture)).convert("RGB")
    with quietly():
        made = new_object(SecondaryCaptureImageStorage, "OT", "overlay", study, references)
        made.ConversionType = "WSD"  # by a workstation
        made.ImageType = ["DERIVED", "SECONDARY", "OTHER"]
        made.PatientOrientation, made.BodyPartExamined = ["P", "F"], "LSPINE"  # unpaired, so without a side
        made.SourceImageSequence = _shown(references)
        made.BurnedInAnnotation = "NO"
        made.Columns, made.Rows = pixels.size
        made.SamplesPerPixel, made.PhotometricInterpretation, made.PlanarConfiguration = 3, "RGB", 0
        made.BitsAllocated = made.BitsStored = 8
        made.HighBit, made.PixelRepresentation = 7, 0
        made.PixelData = _even(pixels.tobytes())
    return made


def _shown(references: References) -> list[Dataset]:
    """The slice that is shown, or all of the images where none of them is it."""
    return references.listed() if references.mid is None else [references.frames[references.mid].item()]


def _even(data: bytes) -> bytes:
    """What is stored has an even length."""
    return data + b"\0" * (len(data) % 2)
