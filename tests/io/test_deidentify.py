"""De-identification, attribute by attribute: what goes, what stays, what stands in its place."""

from __future__ import annotations

import dataclasses
import re
from io import BytesIO
from typing import Any

import making_dicom
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydicom import Dataset, config, datadict, dcmread
from pydicom.encaps import encapsulate, generate_frames
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.tag import Tag
from pydicom.uid import (
    UID,
    EnhancedMRImageStorage,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    MRImageStorage,
)

from lumbardisc.io.deidentify import OPTIONS, header
from lumbardisc.io.deidentify.actions import ACTIONS, OUTCOMES, Cleaning
from lumbardisc.io.deidentify.names import Naming
from lumbardisc.io.deidentify.options import BASIC_PROFILE, chosen
from lumbardisc.io.deidentify.profile import Profile, table
from lumbardisc.io.deidentify.safe import SAFE, TEXT
from lumbardisc.io.deidentify.secret import Secret
from lumbardisc.io.dicom_values import quietly

SECRET = Secret(bytes(range(32)))
MARK = "ZQXMARK"
MARKED = {
    **dict.fromkeys(("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UT", "UR"), MARK),
    **{"DA": "19610312", "DT": "19610312040506", "TM": "040506.123", "AS": "077Y", "UI": "1.2.826.0.1.77.19610312"},
    **dict.fromkeys(("DS", "IS"), "19610312"),
    **dict.fromkeys(("OB", "UN", "OB or OW"), MARK.encode() + b"\0"),
}
MARKS = (MARK.encode(), b"19610312", b"040506.123", b"077Y")
EVERY = [(Tag(tag), row[0]) for tag, row in datadict.DicomDictionary.items() if Tag(tag).group not in (0, 2, 4)]


def cleaned(dataset: Dataset, *options: str, loose: bool | None = None) -> Dataset:
    """What becomes of an object."""
    how = cleaning(*options, loose=header.is_loose(dataset) if loose is None else loose, names=header.names_in(dataset))
    with quietly():
        header.clean(dataset, how)
    return dataset


def cleaning(*options: str, loose: bool = True, names: Naming | None = None) -> Cleaning:
    return Cleaning(Profile(chosen(options)), SECRET, "PSEUDONYM", -100, loose, names)


def image(**tags: Any) -> Dataset:
    return making_dicom.image(making_dicom.Series(), 0, **tags)


def attribute(tag: int, vr: str, value: Any) -> Dataset:
    """An object of one attribute, cleaned by the Basic Profile."""
    dataset = Dataset()
    with quietly():
        dataset.add_new(tag, vr, value)
        cleaning().clean(dataset)
    return dataset


def saved(dataset: Dataset) -> bytes:
    stream = BytesIO()
    with quietly():
        dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def all_marked(keep: frozenset[str]) -> Dataset:
    """Every attribute of the standard whose type holds text, numbers in text or bytes, but those of ``keep``."""
    dataset = Dataset()
    for tag, vr in EVERY:
        if vr in MARKED and datadict.keyword_for_tag(tag) not in keep:
            dataset.add_new(tag, vr.split()[0], MARKED[vr])
    return dataset


def below(dataset: Dataset, *keywords: str) -> Dataset:
    """The only item of the sequence in the sequence ... of an object."""
    for keyword in keywords:
        dataset = dataset[keyword].value[0]
    return dataset


# nothing of any attribute of the standard, at any depth


@pytest.mark.parametrize("options", [(), tuple(OPTIONS)], ids=["profile", "every option"])
@pytest.mark.parametrize("sop_class", [MRImageStorage, EnhancedMRImageStorage])
def test_no_attribute_lets_a_mark_through(sop_class: str, options: tuple[str, ...]) -> None:
    kept = frozenset(keyword for name in options for keyword in OPTIONS[name].actions)
    dataset = image()
    with quietly():
        marked = all_marked(SAFE | kept)
        dataset.update(marked)
        deep = dataset
        for keyword in ("DerivationImageSequence", "SourceImageSequence", "PurposeOfReferenceCodeSequence"):
            item = Dataset()
            item.update(marked)
            setattr(deep, keyword, Sequence([item]))
            deep = item
        for tag, vr in EVERY:  # and in every sequence that there is
            if vr == "SQ" and tag not in dataset:
                item = Dataset()
                item.PatientComments = MARK
                dataset.add_new(tag, "SQ", [item])
        dataset.SOPClassUID = sop_class
        out = saved(cleaned(dataset, *options))
    spared = {"dates": b"040506.123", "uids": b"19610312"}  # times of day stay, and the UIDs hold the date
    marks = [mark for mark in MARKS if mark not in {spared[name] for name in options if name in spared}]
    assert [mark for mark in marks if mark in out] == []


