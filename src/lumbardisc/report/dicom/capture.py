"""overlay.dcm: the picture with outlines and names as a secondary capture, for viewers that show no segmentation."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from lumbardisc.io.dicom_header import quietly
from lumbardisc.pipeline.study import Study
from lumbardisc.report.dicom.equipment import heading
from lumbardisc.report.dicom.source import References

if TYPE_CHECKING:
    from highdicom.sc import SCImage
    from pydicom import Dataset


def overlay_capture(study: Study, references: References, picture: bytes) -> SCImage:
    """The PNG ``picture`` in colour, referring to the slice that it shows. It names levels, never a patient."""
    from highdicom.sc import SCImage
    from PIL import Image

    image = references.images[0]
    with quietly():
        made = SCImage(
            pixel_array=np.asarray(Image.open(BytesIO(picture)).convert("RGB")),
            photometric_interpretation="RGB",
            bits_allocated=8,
            coordinate_system="PATIENT",
            patient_orientation=("P", "F"),
            study_instance_uid=image.StudyInstanceUID,
            transfer_syntax_uid="1.2.840.10008.1.2.1",
            specific_character_set=image.SpecificCharacterSet,
            **_whose(image),
            **heading("overlay", study),
        )
        made.copy_patient_and_study_information(image)
        made.BurnedInAnnotation, made.Laterality = "NO", ""
        made.SourceImageSequence = _sources(references)
    return made


def _whose(image: Dataset) -> dict[str, str]:
    """Patient and study as arguments."""
    return {
        "patient_id": image.PatientID,
        "patient_name": image.PatientName,
        "patient_birth_date": image.PatientBirthDate,
        "patient_sex": image.PatientSex,
        "accession_number": image.AccessionNumber,
        "study_id": image.StudyID,
    }


def _sources(references: References) -> list[Dataset]:
    """The slice that is shown, or all of the images where none of them is it."""
    return references.listed() if references.mid is None else [references.frames[references.mid].item()]
