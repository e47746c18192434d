"""report.dcm: the PDF as a DICOM object, for archives that keep no other files (PS3.3 A.45)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lumbardisc.io.dicom_header import quietly
from lumbardisc.pipeline.study import Study
from lumbardisc.report.codes import Code
from lumbardisc.report.dicom.objects import new_object
from lumbardisc.report.dicom.seg import coded
from lumbardisc.report.dicom.source import References

if TYPE_CHECKING:
    from pydicom import Dataset

TITLE = "lumbardisc: lumbar discs"
MRI_SPINE_REPORT = Code("18756-7", "LN", "MRI Spine Report")
"""Of the titles of imaging reports (CID 7000) the one that says what it is."""


def encapsulated_pdf(pdf: bytes, study: Study, references: References) -> Dataset:
    """The bytes of a PDF as an object of the source's patient and study; they come back exactly.

    Its pages name the patient just where ``references`` do, and it says so.
    """
    from pydicom.uid import EncapsulatedPDFStorage

    with quietly():
        made = new_object(EncapsulatedPDFStorage, "DOC", "report", study, references)
        made.ConversionType = "WSD"  # by a workstation, not from paper
        made.AcquisitionDateTime = ""
        made.BurnedInAnnotation = "NO" if made.get("PatientIdentityRemoved") == "YES" else "YES"
        made.VerificationFlag = "UNVERIFIED"
        made.DocumentTitle = TITLE
        made.ConceptNameCodeSequence = [coded(MRI_SPINE_REPORT)]
        made.SourceInstanceSequence = references.listed()
        made.MIMETypeOfEncapsulatedDocument = "application/pdf"
        made.EncapsulatedDocumentLength = len(pdf)
        made.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)  # what is stored has an even length
    return made
