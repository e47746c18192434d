"""Whose images they are: patients are kept apart whatever their UIDs say, copies are not read twice."""

from __future__ import annotations

import shutil
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from making_dicom import Series, enhanced, image, save, write, write_raw
from pydicom import dcmread, uid

from lumbardisc.errors import UnreadableError
from lumbardisc.io import find
from lumbardisc.io.patient import Patient, people

JANE = {"PatientName": "Doe^Jane", "PatientID": "1", "PatientBirthDate": "19700101"}
JOHN = {"PatientName": "Roe^John", "PatientID": "2", "PatientBirthDate": "19800101"}


def two(folder: Path, one: dict[str, str], other: dict[str, str], **same: str) -> tuple[Series, Series]:
    """Two patients' series in one folder, their values apart by 10000 and their files among each other."""
    first, second = Series(**same), Series(origin=(12.0, -30.0, 41.0), **same)
    folder.mkdir()
    for index in range(5):
        save(image(first, index, **one), folder / f"{index}a")
        theirs = image(second, index, **other)
        theirs.PixelData = (second.values(index) + 10000).tobytes()
        save(theirs, folder / f"{index}b")
    return first, second


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")  # no study, so a frame of reference called .1
@pytest.mark.parametrize("study", [uid.generate_uid(), ""], ids=["one UID", "none"])
@pytest.mark.parametrize("other", [JOHN, {**JANE, "PatientID": "2"}, {**JANE, "PatientBirthDate": "19800101"}])
def test_patients_with_the_same_uids_are_read_apart(tmp_path, study, other):
    """As a broken anonymiser leaves them: study, series and frame of reference are the same."""
    two(tmp_path / "all", JANE, other, study=study, series=uid.generate_uid(entropy_srcs=["one"]))
    sources = find([tmp_path / "all"])
    jane, john = (source.load() for source in sources)
    assert jane.volume.shape == john.volume.shape == (5, 24, 20)
    assert jane.volume.array.max() <= 10000 < john.volume.array.min()
    assert all("several patients" in " ".join(scan.warnings) for scan in (jane, john))
    assert sources[0].name != sources[1].name
    assert not any(name in f"{sources}{jane}{john}" for name in ("Jane", "JANE", "John", "19700101"))


def test_patients_with_studies_of_their_own_need_no_warning(tmp_path):
    write(tmp_path / "all" / "x", Series(study=uid.generate_uid()), **JANE)
    write(tmp_path / "all" / "y", Series(study=uid.generate_uid()), **JOHN)
    assert [source.load().warnings for source in find([tmp_path / "all"])] == [(), ()]


def test_files_named_one_by_one_are_kept_apart_too(tmp_path):
    two(tmp_path / "all", JANE, JOHN)
    assert [source.load().volume.shape[0] for source in find(sorted((tmp_path / "all").iterdir()))] == [5, 5]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("1", "1970", "Doe^Jane"), ("1", "1970", "DOE^JANE^^DR"), True),
        (("1", "1970", "Doe^Jane"), ("1", "1970", "Roe^Jane"), True),  # married
        (("1", "1970", "Doe^Jane"), ("1", "", ""), True),
        (("1 ", "", ""), ("1", "", ""), True),
        (("0012 ab", "1970.01.01", ""), ("12AB", "19700101", ""), True),
        (("000", "", ""), ("0", "", ""), True),
        (("1", "19700101", "Yamada^Tarou"), ("1", "19700101", "山田^太郎"), True),
        (("1", "19700101", "Müller^Jörg"), ("1", "19700101", "Mueller^Joerg"), True),
        (("1", "", "Yamada^Tarou=山田^太郎"), ("1", "", "山田^太郎"), True),
        (("1", "", "Doe^Jane"), ("1", "", "Jane Doe"), True),
        (("", "", ""), ("", "", ""), True),
        (("1", "", "Doe^Jane"), ("2", "", "Doe^Jane"), False),
        (("1", "1970", ""), ("1", "1971", ""), False),
        (("ANON", "", "Doe^Jane"), ("ANON", "", "Roe^John"), False),
        (("ANON", "19000101", "Patient 1"), ("ANON", "19000101", "Patient 2"), False),
        (("0", "", ""), ("1", "", ""), False),
    ],
)
def test_who_is_the_same(one, other, same):
    first, second = Patient.of(*one), Patient.of(*other)
    assert first.is_another_than(second) is second.is_another_than(first) is not same
    assert len(set(people([first, second, first]).values())) == (1 if same else 2)


def test_headers_are_of_the_same_people_in_whatever_order_they_are_met():
    jane, john = Patient.of("1", "", "Doe^Jane"), Patient.of("2", "", "Roe^John")
    unnumbered, silent = Patient.of("", "", "Roe^John"), Patient()
    for headers in permutations([jane, john, unnumbered, silent]):
        whose = people(headers)
        assert whose[john] == whose[unnumbered] != whose[jane]
        assert whose[silent] not in (whose[jane], whose[john])  # it may be either's
    assert set(people([silent, jane]).values()) == {0}


