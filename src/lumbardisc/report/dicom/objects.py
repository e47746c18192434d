"""The beginning of a new object: the patient and the study of the source, a series of its own, what made it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lumbardisc.pipeline.study import Study
from lumbardisc.report.dicom.equipment import heading
from lumbardisc.report.dicom.source import References

if TYPE_CHECKING:
    from highdicom.base import SOPClass


def new_object(sop_class: str, modality: str, kind: str, study: Study, references: References) -> SOPClass:
    """An object without content. kind: a key of ``equipment.SERIES``."""
    from highdicom.base import SOPClass
    from pydicom.uid import ExplicitVRLittleEndian

    source = references.planes[0]
    made = SOPClass(
        study_instance_uid=references.study_uid,
        sop_class_uid=sop_class,
        modality=modality,
        transfer_syntax_uid=ExplicitVRLittleEndian,
        specific_character_set=source.SpecificCharacterSet,
        **heading(kind, study),
    )
    made.copy_patient_and_study_information(source)
    return made
