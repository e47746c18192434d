"""The encapsulated PDF: valid, and dcmtk takes out the very bytes that went in."""

from __future__ import annotations

from pathlib import Path

import pytest
from dicom_study import IDENTITY, marked, read_study
from pydicom import Dataset, dcmread
from real_tools import errors, told, tool
from report_study import make_study

from lumbardisc.pipeline.study import Study
from lumbardisc.report.dicom.document import encapsulated_pdf
from lumbardisc.report.dicom.source import reference_images

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study of a patient with a name."""
    return read_study(tmp_path_factory.mktemp("images") / "series", marked, discs=3)


def written(study: Study, folder: Path, pdf: bytes = PDF, identified: bool = False) -> Path:
    """The object on disk."""
    path = folder / "report.dcm"
    made = encapsulated_pdf(pdf, study, reference_images(study, identified))
    made.save_as(path, enforce_file_format=True)
    return path


@pytest.mark.parametrize("identified", [False, True])
def test_the_document_is_valid(study: Study, tmp_path: Path, identified: bool) -> None:
    assert errors(written(study, tmp_path, identified=identified)) == []


@pytest.mark.parametrize("more", [b"", b"\n", b"\0", b"\n\0"], ids=["even", "odd", "odd with zero", "even with zero"])
def test_the_bytes_come_back_exactly(study: Study, tmp_path: Path, more: bytes) -> None:
    pdf = PDF + b" " * (len(PDF) % 2) + more
    path = written(study, tmp_path, pdf)
    assert dcmread(path).EncapsulatedDocument[: dcmread(path).EncapsulatedDocumentLength] == pdf
    if more != b"\n\0":  # of an even number dcmtk 3.6.7 takes a closing zero for padding; no PDF has one
        told(tool("dcm2pdf"), path, tmp_path / "back.pdf")
        assert (tmp_path / "back.pdf").read_bytes() == pdf


@pytest.mark.parametrize("identified", [False, True])
def test_it_says_whether_its_pages_name_the_patient(study: Study, tmp_path: Path, identified: bool) -> None:
    document = dcmread(written(study, tmp_path, identified=identified))
    assert document.BurnedInAnnotation == ("YES" if identified else "NO")
    assert (document.PatientID == IDENTITY["PatientID"]) == identified
    assert document.MIMETypeOfEncapsulatedDocument == "application/pdf"
    assert document.ConceptNameCodeSequence[0].CodeMeaning == "MRI Spine Report"


def test_pages_about_an_image_of_no_patient_name_none(tmp_path: Path) -> None:
    document = dcmread(written(make_study(discs=3), tmp_path, identified=True))
    assert document.BurnedInAnnotation == "NO"


def test_nothing_tells_the_patient_unless_it_is_wanted(study: Study, tmp_path: Path) -> None:
    raw = written(study, tmp_path).read_bytes()
    assert [keyword for keyword, value in IDENTITY.items() if value.encode() in raw] == []


def test_it_stands_in_the_study_and_refers_to_every_image(study: Study, tmp_path: Path) -> None:
    assert study.origin
    sources: list[Dataset] = list(study.origin.headers().values())
    document = dcmread(written(study, tmp_path))
    named = [item.ReferencedSOPInstanceUID for item in document.SourceInstanceSequence]
    assert named == [source.SOPInstanceUID for source in sources]
    assert {document.StudyInstanceUID} == {source.StudyInstanceUID for source in sources}
    assert document.SeriesInstanceUID not in {source.SeriesInstanceUID for source in sources}
