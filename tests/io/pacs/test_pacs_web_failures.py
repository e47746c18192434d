"""DICOMweb that fails: what is said, and what is tried again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from fake_web import Answer, answering, as_json, parts, series, status, study
from orthanc_server import free_port
from pacs_files import assert_same, make_series, study_of
from pydicom import dcmread

from lumbardisc.errors import PacsError
from lumbardisc.io.pacs import dicomweb, fetch, find_studies, limits, open_pacs, parse_query, retry

ASKED = parse_query("1.2.3")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "WAIT_S", 0.01)
    monkeypatch.setattr(dicomweb, "ANSWER_S", 0.3)


def hang(_request: BaseHTTPRequestHandler) -> None:
    time.sleep(1)


def hang_up(request: BaseHTTPRequestHandler) -> None:
    request.connection.close()


@pytest.mark.parametrize(
    ("answer", "said", "tries"),
    [
        (status(400), "does not understand the request; check the path", 1),
        (status(401), "refuses user and password", 1),
        (status(403), "does not allow", 1),
        (status(404), "check the path", 1),
        (status(500), "fails at this request", 1),
        (status(302, Location="https://pacs.example.org/"), "has moved", 1),
        (status(429), "too much to do", 3),
        (status(503), "too much to do", 3),
        (hang, "does not answer in time", 1),
        (hang_up, "broke off", 3),
        (status(200, b"<html>", "text/html"), "not DICOMweb", 1),
        (status(200, b'[{"0020000D"', "application/dicom+json"), "not DICOMweb", 1),
        (as_json([1, 2]), "not DICOMweb", 1),
        (as_json({"error": "no"}), "not DICOMweb|do not fit", 1),
        (as_json([{"0020000D": {"vr": "UI", "Value": ["../../etc"]}}]), "do not fit", 1),
        (as_json([study("1.2.4")]), "do not fit", 1),
        (as_json([study("")]), "do not fit", 1),
    ],
)
def test_a_query_that_fails_is_told(answer: Answer, said: str, tries: int) -> None:
    with answering(answer) as (address, asked), pytest.raises(PacsError, match=said) as told:
        find_studies(open_pacs(address, {}), ASKED)
    assert len(asked) == tries
    assert str(told.value).startswith(f"{address}: ")
    assert ("tried 3 times" in str(told.value)) == (tries == 3)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("first", [status(503), status(502), hang_up])
def test_what_passes_is_waited_for(first: Answer) -> None:
    with answering(first, first, as_json([study("1.2.3")])) as (address, asked):
        (match,) = find_studies(open_pacs(address, {}), ASKED)
    assert (match.uid, len(asked)) == ("1.2.3", 3)


def test_nobody_at_the_port_is_told() -> None:
    with pytest.raises(PacsError, match=r"nobody listens at this port.*tried 3 times"):
        find_studies(open_pacs(f"http://127.0.0.1:{free_port()}/dicom-web", {}), ASKED)


def test_a_name_that_nobody_has_is_told() -> None:
    with pytest.raises(PacsError, match="no machine of this name") as told:
        find_studies(open_pacs("https://pacs.invalid/dicom-web", {}), ASKED)
    assert "tried" not in str(told.value)


def test_another_patient_than_asked_for_is_refused() -> None:
    with answering(as_json([study("1.2.3", **{"00100020": "43"})])) as (address, _), pytest.raises(PacsError) as told:
        find_studies(open_pacs(address, {}), parse_query("PatientID=42"))
    assert "do not fit PatientID=42" in str(told.value)


def test_a_study_that_is_told_twice_is_one() -> None:
    """As two patients with the same UID have it."""
    told = as_json([study("1.2.3", **{"00081030": "spine"}), study("1.2.3", **{"00081030": "another"})])
    with answering(told) as (address, _):
        assert [match.uid for match in find_studies(open_pacs(address, {}), ASKED)] == ["1.2.3"]


def test_more_studies_than_can_be_meant_are_refused() -> None:
    many = [study(f"1.2.{number}") for number in range(80)]
    with answering(as_json(many)) as (address, asked), pytest.raises(PacsError, match=r"more than 50 studies.*narrow"):
        find_studies(open_pacs(address, {}), parse_query("StudyDate=20240101"))
    assert "limit=51" in asked[0]


@pytest.fixture
def files(tmp_path: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(make_series(tmp_path / "sent", "key").iterdir())]


def of(files: Sequence[bytes], tmp_path: Path, images: int | None = 3) -> Answer:
    """The answer to a query for the series of these files."""
    uid = dcmread(next((tmp_path / "sent").iterdir())).SeriesInstanceUID
    assert files
    return as_json([series(uid, images)])


def test_a_half_sent_series_is_told(files: list[bytes], tmp_path: Path) -> None:
    answers = (of(files, tmp_path), parts(files[:2]))
    with answering(*answers) as (address, _), pytest.raises(PacsError, match="sent 2 of the 3 images"):
        fetch(open_pacs(address, {}), study_of("key"), tmp_path / "back")


def test_images_are_counted_where_the_pacs_does_not_say_how_many_there_are(files: list[bytes], tmp_path: Path) -> None:
    images = as_json([{"00080018": {"vr": "UI", "Value": [f"1.2.{number}"]}} for number in range(4)])
    answers = (of(files, tmp_path, images=None), parts(files), images)
    with answering(*answers) as (address, _), pytest.raises(PacsError, match="sent 3 of the 4 images"):
        fetch(open_pacs(address, {}), study_of("key"), tmp_path / "back")


def test_an_answer_that_is_cut_is_asked_for_again(files: list[bytes], tmp_path: Path) -> None:
    cut = parts(files, cut=len(files[-1]) // 2)
    with answering(of(files, tmp_path), cut, cut, parts(files)) as (address, asked):
        assert fetch(open_pacs(address, {}), study_of("key"), tmp_path / "back") == 3
    assert len(asked) == 4
    assert_same(tmp_path / "sent", tmp_path / "back")


def test_an_answer_that_is_always_cut_is_told(files: list[bytes], tmp_path: Path) -> None:
    answers = (of(files, tmp_path), parts(files, cut=100))
    with answering(*answers) as (address, _), pytest.raises(PacsError, match=r"broke off.*tried 3 times"):
        fetch(open_pacs(address, {}), study_of("key"), tmp_path / "back")


@pytest.mark.parametrize("part", [b"", b"no DICOM", b"\0" * 200])
def test_parts_that_are_no_dicom_are_told(part: bytes, files: list[bytes], tmp_path: Path) -> None:
    answers = (of(files, tmp_path), parts([*files[:2], part]))
    with answering(*answers) as (address, _), pytest.raises(PacsError):
        fetch(open_pacs(address, {}), study_of("key"), tmp_path / "back")


def test_an_image_of_another_patient_is_refused(files: list[bytes], tmp_path: Path) -> None:
    strange = [path.read_bytes() for path in make_series(tmp_path / "other", "other").iterdir()]
    answers = (of(files, tmp_path), parts([*files[:2], strange[0]]))
    with answering(*answers) as (address, _), pytest.raises(PacsError, match="another series than was asked for"):
        fetch(open_pacs(address, {}), study_of("key"), tmp_path / "back")


def stored(uid: str, **more: int) -> dict[str, object]:
    codes = {"FailureReason": "00081197", "WarningReason": "00081196"}
    told = {codes[name]: {"vr": "US", "Value": [value]} for name, value in more.items()}
    return {"00081155": {"vr": "UI", "Value": [uid]}, **told}


@pytest.mark.parametrize(("code", "reason"), [(202, 0xA700), (409, 0xA700), (200, 0x0122)])
def test_an_object_that_was_not_stored_is_told_with_its_reason(code: int, reason: int, tmp_path: Path) -> None:
    paths = sorted(make_series(tmp_path / "sent", "key", slices=2).iterdir())
    one, other = (dcmread(path).SOPInstanceUID for path in paths)
    answer = {
        "00081199": {"vr": "SQ", "Value": [stored(one)]},
        "00081198": {"vr": "SQ", "Value": [stored(other, FailureReason=reason)]},
    }
    with answering(as_json(answer, code)) as (address, _), pytest.raises(PacsError) as told:
        open_pacs(address, {}).send(paths)
    assert f"did not take {paths[1].name}" in str(told.value)
    assert f"{reason:04X}H" in str(told.value)


def test_an_object_that_nobody_speaks_of_was_not_stored(tmp_path: Path) -> None:
    (path,) = make_series(tmp_path / "sent", "key", slices=1).iterdir()
    with answering(as_json({})) as (address, _), pytest.raises(PacsError, match="does not say why"):
        open_pacs(address, {}).send([path])


def test_remarks_on_what_was_stored_are_handed_on(tmp_path: Path) -> None:
    (path,) = make_series(tmp_path / "sent", "key", slices=1).iterdir()
    answer = {"00081199": {"vr": "SQ", "Value": [stored(dcmread(path).SOPInstanceUID, WarningReason=0xB000)]}}
    with answering(status(503), as_json(answer)) as (address, asked):
        assert open_pacs(address, {}).send([path]) == [f"{path.name}: it changed some values (status B000H)"]
    assert len(asked) == 2


def flood(request: BaseHTTPRequestHandler) -> None:
    """An answer without end, in one part."""
    request.send_response(200)
    request.send_header("Content-Type", 'multipart/related; type="application/dicom"; boundary=next')
    request.end_headers()
    with suppress(OSError):
        while True:
            request.wfile.write(bytes(100_000))


@pytest.mark.parametrize(("most", "value"), [("MOST_BYTES", 10**7), ("MOST_S", 0.05)])
def test_an_answer_without_end_is_cut_off(
    most: str, value: float, files: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, most, value)
    with answering(of(files, tmp_path), flood) as (address, asked), pytest.raises(PacsError, match="in one answer"):
        fetch(open_pacs(address, {}), study_of("key"), tmp_path / "back")
    assert len(asked) == 2  # and not tried again