def test_every_attribute_of_the_table_loses_its_value() -> None:
    assert [f"{tag:08x}" for tag in table() if not loses_its_value(tag)] == []


def loses_its_value(tag: int) -> bool:
    vr = datadict.dictionary_VR(tag) if datadict.dictionary_has_tag(tag) else "LO"  # newer than pydicom's dictionary
    inner = Dataset()
    inner.PatientComments = MARK
    value = [inner] if vr == "SQ" else MARKED.get(vr, 7)
    after = attribute(tag, vr, value)
    return MARK not in str(after) and (vr == "SQ" or tag not in after or after[tag].value != value)


def test_the_table_is_that_of_the_standard() -> None:
    told = {"PatientName": "Z", "PatientSex": "Z", "StudyDate": "Z", "SOPInstanceUID": "U", "PatientAge": "X"}
    told |= {
        "AcquisitionDateTime": "X/Z/D",
        "DeviceSerialNumber": "X/Z/D",
        "ContentDate": "Z/D",
        "OperatorsName": "X/Z/D",
    }
    assert {keyword: table()[datadict.tag_for_keyword(keyword)] for keyword in told} == told
    assert {letter for action in table().values() for letter in action.split("/")} == {*"XZDU"}
    assert len(table()) > 600


def test_no_safe_attribute_is_in_the_table() -> None:
    tags = {keyword: datadict.tag_for_keyword(keyword) for keyword in SAFE}
    assert None not in tags.values()
    assert [keyword for keyword, tag in tags.items() if tag in table()] == []


def test_every_safe_text_was_decided_on() -> None:
    texts = {"LO", "LT", "PN", "SH", "ST", "UC", "UT", "UR", "AE", "UN", "OB"}
    assert {keyword for keyword in SAFE if datadict.dictionary_VR(datadict.tag_for_keyword(keyword)) in texts} == TEXT


@pytest.mark.parametrize("tag", [0x00091001, 0x50000010, 0x60003000, 0x60020010, 0x00080001, 0x77777777, 0x0010FFFF])
def test_private_unknown_curves_and_overlays_go(tag: int) -> None:
    assert tag not in attribute(tag, "LO", MARK)


@given(st.text(st.characters(codec="ascii", exclude_characters="\\\0"), max_size=30))
def test_text_in_a_number_goes(text: str) -> None:
    dataset = image()
    with quietly(), config.disable_value_validation():
        dataset.pop("RepetitionTime")
        dataset.add_new("RepetitionTime", "LO", text)
    assert "RepetitionTime" not in cleaned(dataset)


@pytest.mark.parametrize(
    ("vr", "value"), [("DS", b"Roe^Jane"), ("IS", b"47 Doe  "), ("CS", b"DOE^JANE"), ("CS", b"Jane Doe of 12 March  ")]
)
def test_a_value_that_is_not_of_its_type_goes(vr: str, value: bytes) -> None:
    keyword = {"DS": "SliceThickness", "IS": "SeriesNumber", "CS": "BodyPartExamined"}[vr]
    raw = saved(image(SliceThickness="4.500000", SeriesNumber="12345678", BodyPartExamined="LSPINE".ljust(22, "X")))
    before = {"DS": b"4.500000", "IS": b"12345678", "CS": b"LSPINE".ljust(22, b"X")}[vr]
    raw = raw.replace(before, value.ljust(len(before)))
    assert value in raw
    with quietly():
        assert keyword not in cleaned(dcmread(BytesIO(raw), force=True))


# what stands in its place


def test_patient_and_study() -> None:
    after = cleaned(image(PatientBirthDate="19610312", StudyDate="20240229", AccessionNumber="A1", PatientAge="063Y"))
    assert after.PatientName == after.PatientID == "PSEUDONYM"
    assert not any(after[one].value for one in ("PatientBirthDate", "StudyDate", "AccessionNumber"))
    assert "PatientAge" not in after
    assert after.PatientIdentityRemoved == "YES"
    assert after.LongitudinalTemporalInformationModified == "REMOVED"
    assert "2026c" in after.DeidentificationMethod
    (code,) = after.DeidentificationMethodCodeSequence
    assert (code.CodeValue, code.CodingSchemeDesignator) == ("113100", "DCM")


