"""The measurement groups of a structured report: one for each disc (TID 1411), one for the spine (TID 1501)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from lumbardisc.pipeline.study import Disc, Study, Value
from lumbardisc.report.codes import ANATOMICAL_STRUCTURE, LUMBAR_SPINE, anatomy, sct
from lumbardisc.report.dicom.answers import Answer, answers
from lumbardisc.report.dicom.equipment import NAME, algorithm, tracking
from lumbardisc.report.dicom.quantities import OF_SPINE, QUANTITIES, Quantity, dcm, number, own
from lumbardisc.report.dicom.seg import coded
from lumbardisc.report.dicom.source import References
from lumbardisc.report.words import flag_words

if TYPE_CHECKING:
    from highdicom import sr
    from pydicom import Dataset

    Group = sr.VolumetricROIMeasurementsAndQualitativeEvaluations | sr.MeasurementsAndQualitativeEvaluations

DISC = sct("360499006", "Intervertebral disc")
COMMENT = dcm("121106", "Comment")
LOWER_BOUND = own("LOWER_BOUND", "Lower bound: the images do not hold the whole disc")
UNCERTAINTY = sct("371884006", "+/-, range of measurement uncertainty")
"""One standard deviation either way, in the unit of what it belongs to (CID 225)."""


def groups(study: Study, references: References, segmentation: Dataset | None) -> list[Group]:
    """A group for each disc, lowest first, then that of the spine."""
    from highdicom import sr

    made_by = algorithm(study)
    weights = [f"{part} weights, SHA-256 {checksum}" for part, checksum in made_by.parameters.items()]
    software = sr.AlgorithmIdentification(made_by.name, made_by.version, weights or None, manufacturer=NAME)
    spine = _spine(study, references.study_uid, software)
    if segmentation is None:
        return [spine]
    return [*(_disc(disc, references, segmentation, software) for disc in study.discs.values()), spine]


def _disc(
    disc: Disc, references: References, segmentation: Dataset, software: sr.AlgorithmIdentification
) -> sr.VolumetricROIMeasurementsAndQualitativeEvaluations:
    """All that is told of one disc, about its segment. Flags are explained in comments."""
    from highdicom import sr

    name, uid = tracking(references.study_uid, disc.label)
    place = anatomy(disc.label)
    group = sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid, name),
        referenced_segment=_segment(disc.label, uid, references, segmentation),
        finding_category=coded(place.category),
        finding_type=coded(DISC),
        finding_sites=[sr.FindingSite(coded(place.type))],
        algorithm_id=software,
        measurements=_measurements(QUANTITIES, disc.values),
        qualitative_evaluations=evaluations(answers(disc)),
    )
    group[0].ContentSequence.extend(comments(map(flag_words, disc.flags)))
    return group


def _spine(
    study: Study, study_uid: str, software: sr.AlgorithmIdentification
) -> sr.MeasurementsAndQualitativeEvaluations:
    """The angles of the spine; without any it says at least what was looked at."""
    from highdicom import sr

    from lumbardisc.io.dicom_write import uid_of

    name = LUMBAR_SPINE.meaning
    return sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid_of(f"{study_uid} {name} {NAME}"), name),
        finding_category=coded(ANATOMICAL_STRUCTURE),
        finding_type=coded(LUMBAR_SPINE),
        finding_sites=[sr.FindingSite(coded(LUMBAR_SPINE))],
        algorithm_id=software,
        measurements=_measurements(OF_SPINE, study.spine),
    )


def _segment(label: int, uid: str, references: References, segmentation: Dataset) -> sr.ReferencedSegment:
    """The segment that is tracked by the same UID, and the images that show it."""
    from highdicom import sr

    segment = next(item for item in segmentation.SegmentSequence if item.TrackingUID == uid)
    seen: dict[tuple[str, str], list[int]] = {}
    for frame, plane in zip(references.frames, references.labels, strict=True):
        if (plane == label).any():
            seen.setdefault((frame.sop_class, frame.instance), []).extend([frame.frame] if frame.frame else [])
    return sr.ReferencedSegment(
        segmentation.SOPClassUID,
        segmentation.SOPInstanceUID,
        segment.SegmentNumber,
        source_images=[sr.SourceImageForSegmentation(*image, numbers or None) for image, numbers in seen.items()],
    )


def evaluations(told: Iterable[Answer]) -> list[sr.QualitativeEvaluation]:
    """Answers as content items."""
    from highdicom import sr

    return [sr.QualitativeEvaluation(coded(question), coded(answer)) for question, answer in told]


def comments(texts: Iterable[str]) -> list[sr.TextContentItem]:
    """Sentences as content items."""
    from highdicom import sr

    return [sr.TextContentItem(coded(COMMENT), text, sr.RelationshipTypeValues.CONTAINS) for text in texts]


def _measurements(quantities: Iterable[Quantity], values: Mapping[str, Value]) -> list[sr.Measurement]:
    return [item for quantity in quantities for item in _measurement(quantity, values)]


def _measurement(quantity: Quantity, values: Mapping[str, Value]) -> Iterator[sr.Measurement]:
    """One content item, none where the value is undefined."""
    from highdicom import sr

    value = number(quantity.column, values.get(quantity.column))
    if value is None:
        return
    whole = values.get(quantity.complete, True)
    yield sr.Measurement(
        name=coded(quantity.concept),
        value=value,
        unit=coded(quantity.unit),
        qualifier=None if whole else coded(LOWER_BOUND),
        derivation=coded(quantity.derivation) if quantity.derivation else None,
        method=coded(quantity.method),
        properties=_properties(quantity, values),
    )


def _properties(quantity: Quantity, values: Mapping[str, Value]) -> sr.MeasurementProperties | None:
    """The uncertainty (TID 310), where it is known."""
    from highdicom import sr

    error = number(quantity.error, values.get(quantity.error))
    if error is None:
        return None
    properties = sr.MeasurementProperties()
    relation = sr.RelationshipTypeValues.HAS_PROPERTIES
    properties.append(sr.NumContentItem(coded(UNCERTAINTY), error, coded(quantity.unit), relationship_type=relation))
    return properties
