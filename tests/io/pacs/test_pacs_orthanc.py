"""Studies go to a real PACS and come back the same, over DICOMweb, by C-GET and by C-MOVE."""

from __future__ import annotations

import errno
from pathlib import Path
from uuid import uuid4

import pytest
from orthanc_server import Orthanc, free_port
from pacs_files import assert_same, known_to, make_series, study_of
from pydicom import dcmread
from pydicom.uid import JPEG2000Lossless, RawDataStorage, RLELossless, generate_uid

from lumbardisc.errors import OutputError, PacsError
from lumbardisc.io.pacs import Pacs, fetch, find_studies, open_pacs, parse_query, retry


@pytest.fixture(params=["web", "get", "move"])
def pacs(request: pytest.FixtureRequest, orthanc: Orthanc) -> Pacs:
    if request.param == "web":
        return open_pacs(orthanc.dicomweb, known_to(orthanc))
    port = {"LUMBARDISC_PACS_PORT": str(orthanc.listening)} if request.param == "move" else {}
    return open_pacs(orthanc.address, port)


@pytest.fixture
def key() -> str:
    """Another patient in every test."""
    return uuid4().hex


@pytest.fixture(scope="module")
def asked(orthanc: Orthanc, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A patient who is there, for those who only ask."""
    (path,) = make_series(tmp_path_factory.mktemp("asked"), "asked", slices=1).iterdir()
    orthanc.upload(path)
    return "asked"


def test_a_series_comes_back_as_it_was_sent(pacs: Pacs, key: str, tmp_path: Path) -> None:
    files = sorted(make_series(tmp_path / "sent", key).iterdir())
    assert pacs.send(files) == []
    (match,) = find_studies(pacs, parse_query(study_of(key)))
    assert str(match) == f"{study_of(key)} 20240101 Lumbar spine phantom"
    assert fetch(pacs, match.uid, tmp_path / "back") == 3
    assert_same(tmp_path / "sent", tmp_path / "back")


@pytest.mark.parametrize("form", [RLELossless, JPEG2000Lossless], ids=["RLE", "JPEG 2000"])
def test_compressed_images_come_as_they_are_stored(
    form: str, pacs: Pacs, key: str, tmp_path: Path, orthanc: Orthanc
) -> None:
    (path,) = make_series(tmp_path / "sent", key, slices=1).iterdir()
    dataset = dcmread(path)
    dataset.compress(form, generate_instance_uid=False)
    dataset.save_as(path)
    orthanc.upload(path)
    fetch(pacs, study_of(key), tmp_path / "back")
    assert_same(tmp_path / "sent", tmp_path / "back")


def test_only_images_of_mr_are_retrieved_and_no_localizer(
    pacs: Pacs, key: str, tmp_path: Path, orthanc: Orthanc
) -> None:
    for number, name in ((1, "Localizer_3PL"), (2, "t2_tse_sag"), (3, "t1_tse_sag"), (4, "a picture")):
        for path in make_series(tmp_path / str(number), key, number=number, description=name).iterdir():
            if number == 4:
                dataset = dcmread(path)
                dataset.Modality = "OT"
                dataset.save_as(path)
            orthanc.upload(path)
    assert fetch(pacs, study_of(key), tmp_path / "back") == 6
    assert {int(dcmread(path).SeriesNumber) for path in (tmp_path / "back").rglob("*.dcm")} == {2, 3}


def with_another_kind(folder: Path, kind: str, orthanc: Orthanc) -> None:
    """Make the first object of a series one of another kind, and store all."""
    for number, path in enumerate(sorted(folder.iterdir())):
        dataset = dcmread(path)
        if number == 0:
            dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = kind
            dataset.save_as(path)
        orthanc.upload(path)


def test_raw_data_beside_the_images_does_not_count_as_missing(
    pacs: Pacs, key: str, tmp_path: Path, orthanc: Orthanc
) -> None:
    with_another_kind(make_series(tmp_path / "sent", key, slices=2), RawDataStorage, orthanc)
    assert fetch(pacs, study_of(key), tmp_path / "back") == 2
    assert_same(tmp_path / "sent", tmp_path / "back")


def test_nor_do_private_objects(key: str, tmp_path: Path, orthanc: Orthanc) -> None:
    """By C-MOVE; this Orthanc offers no C-GET of kinds that it does not know."""
    with_another_kind(make_series(tmp_path / "sent", key, slices=2), "1.3.46.670589.11.0.0.12.2", orthanc)
    pacs = open_pacs(orthanc.address, {"LUMBARDISC_PACS_PORT": str(orthanc.listening)})
    assert fetch(pacs, study_of(key), tmp_path / "back") == 2


@pytest.mark.parametrize(
    ("question", "finds"),
    [
        ("PatientID={}", True),
        ("PatientID={},StudyDate=20231201-20240201", True),
        ("PatientID={},StudyDate=20250101-", False),
        ("PatientName=M*,PatientID={}", True),
        ("PatientName=Meier*,PatientID={}", False),
        ("PatientID={}x", False),
    ],
)
def test_studies_are_found_by_what_is_known_of_them(question: str, finds: bool, pacs: Pacs, asked: str) -> None:
    found = find_studies(pacs, parse_query(question.format(asked)))
    assert [match.uid for match in found] == [study_of(asked)] * finds


def test_a_name_with_letters_of_its_own_is_found(orthanc: Orthanc, asked: str) -> None:
    """Over DIMSE; QIDO-RS of this Orthanc finds no name by them, however they are asked for."""
    (match,) = find_studies(open_pacs(orthanc.address, {}), parse_query(f"PatientName=Müller*,PatientID={asked}"))
    assert match.uid == study_of(asked)


def test_a_study_without_mr_is_told(pacs: Pacs, key: str, tmp_path: Path, orthanc: Orthanc) -> None:
    for path in make_series(tmp_path / "sent", key, slices=1).iterdir():
        dataset = dcmread(path)
        dataset.Modality = "CT"
        dataset.save_as(path)
        orthanc.upload(path)
    with pytest.raises(PacsError, match="no MR series of this study, only CT"):
        fetch(pacs, study_of(key), tmp_path / "back")


def test_what_is_not_there_is_not_found(pacs: Pacs) -> None:
    assert find_studies(pacs, parse_query(generate_uid())) == []


def test_a_caller_that_the_pacs_does_not_know_is_told_its_name(
    orthanc: Orthanc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "WAIT_S", 0.01)
    stranger = open_pacs(orthanc.address, {"LUMBARDISC_PACS_AET": "STRANGER"})
    with pytest.raises(PacsError, match=r"broke off.*AE title STRANGER.*tried 3 times"):
        find_studies(stranger, parse_query("PatientID=1"))


def test_a_full_disk_is_told(
    pacs: Pacs, key: str, tmp_path: Path, orthanc: Orthanc, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in make_series(tmp_path / "sent", key).iterdir():
        orthanc.upload(path)
    tries: list[int] = []

    def refuse(_path: Path, _data: bytes) -> int:
        tries.append(1)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(OutputError, match=r"cannot be kept \(No space left.*TMPDIR"):
        fetch(pacs, study_of(key), tmp_path / "back")
    assert len(tries) <= 3  # not the whole series again


def test_where_images_were_to_be_moved_to_is_told(orthanc: Orthanc, asked: str, tmp_path: Path) -> None:
    """The PACS has another port of ours."""
    port = str(free_port())
    pacs = open_pacs(orthanc.address, {"LUMBARDISC_PACS_PORT": port})
    with pytest.raises(PacsError, match=f"refused to send the images to LUMBARDISC at port {port}: "):
        fetch(pacs, study_of(asked), tmp_path / "back")