def test_images_that_may_be_of_either_patient_go_to_none_of_them(tmp_path):
    two(tmp_path / "all", JANE, JOHN)
    nobody = {"PatientName": "", "PatientID": ""}
    write(tmp_path / "all" / "00 first", Series(slices=3, number=9), **nobody)
    slices = sorted(source.load().volume.shape[0] for source in find([tmp_path / "all"]))
    assert slices == [3, 5, 5]


def test_a_patient_told_in_many_ways_is_one_study(tmp_path):
    """Identifier, birth date or name left out or written in another way in some series."""
    ways = [
        JANE,
        {**JANE, "PatientID": ""},
        {**JANE, "PatientID": "01 ", "PatientName": "JANE DOE"},
        {**JANE, "PatientBirthDate": ""},
        {"PatientName": "", "PatientID": "", "PatientBirthDate": ""},
    ]
    for number, way in enumerate(ways):
        write(tmp_path / "all" / f"{number}", Series(number=number), **way)
    (source,) = find([tmp_path / "all"])
    assert source.load().warnings == ()
    assert len(source.load().choice["also_fit"]) == 4


@pytest.mark.parametrize("keyword", ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID"])
@pytest.mark.parametrize("value", [None, b""], ids=["missing", "empty"])
def test_a_missing_uid_keeps_nothing_from_being_read(tmp_path, keyword, value):
    series = Series()
    write_raw(tmp_path / "study", series, **{keyword: value})
    (source,) = find([tmp_path / "study"])
    scan = source.load()
    assert scan.volume.shape == (5, 24, 20)
    assert scan.warnings == ()
    places = [series.place(value) for value in scan.volume.array.ravel()]
    np.testing.assert_allclose(scan.volume.world(list(np.ndindex(scan.volume.shape))), places, atol=1e-4)


def test_series_without_uid_are_told_apart_by_their_numbers(tmp_path):
    write_raw(tmp_path / "study" / "a", Series(number=1), SeriesInstanceUID=None)
    write_raw(tmp_path / "study" / "b", Series(number=2, slices=3), SeriesInstanceUID=None)
    (source,) = find([tmp_path / "study"])
    scan = source.load()
    assert scan.volume.shape[0] == 5
    assert [other["series_number"] for other in scan.choice["also_fit"]] == [2]


@pytest.mark.parametrize("place", ["study", "study/again"])
def test_a_file_twice_is_read_once(tmp_path, place):
    paths = write(tmp_path / "study", Series())
    expected = find([tmp_path / "study"])[0].load()
    (tmp_path / place).mkdir(exist_ok=True)
    for path in paths:
        shutil.copy(path, tmp_path / place / f"copy of {path.name}")
    (source,) = find([tmp_path / "study"])
    scan = source.load()
    assert np.array_equal(scan.volume.array, expected.volume.array)
    assert scan.warnings == ("5 of 10 images are copies of others",)


def test_one_name_and_place_with_other_pixels_is_refused(tmp_path):
    series = Series()
    paths = write(tmp_path / "study", series)
    other = dcmread(paths[3])
    other.PixelData = bytes(range(240)) * 4
    save(other, tmp_path / "study" / "zz other")
    with pytest.raises(UnreadableError, match=rf"zz other: has the SOPInstanceUID of .*{paths[3].name} but"):
        find([tmp_path / "study"])[0].load()
    other.PixelData = dcmread(paths[3]).PixelData
    other.InstitutionName = "Elsewhere"
    save(other, tmp_path / "study" / "zz other")
    assert find([tmp_path / "study"])[0].load().warnings == ("1 of 6 images are copies of others",)


def test_copies_of_many_frames_are_compared_frame_by_frame(tmp_path):
    study = tmp_path / "study"
    study.mkdir()
    enhanced(Series(), study / "a.dcm")
    other = dcmread(study / "a.dcm")
    other.InstitutionName = "Elsewhere"
    save(other, study / "b.dcm")
    assert find([study])[0].load().warnings == ("5 of 10 images are copies of others",)
    other.PixelData = other.PixelData[:-2] + b"\7\7"
    save(other, study / "b.dcm")
    with pytest.raises(UnreadableError, match=r"b\.dcm: has the SOPInstanceUID of .*a\.dcm but other pixels"):
        find([study])[0].load()


def test_one_name_for_all_images_is_told(tmp_path):
    write(tmp_path / "study", Series(), SOPInstanceUID="1.2.3")
    scan = find([tmp_path / "study"])[0].load()
    assert scan.volume.shape[0] == 5
    assert scan.warnings == (
        "images of different places have the same SOPInstanceUID; they were read by where they lie",
    )