def test_the_first_of_a_choice_in_a_classic_image_and_the_last_in_others() -> None:
    tags = {"AcquisitionDateTime": "20240229", "ContentDate": "20240229", "DeviceSerialNumber": "77"}
    classic, enhanced = (cleaned(image(**tags, SOPClassUID=one)) for one in (MRImageStorage, EnhancedMRImageStorage))
    assert "AcquisitionDateTime" not in classic
    assert "DeviceSerialNumber" not in classic
    assert not classic["ContentDate"].value
    assert enhanced.AcquisitionDateTime == "19000101000000"
    assert enhanced.ContentDate == "19000101"
    assert enhanced.DeviceSerialNumber == "REMOVED"


def test_uids_are_new_and_the_same_everywhere() -> None:
    dataset = image()
    for keyword in ("SourceImageSequence", "ReferencedImageSequence"):
        source = Dataset()
        source.ReferencedSOPClassUID, source.ReferencedSOPInstanceUID = MRImageStorage, dataset.SOPInstanceUID
        setattr(dataset, keyword, [source])
    old = {one: str(dataset[one].value) for one in ("SOPInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID")}
    after = cleaned(dataset)
    assert {one: str(after[one].value) for one in old} == {one: SECRET.uid(uid) for one, uid in old.items()}
    for keyword in ("SourceImageSequence", "ReferencedImageSequence"):
        assert below(after, keyword).ReferencedSOPInstanceUID == after.SOPInstanceUID
        assert below(after, keyword).ReferencedSOPClassUID == MRImageStorage
    assert after.file_meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID
    assert all(re.fullmatch(r"2\.25\.[1-9]\d{0,38}", uid) for uid in map(SECRET.uid, old.values()))


def test_codes_of_a_hospital_are_blanked() -> None:
    local, public = Dataset(), Dataset()
    local.CodeValue, local.CodingSchemeDesignator, local.CodeMeaning = "4711", "99CLINIC", "spine of Mrs Doe"
    public.CodeValue, public.CodingSchemeDesignator, public.CodeMeaning = "122496007", "SCT", "Lumbar spine"
    after = cleaned(image(AnatomicRegionSequence=[local], ViewCodeSequence=[local], DerivationCodeSequence=[public]))
    assert below(after, "AnatomicRegionSequence").CodeMeaning == "REMOVED"
    assert below(after, "DerivationCodeSequence").CodeMeaning == "Lumbar spine"
    assert "ViewCodeSequence" not in after
    assert "Doe" not in str(after)


def test_codes_say_what_they_say_in_public() -> None:
    def code(value: str, scheme: str, meaning: str) -> Dataset:
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
        item.CodingSchemeVersion = MARK
        return item

    bare = Dataset()
    bare.CodeValue, bare.CodeMeaning = MARK, "Mrs Doe"
    items = [
        code("122496007", "SCT", "spine of Mrs Doe"),
        code("61853006", "SCT", "Vertebral canal"),  # one of its two meanings
        code("T-11504", "SRT", "Lumbar vertebra L4"),  # not in the dictionary, but of known words
        code("T-11504", "SRT", "spine of Mrs Doe"),
        code("Doe", "SCT", "Lumbar spine"),
        code("4711", "99CLINIC", "Lumbar spine"),
        bare,
    ]
    with quietly():
        after = cleaned(image(DerivationCodeSequence=items)).DerivationCodeSequence
    assert [(item.CodeValue, item.CodeMeaning) for item in after] == [
        ("122496007", "Lumbar spine"),
        ("61853006", "Vertebral canal"),
        ("T-11504", "Lumbar vertebra L4"),
        ("T-11504", "REMOVED"),
        *[("REMOVED", "REMOVED")] * 3,
    ]
    assert not [item for item in after if "CodingSchemeVersion" in item]
    assert [item.get("CodingSchemeDesignator") for item in after[4:]] == ["99REMOVED", "99REMOVED", None]


def test_text_in_a_uid_of_the_standard_is_replaced() -> None:
    dataset = image()
    with quietly():
        making_dicom.put(dataset, "FrameOfReferenceUID", b"1.2.840.10008.Doe^Jane")
        making_dicom.put(dataset, "SynchronizationFrameOfReferenceUID", b"1.2.840.10008.1.4.1.1")
    after = cleaned(dataset)
    assert after.FrameOfReferenceUID == SECRET.uid("1.2.840.10008.Doe^Jane")
    assert after.SynchronizationFrameOfReferenceUID == "1.2.840.10008.1.4.1.1"


