"""Whose images our objects say they are of: everybody's own where that is asked for, nobody's where it is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from acquired import study_of
from hypothesis import given, settings
from hypothesis import strategies as st
from making_dicom import Series, image
from pydicom import Dataset, FileDataset, dcmread
from pydicom.datadict import DicomDictionary
from pydicom.sequence import Sequence
from real_tools import errors, told, tool
from report_study import make_study

from lumbardisc.errors import UnreadableError
from lumbardisc.pipeline.study import Study
from lumbardisc.report import Wanted, write
from lumbardisc.report.dicom import write_objects
from lumbardisc.report.dicom.header import cleaned
from lumbardisc.report.dicom.source import reference_images
from lumbardisc.report.overlay import overlay_png
from lumbardisc.report.view import view

PICTURE = overlay_png(view(make_study(discs=2)))
OBJECTS = ("segmentation.dcm", "measurements.dcm", "report.dcm", "overlay.dcm")
PATIENT = {
    "PatientName": "Müller^Jörg",
    "PatientID": "Z-4711/ß",
    "PatientBirthDate": "19610203",
    "PatientSex": "M",
    "StudyDate": "20240311",
    "StudyTime": "101112.5",
    "AccessionNumber": "ACC20240099",
    "StudyID": "17",
    "StudyDescription": "LWS nativ, Rücken",
    "ReferringPhysicianName": "Öztürk^Ayşe",
}


def series(folder: Path, change: Any = None) -> Path:
    """Three slices of a series; ``change`` is done to each header."""
    folder.mkdir(parents=True)
    stack = Series(slices=3)
    for index in range(stack.slices):
        dataset = image(stack, index)
        if change:
            change(dataset)
        dataset.save_as(folder / f"{index}.dcm")
    return folder


def objects(study: Study, folder: Path, identified: bool) -> dict[str, Path]:
    """Our objects about a study, by name."""
    folder.mkdir()
    write_objects(study, folder, PICTURE, b"%PDF-1.4\n%%EOF\n", identified)
    return {path.name: path for path in folder.iterdir()}


def patient(dataset: FileDataset) -> None:
    dataset.SpecificCharacterSet = "ISO_IR 192"
    for keyword, value in PATIENT.items():
        setattr(dataset, keyword, value)


@pytest.mark.parametrize("identified", [True, False])
def test_every_object_is_valid_and_of_one_study(identified: bool, tmp_path: Path) -> None:
    source = series(tmp_path / "series", patient)
    made = objects(study_of(source), tmp_path / "out", identified)
    assert sorted(made) == sorted(OBJECTS)
    theirs = dcmread(source / "0.dcm")
    for path in made.values():
        assert errors(path) == []
        told(tool("dcmdump"), path)
        dataset = dcmread(path)
        assert dataset.StudyInstanceUID == theirs.StudyInstanceUID
        assert {keyword: str(dataset.get(keyword, "")) == value for keyword, value in PATIENT.items()} == dict.fromkeys(
            PATIENT, identified
        )
    numbers = {dcmread(path).SeriesNumber for path in made.values()}
    assert len(numbers) == len(made)


def test_without_a_name_it_is_said_that_there_is_none(tmp_path: Path) -> None:
    made = objects(study_of(series(tmp_path / "series", patient)), tmp_path / "out", identified=False)
    for dataset in map(dcmread, made.values()):
        assert dataset.PatientIdentityRemoved == "YES"
        assert dataset.LongitudinalTemporalInformationModified == "REMOVED"
        options = {item.CodeValue for item in dataset.DeidentificationMethodCodeSequence}
        assert options == {"113100", "113110"}  # Basic Profile, UIDs retained
        assert dataset.PatientID.startswith("anonymous-")


@pytest.mark.parametrize(
    ("charset", "name"),
    [
        ("ISO_IR 100", "Müller^Jörg"),
        ("ISO_IR 144", "Юлия^Жук"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        (["ISO 2022 IR 13", "ISO 2022 IR 87"], "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
    ],
)
def test_names_of_any_script_come_through(charset: Any, name: str, tmp_path: Path) -> None:
    def write_name(dataset: FileDataset) -> None:
        dataset.SpecificCharacterSet, dataset.PatientName = charset, name

    made = objects(study_of(series(tmp_path / "series", write_name)), tmp_path / "out", identified=True)
    for path in made.values():
        assert str(dcmread(path).PatientName) == name
        assert name.encode() in path.read_bytes()  # UTF-8
        assert errors(path) == []


MARKED_VRS = {"PN", "LO", "SH", "ST", "LT", "UT", "UC", "AE", "DA", "DT", "TM", "AS"}
# what a scanner says of itself, and by what a reader tells one series from another; result.json has these too
KEPT = {"Manufacturer", "ManufacturerModelName", "SeriesDescription", "ProtocolName", "SequenceName"}
OTHER_GROUPS = {0x0000, 0x0002, 0x0004, 0x0028, 0x7FE0}  # of messages, files and pixels
MARK = {"DA": "19480229", "TM": "034107.123", "DT": "19480229034107", "AS": "093Y", "AE": "QXMARKER", "SH": "QXMARKER"}
FOUND = (b"QXMARKER", b"19480229", b"1948-02-29", b"034107", b"093Y")


def names_something(tag: int) -> bool:
    """Whether an attribute may name a patient, a person, a place or a day."""
    vr, multiplicity, _, retired, keyword = DicomDictionary[tag]
    known = bool(keyword) and keyword not in KEPT and not retired and tag >> 16 not in OTHER_GROUPS
    return known and vr in MARKED_VRS and multiplicity.startswith("1")


def mark(dataset: Dataset) -> None:
    """Put a marker into every attribute of the dictionary that holds text, a name, a date or a time."""
    for tag in filter(names_something, DicomDictionary):
        vr = DicomDictionary[tag][0]
        dataset.add_new(tag, vr, MARK.get(vr, "QXMARKER text"))
    block = dataset.private_block(0x0029, "QXMARKER INC", create=True)
    block.add_new(0x10, "LO", "QXMARKER private")


def marked(dataset: FileDataset) -> None:
    mark(dataset)
    inner = Dataset()
    mark(inner)
    for keyword in ("OtherPatientIDsSequence", "RequestAttributesSequence", "ReferencedStudySequence"):
        setattr(dataset, keyword, Sequence([inner]))
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.file_meta.SourceApplicationEntityTitle = "QXMARKER"


def leaks(folder: Path) -> set[str]:
    """Files that hold a marker."""
    return {path.name for path in folder.iterdir() if any(one in path.read_bytes() for one in FOUND)}


def test_nothing_of_the_patient_is_in_the_bytes_of_any_file(tmp_path: Path) -> None:
    study = study_of(series(tmp_path / "series", marked))
    write(study, tmp_path / "out", Wanted(dicom=True, pdf=True))
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {*OBJECTS, "report.pdf"}
    assert leaks(tmp_path / "out") == set()


def test_the_markers_are_found_where_the_patient_is_told(tmp_path: Path) -> None:
    study = study_of(series(tmp_path / "series", marked))
    assert leaks(series(tmp_path / "again", marked)) == {"0.dcm", "1.dcm", "2.dcm"}
    assert set(objects(study, tmp_path / "out", identified=True)) == leaks(tmp_path / "out")


def stray(dataset: FileDataset) -> None:
    """A header as no standard has it."""
    for keyword in ("FrameOfReferenceUID", "PatientID", "PatientName", "StudyInstanceUID", "SliceThickness"):
        if keyword in dataset:
            delattr(dataset, keyword)
    dataset.PatientSex = "weiblich"
    dataset.PatientBirthDate = "1961.02.03"
    dataset.StudyDate, dataset.StudyTime = "20241399", "quarter past ten"
    dataset.add_new(0x00080090, "OB", b"Carter^Ann\0")  # Referring Physician's Name
    dataset.add_new(0x00080050, "LT", "line\r\n2")  # Accession Number
    dataset.add_new(0x00080070, "LO", ["ACME", "Works"])


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("identified", [True, False])
def test_a_header_that_strays_is_made_valid(identified: bool, tmp_path: Path) -> None:
    study = study_of(series(tmp_path / "series", stray))
    made = objects(study, tmp_path / "out", identified)
    for path in made.values():
        assert errors(path) == []
    dataset = dcmread(made["segmentation.dcm"])
    assert (dataset.PatientSex, dataset.StudyDate, dataset.StudyTime) == ("", "", "")
    assert dataset.PatientBirthDate == ("19610203" if identified else "")
    assert str(dataset.ReferringPhysicianName) == ("Carter^Ann" if identified else "")
    assert len({dcmread(path).StudyInstanceUID for path in made.values()}) == 1
    assert dataset.FrameOfReferenceUID


@settings(deadline=None, max_examples=60)
@given(value=st.text(max_size=90), raw=st.binary(max_size=30))
def test_any_text_in_a_header_becomes_a_value_that_can_be_written(value: str, raw: bytes) -> None:
    from io import BytesIO

    from pydicom import config

    header = Dataset()
    with config.disable_value_validation():
        for tag, vr in (
            (0x00100010, "PN"),
            (0x00100020, "LO"),
            (0x00100030, "DA"),
            (0x00100040, "CS"),
            (0x00080030, "TM"),
        ):
            header.add_new(tag, vr, value)
        header.add_new(0x00080050, "OB", raw)
    made = cleaned(header, "1.2.3", identified=True)
    made.save_as(BytesIO(), implicit_vr=False, little_endian=True)
    assert all(len(group) <= 64 for group in str(made.PatientName).split("="))
    assert made.PatientSex in ("", "M", "F", "O")


def lossy(dataset: FileDataset) -> None:
    dataset.LossyImageCompression, dataset.LossyImageCompressionRatio = "01", 12.5


def test_what_comes_of_lossy_images_says_so(tmp_path: Path) -> None:
    made = objects(study_of(series(tmp_path / "series", lossy)), tmp_path / "out", identified=False)
    segments = dcmread(made["segmentation.dcm"])
    assert (segments.LossyImageCompression, segments.LossyImageCompressionRatio) == ("01", 12.5)
    assert errors(made["segmentation.dcm"]) == []


def test_images_that_have_gone_are_told(tmp_path: Path) -> None:
    source = series(tmp_path / "series")
    study = study_of(source)
    (source / "1.dcm").unlink()
    with pytest.raises(UnreadableError, match=r"1\.dcm: there is no such file"):
        reference_images(study, identified=False)


def test_the_picture_is_the_overlay_and_refers_to_the_slice_it_shows(tmp_path: Path) -> None:
    from io import BytesIO

    from PIL import Image

    source = series(tmp_path / "series")
    study = study_of(source)
    capture = dcmread(objects(study, tmp_path / "out", identified=False)["overlay.dcm"])
    np.testing.assert_array_equal(capture.pixel_array, np.asarray(Image.open(BytesIO(PICTURE)).convert("RGB")))
    (shown,) = capture.SourceImageSequence
    theirs = {dcmread(path).SOPInstanceUID: dcmread(path).pixel_array for path in source.iterdir()}
    np.testing.assert_array_equal(theirs[shown.ReferencedSOPInstanceUID], study.image.array[study.mid_slice])
    assert capture.BurnedInAnnotation == "NO"
    assert (capture.BodyPartExamined, capture.PatientOrientation) == ("LSPINE", ["P", "F"])
    told(tool("dcm2pnm"), "--write-png", tmp_path / "out" / "overlay.dcm", tmp_path / "back.png")
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "back.png").convert("RGB")), capture.pixel_array)
