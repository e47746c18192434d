"""segmentation.dcm: each structure as a binary segment on the very frames of the source (PS3.3 A.51)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc import levels
from lumbardisc.io.dicom_header import quietly
from lumbardisc.pipeline.study import Study
from lumbardisc.report.codes import Code, anatomy
from lumbardisc.report.dicom.equipment import NAME, algorithm, heading, tracking
from lumbardisc.report.dicom.source import References
from lumbardisc.report.structures import present

if TYPE_CHECKING:
    from highdicom import AlgorithmIdentificationSequence
    from highdicom.seg import Segmentation, SegmentDescription


def segmentation(study: Study, references: References) -> Segmentation | None:
    """One segment per structure that is present, in order of label number; None where there is none.

    Frames stand where the source's do and refer to them; those without a voxel of their segment are left out.
    """
    from highdicom.seg import Segmentation

    labels = present(study)
    if not labels:
        return None
    with quietly():
        made = Segmentation(
            source_images=references.planes,
            pixel_array=_segment_numbers(references.labels, labels),
            segmentation_type="BINARY",
            segment_descriptions=_descriptions(study, references, labels),
            content_label="SPINE",
            content_description="Discs, vertebral bodies, sacrum and spinal canal",
            **heading("segmentation", study),
        )
        _refer(made, references)
    return made


def _segment_numbers(labels: NDArray[np.integer[Any]], segments: Sequence[levels.Label]) -> NDArray[np.uint8]:
    """Label numbers -> numbers of segments, which count from 1."""
    numbers = np.zeros(max(label.index for label in segments) + 1, np.uint8)
    for number, label in enumerate(segments, start=1):
        numbers[label.index] = number
    return np.asarray(numbers[labels])


def _descriptions(study: Study, references: References, labels: Sequence[levels.Label]) -> list[SegmentDescription]:
    identification = _identification(study)
    return [
        _description(number, label, references.study_uid, identification)
        for number, label in enumerate(labels, start=1)
    ]  # fmt: skip


def _description(
    number: int, label: levels.Label, study_uid: str, identification: AlgorithmIdentificationSequence
) -> SegmentDescription:
    from highdicom.color import CIELabColor
    from highdicom.seg import SegmentDescription

    structure = anatomy(label.index)
    tracking_id, tracking_uid = tracking(study_uid, label.index)
    description = SegmentDescription(
        segment_number=number,
        segment_label=label.name,
        segmented_property_category=coded(structure.category),
        segmented_property_type=coded(structure.type),
        algorithm_type="AUTOMATIC",
        algorithm_identification=identification,
        tracking_id=tracking_id,
        tracking_uid=tracking_uid,
        anatomic_regions=[coded(structure.region)],
        display_color=CIELabColor.from_rgb(*label.color),
    )
    description.SegmentDescription = _in_words(label)
    return description


def _in_words(label: levels.Label) -> str:
    if levels.is_disc(label.index):
        return f"Intervertebral disc {label.name}"
    return f"Vertebral body {label.name}" if levels.is_body(label.index) else _OTHERS[label.index]


_OTHERS = {levels.SACRUM: "Sacrum", levels.CANAL: "Spinal canal"}


@cache
def coded(code: Code) -> Any:
    """A code as highdicom takes it; one item for all that have it."""
    from highdicom.sr import CodedConcept

    return CodedConcept(code.value, code.scheme, code.meaning)


def _identification(study: Study) -> AlgorithmIdentificationSequence:
    from highdicom import AlgorithmIdentificationSequence
    from pydicom.sr.codedict import codes

    made_by = algorithm(study)
    return AlgorithmIdentificationSequence(
        name=made_by.name,
        family=codes.DCM.ArtificialIntelligence,
        version=made_by.version,
        source=NAME,
        parameters={f"{part} weights SHA-256": checksum for part, checksum in made_by.parameters.items()} or None,
    )


def _refer(made: Segmentation, references: References) -> None:
    """Put the references right: highdicom was shown every frame of the source as an image by itself."""
    frames = {
        str(plane.SOPInstanceUID): reference
        for plane, reference in zip(references.planes, references.frames, strict=True)
    }
    for group in made.PerFrameFunctionalGroupsSequence:
        source = group.DerivationImageSequence[0].SourceImageSequence[0]
        if reference := frames.get(source.ReferencedSOPInstanceUID):  # segments on one frame share the item
            source.update(reference.item())
    made.SourceImageSequence = references.listed()
    made.ReferencedSeriesSequence[0].ReferencedInstanceSequence = references.listed()