def test_a_text_that_names_somebody_of_the_header_goes() -> None:
    people = {"PatientName": "Röntgen^Eva Maria", "OperatorsName": "Li^Bo", "PatientID": "KB-4711"}
    words = {
        "SequenceName": "*tse_EVA1",
        "ReceiveCoilName": "MARIA",
        "ManufacturerModelName": "made for kb-4711",
        "SoftwareVersions": "vroentgenröntgen",
        "ScanOptions": ["FS", "EVA"],
        "RescaleType": "EVALUATED",  # a word of three letters within another is none
        "Manufacturer": "Libo",  # words of two letters name nobody
    }
    after = cleaned(image(SpecificCharacterSet="ISO_IR 192", **people, **words))
    assert {*words} & {element.keyword for element in after} == {"RescaleType", "Manufacturer"}
    numbers = {"PatientID": "KARLA_01", "AccessionNumber": "99887"}
    after = cleaned(image(**numbers, SequenceName="karla", ReceiveCoilName="99887x"))
    assert not {"SequenceName", "ReceiveCoilName"} & {element.keyword for element in after}
    assert "SequenceName" in cleaned(image(PatientName="Lumbar^Tse", SequenceName="*tse2d", PatientID="tse2"))


@pytest.mark.parametrize("name", ["山田^太郎", "Müller^Özlem", "Иванова^Анна"])
def test_names_of_any_alphabet(name: str) -> None:
    surname = name.split("^")[0]
    dataset = image(SpecificCharacterSet="ISO_IR 192", PatientName=name, SoftwareVersions=f"v1 {surname}")
    assert "SoftwareVersions" not in cleaned(dataset)


def test_what_users_write_into_codes_of_their_own_goes() -> None:
    words = {"BodyPartExamined": "DOE JANE", "ContentLabel": "MRS_DOE"}
    after = cleaned(image(**words))
    assert "BodyPartExamined" not in after
    assert after.ContentLabel == "REMOVED"
    assert cleaned(image(BodyPartExamined="LSPINE")).BodyPartExamined == "LSPINE"


def test_dates_are_no_numbers() -> None:
    dataset = image()
    for keyword in ("SliceThickness", "EchoTime", "SeriesNumber"):
        making_dicom.put(dataset, keyword, b"12.03.1961")
    assert not {"SliceThickness", "EchoTime", "SeriesNumber"} & {element.keyword for element in cleaned(dataset)}


def test_nothing_lies_behind_the_pixels_nor_below_the_root() -> None:
    dataset = image()
    whole = bytes(dataset.PixelData)
    inner = Dataset()
    inner.PixelData, inner["PixelData"].VR = MARK.encode() + b"\0", "OB"
    dataset.PixelData = whole + MARK.encode() + b"\0"
    dataset.DerivationImageSequence = [inner]
    after = cleaned(dataset)
    assert after.PixelData == whole
    assert MARK.encode() not in saved(after)


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGBaseline8Bit, JPEGLSLossless])
def test_comments_in_compressed_pixels_are_blanked(syntax: UID) -> None:
    plane = np.arange(64 * 64, dtype=np.uint8).reshape(64, 64)
    stream = jpeg(plane, syntax)
    kind = b"\xff\x64\x00" if syntax == JPEG2000Lossless else b"\xff\xfe\x00"
    place = stream.index(b"\xff\x52") if syntax == JPEG2000Lossless else 2
    commented = stream[:place] + kind + bytes([2 + len(MARK)]) + MARK.encode() + stream[place:]
    dataset = image(BitsAllocated=8, BitsStored=8, HighBit=7, Rows=64, Columns=64)
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.PixelData = encapsulate([commented])
    dataset["PixelData"].VR = "OB"
    before = dcmread(BytesIO(saved(dataset)))
    after = dcmread(BytesIO(saved(cleaned(dataset))))
    assert MARK.encode() in before.PixelData
    assert MARK.encode() not in after.PixelData
    assert len(after.PixelData) == len(before.PixelData)
    np.testing.assert_array_equal(after.pixel_array, before.pixel_array)


def jpeg(plane: np.ndarray, syntax: UID) -> bytes:
    """A plane compressed by Pillow, or by pydicom's own encoders where that cannot."""
    if syntax == JPEGBaseline8Bit:
        stream = BytesIO()
        Image.fromarray(plane).save(stream, "jpeg")
        return stream.getvalue()
    dataset = image(BitsAllocated=8, BitsStored=8, HighBit=7, Rows=64, Columns=64, PixelData=plane.tobytes())
    dataset.compress(syntax)
    return next(generate_frames(dataset.PixelData, number_of_frames=1))


