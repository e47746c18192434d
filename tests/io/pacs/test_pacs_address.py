"""Addresses, credentials and questions: what is taken, what is refused, and that no secret is repeated."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset

from lumbardisc.errors import UsageError
from lumbardisc.io.pacs import open_pacs, parse_query
from lumbardisc.io.pacs.address import parse_address
from lumbardisc.io.pacs.credentials import credentials_from

SECRET = "Sesame4711"
KNOWN = {"LUMBARDISC_PACS_USER": "jane", "LUMBARDISC_PACS_PASSWORD": SECRET}


@pytest.mark.parametrize(
    ("text", "host", "port", "title", "encrypted", "local"),
    [
        ("https://pacs.example.org/dicom-web/", "pacs.example.org", None, "", True, False),
        ("http://localhost:8042/dicom-web", "localhost", 8042, "", False, True),
        ("http://[::1]:8042/dicom-web", "::1", 8042, "", False, True),
        ("dicom://127.0.0.1:104/ARCHIVE", "127.0.0.1", 104, "ARCHIVE", False, True),
        ("dicoms://pacs:2762/MY%20ARCHIVE", "pacs", 2762, "MY ARCHIVE", True, False),
    ],
)
def test_an_address_is_read(text: str, host: str, port: int, title: str, encrypted: bool, local: bool) -> None:
    address = parse_address(text)
    assert (address.host, address.port, address.title) == (host, port, title)
    assert (address.encrypted, address.local) == (encrypted, local)


@pytest.mark.parametrize(
    "text",
    [
        *("", "pacs", "ftp://pacs/x", "/folder/study", "https://", "dicom://pacs/ARCHIVE", "dicom://pacs:104"),
        *("dicom://pacs:104/THIS_TITLE_IS_TOO_LONG", "dicom://pacs:99999/A", "http://[pacs/x", "dicom://pacs:104/A\\B"),
    ],
)
def test_another_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"address of a PACS|needs a port and an AE title"):
        parse_address(text)


@pytest.mark.parametrize("text", ["https://jane:{}@pacs/dicom-web", "dicom://{}@pacs:104/A", "https://pacs/w?token={}"])
def test_a_secret_in_the_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UsageError, match="LUMBARDISC_PACS_USER") as told:
        parse_address(text.format(SECRET))
    assert SECRET not in str(told.value)


@given(st.text())
def test_any_text_is_an_address_or_refused_in_one_line(text: str) -> None:
    with suppress(UsageError):
        assert parse_address(text).host


@pytest.mark.parametrize("address", ["http://pacs.example.org/dicom-web", "dicom://pacs.example.org:104/A"])
@pytest.mark.parametrize("environment", [KNOWN, {"LUMBARDISC_PACS_TOKEN": SECRET}])
def test_a_secret_does_not_travel_unencrypted(address: str, environment: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="unencrypted") as told:
        open_pacs(address, environment)
    assert SECRET not in str(told.value)
    open_pacs(address, {})
    open_pacs(address.replace("pacs.example.org", "127.0.0.1"), environment)
    open_pacs(address.replace("http", "https").replace("dicom:", "dicoms:"), environment)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"USER": "jane"}, "PASSWORD"),
        ({"PASSWORD": SECRET}, "USER"),
        ({"USER": "jane", "PASSWORD": SECRET, "TOKEN": SECRET}, "TOKEN"),
        ({"TOKEN": f"{SECRET}\n"}, "TOKEN"),
        ({"TOKEN": f"{SECRET}ä"}, "TOKEN"),
        ({"CA": "/no/such/file"}, "CA"),
        ({"KEY": __file__}, "CERT"),
        ({"AET": "A" * 17}, "AET"),
        ({"PORT": "0"}, "PORT"),
        ({"PORT": "a104"}, "PORT"),
    ],
)
def test_an_environment_that_cannot_be_is_told_by_its_variable(environment: dict[str, str], named: str) -> None:
    with pytest.raises(UsageError, match=f"LUMBARDISC_PACS_{named}") as told:
        credentials_from({f"LUMBARDISC_PACS_{name}": value for name, value in environment.items()})
    assert SECRET not in str(told.value)


@pytest.mark.parametrize("name", ["CA", "CERT"])
def test_files_are_looked_at_before_any_work(name: str, tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("no certificate")
    with pytest.raises(UsageError, match=f"LUMBARDISC_PACS_{name}"):
        open_pacs("https://pacs/dicom-web", {f"LUMBARDISC_PACS_{name}": str(tmp_path / "x.pem")})


def test_what_is_printed_of_credentials_holds_no_secret() -> None:
    token = credentials_from({"LUMBARDISC_PACS_TOKEN": SECRET})
    assert SECRET not in f"{credentials_from(KNOWN)!r}{token!r}{open_pacs('https://pacs/dicom-web', KNOWN)!r}"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("1.2.840.113619.2", {"StudyInstanceUID": "1.2.840.113619.2"}),
        ("PatientName=Doe^Jane, A,StudyDate=2024*", {"PatientName": "Doe^Jane, A", "StudyDate": "2024*"}),
    ],
)
def test_a_question_is_read(text: str, keys: dict[str, str]) -> None:
    assert parse_query(text).keys == keys


@pytest.mark.parametrize(
    "text",
    [
        *("", "folder/study", "1.2.x", "PatientID=", "Rows=3", "patientid=3", "StudyInstanceUID=../..", "1" * 65),
        "PatientID=1,Rows=3",
    ],
)
def test_another_is_none(text: str) -> None:
    with pytest.raises(UsageError, match="UID"):
        parse_query(text)


def test_an_answer_of_another_patient_is_seen() -> None:
    answer = Dataset()
    assert parse_query("PatientID=42").fits(answer)  # not told
    answer.PatientID = "43"
    assert not parse_query("PatientID=42").fits(answer)
    assert parse_query("PatientID=4*").fits(answer)  # what a pattern means is for the PACS to say
    assert not parse_query("PatientID=42-7").fits(answer)  # a hyphen is of the identifier
    answer.PatientBirthDate = "19700203"
    assert parse_query("PatientBirthDate=19700101-19701231").fits(answer)  # and here a range
    assert not parse_query("PatientBirthDate=19700101").fits(answer)
