"""measurements.dcm: what was found and measured, as a DICOM structured report by template TID 1500 (PS3.16).

An Enhanced SR: nothing that is told needs more, and every archive and reader of reports knows it. It is preliminary and
unverified, as no person has looked at it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lumbardisc import __version__
from lumbardisc.io.dicom_header import quietly
from lumbardisc.pipeline.study import Study
from lumbardisc.report.codes import Code, sct
from lumbardisc.report.dicom.answers import cautions
from lumbardisc.report.dicom.equipment import NAME, algorithm
from lumbardisc.report.dicom.header import item
from lumbardisc.report.dicom.objects import new_object
from lumbardisc.report.dicom.quantities import SCHEME, dcm, number
from lumbardisc.report.dicom.seg import coded
from lumbardisc.report.dicom.source import Reference, References
from lumbardisc.report.dicom.sr_groups import comments, evaluations, groups
from lumbardisc.report.words import NOTICE, flag_words

if TYPE_CHECKING:
    from highdicom import sr
    from pydicom import Dataset

TITLE = dcm("126000", "Imaging Measurement Report")
PROCEDURE = Code("24968-0", "LN", "MR Lumbar spine")
ENGLISH = Code("en", "RFC5646", "English")
DEVICE = dcm("121007", "Device")
EVALUATIONS = Code("C0034375", "UMLS", "Qualitative Evaluations")
LIBRARY, LIBRARY_GROUP = dcm("111028", "Image Library"), dcm("126200", "Image Library Group")
MODALITY, MR = dcm("121139", "Modality"), dcm("MR", "Magnetic Resonance")
SOURCE = sct("260753009", "Source")
FRAME_OF_REFERENCE = dcm("112227", "Frame of Reference UID")


def measurement_report(study: Study, references: References, segmentation: Dataset | None) -> Dataset:
    """The report of a study.

    references: the images it rests on, whose patient and study it tells. segmentation: what ``seg.segmentation`` made
    of the same study; each disc refers to its segment there and has the same tracking identifier. What is undefined is
    left out. The report is complete where there are discs and each has a grade, else partial.
    """
    from pydicom.uid import EnhancedSRStorage

    with quietly():
        made = new_object(EnhancedSRStorage, "SR", "measurements", study, references)
        made.CompletionFlag = "COMPLETE" if _complete(study) else "PARTIAL"
        made.VerificationFlag, made.PreliminaryFlag = "UNVERIFIED", "PRELIMINARY"
        made.CodingSchemeIdentificationSequence = [_our_codes()]
        made.PerformedProcedureCodeSequence = made.ReferencedPerformedProcedureStepSequence = []
        made.CurrentRequestedProcedureEvidenceSequence = [_evidence(references, segmentation)]
        made.update(_content(study, references, segmentation)[0])
    return made


def _our_codes() -> Dataset:
    return item(
        CodingSchemeDesignator=SCHEME,
        CodingSchemeName="Codes of lumbardisc",
        CodingSchemeVersion=__version__,
        CodingSchemeResponsibleOrganization=NAME,
    )


def _evidence(references: References, segmentation: Dataset | None) -> Dataset:
    """Every object that the report refers to, by series."""
    series = [item(SeriesInstanceUID=references.images[0].SeriesInstanceUID, ReferencedSOPSequence=references.listed())]
    if segmentation is not None:
        made = Reference(segmentation.SOPClassUID, segmentation.SOPInstanceUID, None).item()
        series.append(item(SeriesInstanceUID=segmentation.SeriesInstanceUID, ReferencedSOPSequence=[made]))
    return item(StudyInstanceUID=references.study_uid, ReferencedSeriesSequence=series)


def _complete(study: Study) -> bool:
    grades = [number("pfirrmann", disc.values.get("pfirrmann")) for disc in study.discs.values()]
    return bool(grades) and None not in grades


def _content(study: Study, references: References, segmentation: Dataset | None) -> sr.MeasurementReport:
    """The tree: what it is and who observed, the images, the measurements, and what to know of all of them."""
    from highdicom import sr

    report = sr.MeasurementReport(
        title=coded(TITLE),
        language_of_content_item_and_descendants=sr.LanguageOfContentItemAndDescendants(coded(ENGLISH)),
        observation_context=_observer(study),
        procedure_reported=coded(PROCEDURE),
        imaging_measurements=groups(study, references, segmentation),
    )
    items = report[0].ContentSequence
    items.insert(len(items) - 1, _image_library(references))
    items.append(_remarks(study))
    return report


def _observer(study: Study) -> sr.ObservationContext:
    """The software; its UID follows from its name and version."""
    from highdicom import sr

    from lumbardisc.io.dicom_write import uid_of

    version = algorithm(study).version
    device = sr.DeviceObserverIdentifyingAttributes(
        uid_of(f"{NAME} {version}"), name=NAME, manufacturer_name=NAME, model_name=f"{NAME} {version}"
    )
    return sr.ObservationContext(observer_device_context=sr.ObserverContext(coded(DEVICE), device))


def _image_library(references: References) -> sr.ContainerContentItem:
    """The source images (TID 1600)."""
    from highdicom import sr

    contains, context = sr.RelationshipTypeValues.CONTAINS, sr.RelationshipTypeValues.HAS_ACQ_CONTEXT
    place = references.images[0].FrameOfReferenceUID
    group = sr.ContainerContentItem(coded(LIBRARY_GROUP), relationship_type=contains)
    group.ContentSequence = sr.ContentSequence(
        [
            sr.CodeContentItem(coded(MODALITY), coded(MR), context),
            sr.UIDRefContentItem(coded(FRAME_OF_REFERENCE), place, context),
            *(
                sr.ImageContentItem(coded(SOURCE), image.SOPClassUID, image.SOPInstanceUID, relationship_type=contains)
                for image in references.images
            ),
        ]
    )
    library = sr.ContainerContentItem(coded(LIBRARY), relationship_type=contains)
    library.ContentSequence = sr.ContentSequence([group])
    return library


def _remarks(study: Study) -> sr.ContainerContentItem:
    """What holds for the whole study: the notice, the warnings, the flags."""
    from highdicom import sr

    remarks = sr.ContainerContentItem(coded(EVALUATIONS), relationship_type=sr.RelationshipTypeValues.CONTAINS)
    remarks.ContentSequence = sr.ContentSequence(
        [
            *(code for told in evaluations(cautions(study.flags)) for code in told),
            *comments([NOTICE, *study.warnings, *map(flag_words, study.flags)]),
        ]
    )
    return remarks
