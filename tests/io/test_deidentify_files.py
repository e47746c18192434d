"""De-identification of files, folders and zips: what comes out where, whole or not at all, and still fits together."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from zipfile import ZipFile

import highdicom
import making_dicom
import numpy as np
import pytest
import real_tools
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from making_dicom import Series
from numpy.typing import NDArray
from pydicom import Dataset, dcmread, dcmwrite, uid
from pydicom.encaps import encapsulate, generate_frames
from pydicom.sr.codedict import codes
from pydicom.uid import UID

from lumbardisc import io
from lumbardisc.errors import LumbardiscError, OutputError, UsageError
from lumbardisc.io import dicom_write
from lumbardisc.io.deidentify import deidentify
from lumbardisc.io.deidentify.account import Account
from lumbardisc.io.dicom_values import quietly
from lumbardisc.volume import Volume

MARKS = (b"Doe", b"Jane", b"19610312")


def written(out: Path) -> list[Path]:
    return sorted(out.rglob("*.dcm"))


def pixels(dataset: Dataset) -> bytes:
    return bytes(dataset.PixelData)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Two series of one patient below a folder that is called after her."""
    folder = tmp_path / "Doe, Jane 1961"
    making_dicom.write(folder / "a" / "b", Series(slices=3), PatientBirthDate="19610312")
    making_dicom.enhanced(Series(slices=3, number=2, description="Jane's T1"), folder / "enhanced.dcm")
    return folder


