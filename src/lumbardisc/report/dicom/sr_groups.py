"""The measurement groups of a structured report: one for each disc (TID 1411), one for the spine (TID 1501)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from lumbardisc.pipeline.study import Disc, Study, Value
from lumbardisc.report.codes import LUMBAR_SPINE, Code, anatomy, sct
from lumbardisc.report.dicom.answers import Answer, answers
from lumbardisc.report.dicom.quantities import OF_SPINE, QUANTITIES, Quantity, dcm, number, own
from lumbardisc.report.words import flag_words

if TYPE_CHECKING:
    from highdicom import sr
    from pydicom.sr.coding import Code as DicomCode

DISC = sct("360499006", "Intervertebral disc")
COMMENT = dcm("121106", "Comment")
LOWER_BOUND = own("LOWER_BOUND", "Lower bound: the images do not hold the whole disc")
UNCERTAINTY = sct("371884006", "+/-, range of measurement uncertainty")
"""One standard deviation either way, in the unit of what it belongs to (CID 225)."""


def coded(code: Code) -> DicomCode:
    """A code as pydicom and highdicom take it."""
    from pydicom.sr.coding import Code as DicomCode

    return DicomCode(code.value, code.scheme, code.meaning)


def disc_group(
    disc: Disc,
    tracking: sr.TrackingIdentifier,
    segment: sr.ReferencedSegment,
    algorithm: sr.AlgorithmIdentification,
) -> sr.VolumetricROIMeasurementsAndQualitativeEvaluations:
    """All that is told of one disc, about its segment. Flags are explained in comments."""
    from highdicom import sr

    place = anatomy(disc.label)
    group = sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=tracking,
        referenced_segment=segment,
        finding_category=coded(place.category),
        finding_type=coded(DISC),
        finding_sites=[sr.FindingSite(coded(place.type))],
        algorithm_id=algorithm,
        measurements=_measurements(QUANTITIES, disc.values),
        qualitative_evaluations=evaluations(answers(disc)),
    )
    group[0].ContentSequence.extend(comments(map(flag_words, disc.flags)))
    return group


def spine_group(
    study: Study, tracking: sr.TrackingIdentifier, algorithm: sr.AlgorithmIdentification
) -> sr.MeasurementsAndQualitativeEvaluations:
    """The angles of the spine."""
    from highdicom import sr

    return sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=tracking,
        finding_type=coded(LUMBAR_SPINE),
        finding_sites=[sr.FindingSite(coded(LUMBAR_SPINE))],
        algorithm_id=algorithm,
        measurements=_measurements(OF_SPINE, study.spine),
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