# options, a row each


def test_dates_move_together() -> None:
    tags = {"StudyDate": "20240301", "AcquisitionDateTime": "20240301121314.5+0100", "StudyTime": "121314"}
    after = cleaned(image(**tags, PatientBirthDate="19610312", SeriesDate="soon"), "dates")
    assert (after.StudyDate, after.AcquisitionDateTime) == ("20231122", "20231122121314.5+0100")  # 100 days before
    assert after.StudyTime == "121314"
    assert not after["PatientBirthDate"].value
    assert "SeriesDate" not in after
    assert after.LongitudinalTemporalInformationModified == "MODIFIED"


@pytest.mark.parametrize(("age", "told"), [("063Y", "063Y"), ("090Y", "090Y"), ("101Y", "090Y"), ("011M", "011M")])
def test_patient_characteristics(age: str, told: str) -> None:
    after = cleaned(image(PatientAge=age, PatientSex="F", PatientWeight="70", EthnicGroup="x"), "patient")
    assert (after.PatientAge, after.PatientSex, after.PatientWeight) == (told, "F", 70)
    assert "EthnicGroup" not in after


def test_device_and_uids() -> None:
    before = image(StationName="MR3", DeviceSerialNumber="77", InstitutionName="Clinic")
    uid = before.SOPInstanceUID
    after = cleaned(before, "device", "uids")
    assert (after.StationName, after.DeviceSerialNumber, after.SOPInstanceUID) == ("MR3", "77", uid)
    assert "InstitutionName" not in after


def test_safe_private_numbers() -> None:
    dataset = image()
    ours = dataset.private_block(0x0019, "LUMBARDISC PHANTOM", create=True)
    ours.add_new(0x01, "FD", 15.0)
    ours.add_new(0x02, "LO", MARK)
    philips = dataset.private_block(0x2005, "Philips MR Imaging DD 001", create=True)
    philips.add_new(0x0D, "LO", MARK)  # of another type than it should be
    philips.add_new(0x0E, "FL", 2.5)
    dataset.private_block(0x0029, "SIEMENS CSA HEADER", create=True).add_new(0x10, "OB", MARK.encode())
    kept = cleaned(dcmread(BytesIO(saved(dataset))), "private")
    assert kept.private_block(0x0019, "LUMBARDISC PHANTOM")[0x01].value == 15.0
    assert kept.private_block(0x2005, "Philips MR Imaging DD 001")[0x0E].value == 2.5
    assert MARK.encode() not in saved(kept)
    assert not [element for element in cleaned(dataset) if element.tag.is_private]


def test_descriptions_of_known_words() -> None:
    words = {"SeriesDescription": "t2_tse_sag lumbar", "ProtocolName": "T1 SAG", "ImageComments": "TSL 15 ms"}
    after = cleaned(image(**words, StudyDescription="spine of Mrs Doe"), "descriptions")
    assert {one: after[one].value for one in words} == words
    assert "StudyDescription" not in after
    assert not {*words} & {element.keyword for element in cleaned(image(**words))}


def test_every_option_is_coded_as_the_standard_has_it() -> None:
    group = {code.value: code.meaning for name in dir(codes.DCM) if isinstance(code := getattr(codes.DCM, name), tuple)}
    for option in (BASIC_PROFILE, *OPTIONS.values()):
        assert group[option.code] == option.meaning
        assert {*option.actions.values()} <= {*ACTIONS}
    after = cleaned(image(), *OPTIONS)
    told = [item.CodeValue for item in after.DeidentificationMethodCodeSequence]
    assert told == [BASIC_PROFILE.code, *(option.code for option in OPTIONS.values())]
    again = cleaned(after, "dates")
    assert [item.CodeValue for item in again.DeidentificationMethodCodeSequence] == told
    assert {*OUTCOMES} == {*ACTIONS}


def test_what_was_done_is_told_without_values() -> None:
    how = cleaning()
    dataset = image(PatientComments="told me", ReferringPhysicianName="Dr^A")
    with quietly():
        header.clean(dataset, how)
    assert {("PatientComments", "removed"), ("ReferringPhysicianName", "emptied")} <= how.done
    assert {("SOPInstanceUID", "new UIDs"), ("Rows", "kept")} <= how.done
    assert "told me" not in str(how.done)
    assert dataclasses.asdict(how)["secret"] != str(how.secret)
    assert "1f" not in repr(how.secret)