def test_a_study_without_names(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    account = deidentify([study], out)
    assert (account.objects, len(account.studies), len(account.series), account.failures) == (4, 1, 2, [])
    (pseudonym,) = account.patients
    assert all(path.relative_to(out).parts[0] == pseudonym for path in written(out))
    everything = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert [mark for mark in MARKS if mark in everything] == []
    assert {dcmread(path).PatientID for path in written(out)} == {pseudonym}
    assert not [path for path in out.rglob("*") if "Doe" in path.name or "Jane" in path.name]
    rows = list(csv.DictReader((out / "deidentified.csv").open()))
    told = {(row["attribute"], row["outcome"]): int(row["objects"]) for row in rows}
    assert told["PatientBirthDate", "emptied"] == 3
    assert told["SOPInstanceUID", "new UIDs"] == 4
    record = json.loads((out / "deidentified.json").read_text())
    assert (record["images"], record["series"], record["patients"]) == (4, 2, [pseudonym])
    assert record["attributes"]["removed"] == {"SeriesDescription": 4}


def test_the_volume_is_the_same(study: Path, tmp_path: Path) -> None:
    deidentify([study], tmp_path / "out")
    before, after = (sorted(stacks(folder), key=lambda one: one.series) for folder in (study, tmp_path / "out"))
    assert [one.series for one in after] == [one.series for one in before]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(other.array, one.array)
        np.testing.assert_array_equal(other.affine, one.affine)


def stacks(folder: Path) -> list[SimpleNamespace]:
    """The volumes of both series, read as `analyze` would."""
    found = []
    for series in ("1", "2"):
        (source,) = io.find([folder], series=series)
        volume = source.load().volume
        found.append(SimpleNamespace(series=series, array=volume.array, affine=volume.affine))
    return found


def test_the_same_secret_gives_the_same_names(study: Path, tmp_path: Path) -> None:
    key, link = tmp_path / "secrets" / "key", tmp_path / "who.csv"
    deidentify([study / "a"], tmp_path / "one", key=key, link=link, keep=["dates"])
    deidentify([study], tmp_path / "two", key=key)
    deidentify([study], tmp_path / "three")
    ones, twos, threes = (
        {dcmread(path).SOPInstanceUID for path in written(tmp_path / name)} for name in ("one", "two", "three")
    )
    assert ones < twos
    assert not twos & threes
    assert {path.relative_to(tmp_path / "one") for path in written(tmp_path / "one")} < {
        path.relative_to(tmp_path / "two") for path in written(tmp_path / "two")
    }
    assert stat.S_IMODE(key.stat().st_mode) == stat.S_IMODE(link.stat().st_mode) == 0o600
    (row,) = csv.DictReader(link.open())
    assert row["patient"] == "4711"
    assert (tmp_path / "one" / row["pseudonym"]).is_dir()
    assert int(row["dates_shifted_days"]) < 0
    texts = [path.read_text() for path in (tmp_path / "one").glob("deidentified.*")]
    assert not [text for text in texts if key.read_text().strip() in text]


def test_a_second_pass_changes_nothing_but_uids(study: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    deidentify([study], tmp_path / "one", key=key)
    deidentify([tmp_path / "one"], tmp_path / "two", key=key)
    deidentify([tmp_path / "one"], tmp_path / "again", key=key)
    assert [path.read_bytes() for path in written(tmp_path / "two")] == [
        path.read_bytes() for path in written(tmp_path / "again")
    ]
    for path in written(tmp_path / "two"):
        other = dcmread(path)
        codes = [item.CodeValue for item in other.DeidentificationMethodCodeSequence]
        assert codes == ["113100"]


SYNTAXES = {
    "implicit": uid.ImplicitVRLittleEndian,
    "big endian": uid.ExplicitVRBigEndian,
    "deflated": uid.DeflatedExplicitVRLittleEndian,
    "JPEG 2000": uid.JPEG2000Lossless,
    "RLE": uid.RLELossless,
}


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_pixels_and_compression_stay(syntax: UID, tmp_path: Path) -> None:
    source = making_dicom.image(Series(rows=64, columns=64), 2, PatientComments="Doe")
    if syntax.is_encapsulated:
        source.compress(syntax)
    source.file_meta.TransferSyntaxUID = syntax
    path = tmp_path / "in.dcm"
    if syntax == uid.ExplicitVRBigEndian:
        source.PixelData = np.frombuffer(source.PixelData, "<u2").astype(">u2").tobytes()
    order = syntax != uid.ExplicitVRBigEndian
    dcmwrite(path, source, implicit_vr=syntax.is_implicit_VR, little_endian=order, force_encoding=True)
    before = dcmread(path)
    account = deidentify([path], tmp_path / "out")
    assert (account.objects, account.failures, account.left_out) == (1, [], [])
    after = dcmread(written(tmp_path / "out")[0])
    assert after.file_meta.TransferSyntaxUID == syntax
    assert syntax == uid.JPEG2000Lossless or pixels(after) == pixels(before)
    np.testing.assert_array_equal(after.pixel_array, before.pixel_array)
    assert b"Doe" not in written(tmp_path / "out")[0].read_bytes()


def test_without_preamble_and_from_a_zip(study: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    source = making_dicom.image(Series(), 0)
    del source.file_meta
    source.save_as(bare, implicit_vr=True, little_endian=True)
    packed = tmp_path / "exam.zip"
    with ZipFile(packed, "w") as archive:
        archive.write(bare, "deep/IM1")
        archive.write(study / "enhanced.dcm", "Doe/IM2")
        archive.writestr("Doe/notes.txt", "Jane")
    account = deidentify([packed], tmp_path / "out")
    assert (account.objects, account.reasons) == (2, {"no DICOM file": 1})
    assert all(dcmread(path).file_meta.TransferSyntaxUID for path in written(tmp_path / "out"))


def test_patients_are_kept_apart(tmp_path: Path) -> None:
    people: list[dict[str, str]] = [
        {"PatientID": "1", "PatientName": "A"},
        {"PatientID": "2", "PatientName": "A"},
        {"PatientID": "", "PatientName": "B", "PatientBirthDate": "19610312"},
        {"PatientID": "", "PatientName": "B", "PatientBirthDate": "19700101"},
        {"PatientID": "", "PatientName": "", "StudyInstanceUID": "1.2.3"},
        {"PatientID": "", "PatientName": "", "StudyInstanceUID": "1.2.4"},
    ]
    for index, tags in enumerate(people):
        making_dicom.write(tmp_path / "in" / str(index), Series(slices=1), **tags)
    account = deidentify([tmp_path / "in"], tmp_path / "out")
    assert len(account.patients) == len(list((tmp_path / "out").glob("P*"))) == 6


def test_no_name_comes_through_from_anywhere_in_a_file(tmp_path: Path) -> None:
    person, image = Dataset(), making_dicom.image(Series(), 0, PatientBirthDate="19610312")
    person.PatientName, person.PatientBirthDate = "Doe^Jane", "19610312"
    image.preamble = b"JANE DOE".ljust(128, b"\1")
    image.file_meta.SourceApplicationEntityTitle = "DOE"
    image.file_meta.PrivateInformationCreatorUID, image.file_meta.PrivateInformation = "1.2.3", b"Doe^Jane"
    vendor = image.private_block(0x29, "SIEMENS CSA HEADER", create=True)
    vendor.add_new(0x10, "OB", b"Doe^Jane")
    vendor.add_new(0x11, "SQ", [person])
    image.OriginalAttributesSequence = image.ReferencedPatientSequence = image.IconImageSequence = [person]
    image.ICCProfile = image.EncapsulatedDocument = b"Doe^Jane"
    for group in (0x6000, 0x5000, 0x5002):  # overlays and curves
        image.add_new((group, 0x3000), "OB", b"Doe^Jane")
    image.StudyID = image.ImageComments = image.ProtocolName = image.BodyPartExamined = "Doe Jane"
    image.PixelData += b"Doe^Jane"
    with quietly():
        making_dicom.save(image, tmp_path / "in")
    with (tmp_path / "in").open("ab") as file:
        file.write(b"\xfc\xff\xfc\xffOB\0\0\x08\0\0\0Doe^Jane")
    account = deidentify([tmp_path / "in"], tmp_path / "out", keep=["descriptions", "private"], keep_doubtful=True)
    (path,) = written(tmp_path / "out")
    data = path.read_bytes()
    assert account.objects == 1
    assert data[:128] == bytes(128)
    assert [mark for mark in MARKS if mark.lower() in data.lower()] == []


def test_a_sequence_of_unknown_type_is_cleaned_within(tmp_path: Path) -> None:
    source, image = Dataset(), making_dicom.image(Series(), 0)
    source.PatientName, source.ReferencedSOPClassUID = "Doe^Jane", uid.MRImageStorage
    image.SourceImageSequence = [source]
    image["SourceImageSequence"].VR = "UN"
    inner = BytesIO()
    dcmwrite(inner, source, implicit_vr=True, little_endian=True)
    item = b"\xfe\xff\x00\xe0" + len(inner.getvalue()).to_bytes(4, "little") + inner.getvalue()
    making_dicom.put(image, "SourceImageSequence", item, "UN")
    making_dicom.save(image, tmp_path / "in")
    assert b"Doe^Jane" in (tmp_path / "in").read_bytes()
    deidentify([tmp_path / "in"], tmp_path / "out")
    assert b"Doe" not in written(tmp_path / "out")[0].read_bytes()


def test_leading_zeros_of_a_number_count(tmp_path: Path) -> None:
    for number in ("42", "0042", " 42 "):
        making_dicom.write(tmp_path / "in" / number, Series(slices=1), PatientID=number)
    assert len(deidentify([tmp_path / "in"], tmp_path / "out").patients) == 2


TWO_PEOPLE = {
    "PatientBirthDate": ("", "19610312", "19700101"),
    "PatientName": ("", "Doe^Jane", "Roe^Jim"),
    "IssuerOfPatientID": ("", "Nord", "Sued"),
}


@pytest.mark.parametrize("keyword", TWO_PEOPLE)
def test_two_people_under_one_number_are_told(keyword: str, tmp_path: Path) -> None:
    for value in TWO_PEOPLE[keyword]:
        making_dicom.write(tmp_path / "in" / value, Series(slices=1), **{keyword: value})
    account = deidentify([tmp_path / "in"], tmp_path / "out")
    (warning,) = account.warnings
    assert warning.startswith(f"{next(iter(account.patients))}: its images tell several names, dates of birth")
    assert not [value for value in TWO_PEOPLE[keyword][1:] if value in warning]


# what stays behind


def refused(tmp_path: Path, make: Callable[[Path], object]) -> Account:
    """The account of a good image and what ``make`` puts beside it."""
    folder = tmp_path / "in"
    making_dicom.write(folder / "good", Series(slices=1))
    make(folder)
    account = deidentify([folder], tmp_path / "out")
    assert account.objects == 1
    assert not list(tmp_path.glob(".lumbardisc*"))
    return account


def no_image(folder: Path) -> None:
    document = making_dicom.image(Series(), 0, SOPClassUID=uid.EncapsulatedPDFStorage, EncapsulatedDocument=b"Doe ")
    for keyword in ("PixelData", "Rows", "Columns"):
        del document[keyword]
    making_dicom.save(document, folder / "report.dcm")


def test_what_is_no_image_stays(tmp_path: Path) -> None:
    (reason,) = refused(tmp_path, no_image).reasons
    assert reason == "no image (Encapsulated PDF Storage), and only images can be cleaned"


def test_a_class_that_nobody_knows_is_not_told(tmp_path: Path) -> None:
    def named(folder: Path) -> None:
        document = making_dicom.image(Series(), 0, SOPClassUID="Doe^Jane")
        del document["PixelData"]
        making_dicom.save(document, folder / "x")

    with quietly():
        (reason,) = refused(tmp_path, named).reasons
    assert reason == "no image (of a kind that the standard does not know), and only images can be cleaned"


def test_copies_stay(tmp_path: Path) -> None:
    def copy(folder: Path) -> None:
        (path,) = (folder / "good").iterdir()
        (folder / "copy").write_bytes(path.read_bytes())

    assert refused(tmp_path, copy).reasons == {"a second copy of an image": 1}


def cut(folder: Path) -> None:
    making_dicom.write(folder, Series(slices=1, number=9))
    (path,) = folder.glob("IM009*")
    path.write_bytes(path.read_bytes()[:-200])


def nameless(folder: Path) -> None:
    making_dicom.save(making_dicom.image(Series(), 0, StudyInstanceUID=""), folder / "x")


def crowded(folder: Path) -> None:
    image = making_dicom.image(Series(rows=64, columns=64), 0)
    image.compress(uid.RLELossless)
    frame = next(generate_frames(image.PixelData, number_of_frames=1))
    image.PixelData = encapsulate([frame, frame])
    making_dicom.save(image, folder / "x")


FAILURES = {
    "holds more images than its header says": crowded,
    "is cut off": cut,
    "has no StudyInstanceUID": nameless,
    "is no DICOM file": lambda folder: (folder / "x.dcm").write_bytes(b"\0" * 200),
    "is not a whole zip archive": lambda folder: (folder / "x.zip").write_bytes(b"PK"),
}


@pytest.mark.parametrize("reason", FAILURES)
def test_damaged_files_are_told_and_stop_no_other(reason: str, tmp_path: Path) -> None:
    if "zip" in reason:
        FAILURES[reason](tmp_path)
        making_dicom.write(tmp_path / "in", Series(slices=1))
        account = deidentify([tmp_path / "x.zip", tmp_path / "in"], tmp_path / "out")
        assert account.objects == 1
    else:
        account = refused(tmp_path, FAILURES[reason])
    (line,) = account.failures
    assert reason in line
    assert ";" in line


def test_a_zip_in_a_zip_is_told(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr("inner.zip", b"PK")
    (line,) = deidentify([tmp_path / "in.zip"], tmp_path / "out").failures
    assert "is a zip in a zip" in line


def test_a_directory_of_a_disc_stays(tmp_path: Path) -> None:
    index = making_dicom.image(Series(), 0)
    for keyword in ("PixelData", "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "Rows"):
        del index[keyword]
    index.file_meta.MediaStorageSOPClassUID = uid.MediaStorageDirectoryStorage
    index.save_as(tmp_path / "DICOMDIR")
    (reason,) = deidentify([tmp_path / "DICOMDIR"], tmp_path / "out").reasons
    assert "Media Storage Directory Storage" in reason


@given(place=st.integers(130, 1500), junk=st.binary(min_size=1, max_size=8))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_bytes_never_stop_it(place: int, junk: bytes, tmp_path: Path) -> None:
    whole = BytesIO()
    making_dicom.image(Series(), 0).save_as(whole, enforce_file_format=True)
    data = bytearray(whole.getvalue())
    data[place : place + len(junk)] = junk
    folder = Path(mkdtemp(dir=tmp_path))
    (folder / "x.dcm").write_bytes(data)
    account = deidentify([folder / "x.dcm"], folder / "out")
    assert account.objects + len(account.failures) + len(account.left_out) == 1
    assert (folder / "out").exists() == bool(account.objects)
    assert not list(folder.glob(".lumbardisc*"))


def test_where_it_may_not_write(study: Path, tmp_path: Path) -> None:
    out, there = tmp_path / "out", tmp_path / "there"
    there.mkdir()
    (there / "mine.txt").write_text("mine")
    wrong: list[tuple[type[LumbardiscError], Path, dict[str, Path]]] = [
        (OutputError, there, {}),
        (UsageError, study / "out", {}),
        (UsageError, out, {"key": out / "key"}),
        (UsageError, out, {"link": out}),
        (UsageError, out, {"key": tmp_path / "new", "link": tmp_path / "new"}),
        (UsageError, out, {"link": there / "mine.txt"}),
        (UsageError, out, {"key": there / "mine.txt"}),
    ]
    for error, place, how in wrong:
        with pytest.raises(error):
            deidentify([study], place, **how)  # type: ignore[arg-type]
    assert (there / "mine.txt").read_text() == "mine"
    assert not out.exists()
    assert not (tmp_path / "new").exists()
    out.mkdir()  # an empty folder is as good as none
    assert deidentify([study], out).objects == 4


def test_nothing_is_written_where_nothing_can_be(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.txt").write_text("x")
    account = deidentify([tmp_path / "in"], tmp_path / "out", link=tmp_path / "link")
    assert account.objects == 0
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


# real programs


@pytest.mark.parametrize("keep", [(), ("dates", "patient", "device", "descriptions")])
def test_no_new_errors(spine: Volume, tmp_path: Path, keep: tuple[str, ...]) -> None:
    real_tools.tool("dciodvfy")
    acquisition = dicom_write.Acquisition(1, "t2_tse_sag", "t2", "SE", 3500, 110, 150, 1.5, 4.0)
    (first, *_) = dicom_write.save_dicom(
        spine, tmp_path / "in", dicom_write.Subject("Doe^Jane", "4711", "k"), acquisition
    )
    deidentify([first], tmp_path / "out", keep=keep)
    (path,) = written(tmp_path / "out")
    assert real_tools.errors(path) == real_tools.errors(first)
    assert "PatientIdentityRemoved" in real_tools.told(real_tools.tool("dcmdump"), path)


def test_no_new_errors_in_an_enhanced_object(tmp_path: Path) -> None:
    making_dicom.enhanced(Series(slices=3), tmp_path / "in.dcm")
    deidentify([tmp_path / "in.dcm"], tmp_path / "out")
    (path,) = written(tmp_path / "out")
    assert set(real_tools.errors(path)) <= set(real_tools.errors(tmp_path / "in.dcm"))


def test_a_segmentation_still_refers_to_its_images(tmp_path: Path) -> None:
    paths = making_dicom.write(tmp_path / "in", Series(slices=3))
    making_dicom.save(segmentation(paths), tmp_path / "in" / "seg.dcm")
    deidentify([tmp_path / "in"], tmp_path / "out")
    found = {path: dcmread(path) for path in written(tmp_path / "out")}
    images = {one.SOPInstanceUID: one for one in found.values() if one.Modality == "MR"}
    (place,) = (path for path, one in found.items() if one.Modality == "SEG")
    assert set(real_tools.errors(place)) <= set(real_tools.errors(tmp_path / "in" / "seg.dcm"))
    labels = highdicom.seg.segread(place)
    assert {instance for *_, instance in labels.get_source_image_uids()} == set(images)
    assert {one.FrameOfReferenceUID for one in images.values()} == {labels.FrameOfReferenceUID}
    assert labels.get_segment_description(1).SegmentLabel == "disc L4/L5"
    assert labels.get_segment_description(2).SegmentLabel == "REMOVED"
    array = labels.get_pixels_by_source_instance(list(images), segment_numbers=[1])
    np.testing.assert_array_equal(array[..., 0], mask() == 1)
    assert b"Doe" not in place.read_bytes()


def mask() -> NDArray[np.uint8]:
    """(slice, row, column) labels of two segments."""
    labels = np.zeros((3, 24, 20), np.uint8)
    labels[:, 4:9, 3:8], labels[1, 12:15, 3:8] = 1, 2
    return labels


def segmentation(paths: list[Path]) -> Dataset:
    """Two segments on some images, one of them called by a patient's name."""
    sources = sorted(map(dcmread, paths), key=lambda one: -float(one.ImagePositionPatient[0]))
    for source in sources:  # what highdicom wants of an image
        source.PatientBirthDate = source.PatientSex = source.AccessionNumber = source.StudyID = ""
        source.StudyDate = source.StudyTime = source.ReferringPhysicianName = source.PositionReferenceIndicator = ""
    bone = (codes.SCT.Tissue, codes.SCT.Bone, "MANUAL")
    segments = [
        highdicom.seg.SegmentDescription(number, label, *bone, tracking_uid=uid.generate_uid(), tracking_id=label)
        for number, label in enumerate(("disc L4/L5", "lesion of Jane Doe"), 1)
    ]
    return highdicom.seg.Segmentation(
        sources, mask(), "BINARY", segments, uid.generate_uid(), 9, uid.generate_uid(), 1,
        manufacturer="ACME", manufacturer_model_name="M", software_versions="1", device_serial_number="77",
        content_creator_name="Doe^Jane", content_description="of Doe",
    )  # fmt: skip
