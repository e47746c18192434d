"""`lumbardisc analyze --from-pacs --to-pacs` against a real PACS; only what finds the discs is a stand-in."""

from __future__ import annotations

import csv
import os
import signal
import stat
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from orthanc_server import Orthanc, free_port
from pacs_files import known_to, make_series, study_of
from PIL import Image
from pydicom import Dataset
from pydicom.uid import generate_uid

from lumbardisc import pipeline, report
from lumbardisc.cli.console import Voice
from lumbardisc.cli.main import INTERRUPTED, run
from lumbardisc.cli.pacs import unsent
from lumbardisc.cohort import study as cohort_study
from lumbardisc.io.pacs import open_pacs, retry

PARTS = SimpleNamespace(cards={"segmentation": {"sha256": "0"}})
PASSWORD = "Sesame4711"


@dataclass
class House:
    """Stand-ins for analysing and writing. temporary: where images come to. before: what happens at an analysis."""

    temporary: Path
    before: Callable[[], None] = lambda: None
    seen: list[Any] = field(default_factory=list)
    wanted: list[Any] = field(default_factory=list)

    def analyze_scan(self, scan: Any, name: str, _parts: Any, **_more: Any) -> Any:
        self.before()
        (folder,) = self.temporary.iterdir()
        self.seen.append(stat.S_IMODE(folder.stat().st_mode))
        return SimpleNamespace(name=name, provenance={"timings": {}}, discs={}, warnings=(), flags=(), scan=scan)

    def write(self, study: Any, out: Path, wanted: Any) -> None:
        """Two objects on the images, which are read again."""
        self.wanted.append(wanted)
        out.mkdir(parents=True, exist_ok=True)
        for name in report.USUAL:
            (out / name).write_text("level,flags\n" if name == "discs.csv" else "")
        Image.new("RGB", (30, 40)).save(out / "overlay.png")
        header = next(iter(study.scan.origin.headers().values()))
        for name in ("segmentation.dcm", "overlay.dcm"):
            _object(header, name).save_as(out / name, enforce_file_format=True)


def _object(header: Dataset, name: str) -> Dataset:
    made = Dataset()
    for keyword in ("PatientName", "PatientID", "StudyInstanceUID", "SpecificCharacterSet"):
        setattr(made, keyword, header[keyword].value)
    made.SOPClassUID, made.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", generate_uid()
    made.SeriesInstanceUID, made.SeriesDescription, made.Modality = generate_uid(), name, "OT"
    made.file_meta = header.file_meta
    made.file_meta.MediaStorageSOPClassUID, made.file_meta.MediaStorageSOPInstanceUID = (
        made.SOPClassUID,
        made.SOPInstanceUID,
    )
    return made


@pytest.fixture(autouse=True)
def house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[House]:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    parts = House(temporary)
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setattr(pipeline, "pipeline_for", lambda **_: PARTS)
    monkeypatch.setattr(pipeline, "analyze_scan", parts.analyze_scan)
    monkeypatch.setattr(report, "write", parts.write)
    monkeypatch.setattr("lumbardisc.report.terminal.summary", lambda study: f"{study.name}: 5 discs")
    monkeypatch.setattr(retry, "WAIT_S", 0.01)
    cohort_study._parts.cache_clear()
    yield parts
    cohort_study._parts.cache_clear()
    assert list(temporary.iterdir()) == []  # whatever happened


@pytest.fixture
def known(orthanc: Orthanc, monkeypatch: pytest.MonkeyPatch) -> Orthanc:
    """The PACS, which the environment lets in."""
    for name, value in known_to(orthanc).items():
        monkeypatch.setenv(name, value)
    return orthanc


@pytest.fixture
def stored(known: Orthanc, tmp_path: Path) -> str:
    """The key of a patient of this test's own, whose images the PACS has."""
    key = uuid4().hex
    for path in make_series(tmp_path / "sent", key).iterdir():
        known.upload(path)
    return key


def series_of(server: Orthanc, key: str) -> list[str]:
    """Descriptions of all series that the PACS has of a patient."""
    query = {"Level": "Series", "Query": {"PatientID": key}, "Expand": True}
    return sorted(one["MainDicomTags"]["SeriesDescription"] for one in server.ask("POST", "/tools/find", json=query))


@pytest.mark.parametrize(("source", "target"), [("dicomweb", "address"), ("address", "dicomweb")])
def test_a_study_is_retrieved_and_its_results_go_to_the_same_study(
    source: str, target: str, known: Orthanc, stored: str, house: House, tmp_path: Path, capsys: Any
) -> None:
    there, back = getattr(known, source), getattr(known, target)
    asked = ["analyze", study_of(stored), "-o", str(tmp_path / "out"), "--from-pacs", there, "--to-pacs", back]
    assert run(asked) == 0
    assert series_of(known, stored) == ["overlay.dcm", "segmentation.dcm", "t2 tse sag"]
    assert len(known.ask("POST", "/tools/find", json={"Level": "Study", "Query": {"PatientID": stored}})) == 1
    printed = capsys.readouterr()
    assert f"sent to {back}: segmentation.dcm, overlay.dcm" in printed.out
    assert f"{study_of(stored)} 20240101 Lumbar spine phantom: 3 MR images" in printed.out
    assert printed.err == ""
    assert house.seen == [0o700]


def test_results_of_a_folder_are_sent_too(known: Orthanc, house: House, tmp_path: Path, stored: str) -> None:
    house.temporary.joinpath("as if").mkdir()  # one is looked for at every analysis
    assert run(["analyze", str(tmp_path / "sent"), "-o", str(tmp_path / "out"), "--to-pacs", known.dicomweb]) == 0
    house.temporary.joinpath("as if").rmdir()
    assert "segmentation.dcm" in series_of(known, stored)


def test_what_is_not_there_costs_no_other(known: Orthanc, stored: str, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "out"
    asked = [f"PatientID={stored}", "AccessionNumber=none", "AccessionNumber=none", study_of(stored)]
    assert run(["analyze", *asked, "-o", str(out), "--from-pacs", known.dicomweb]) == 1
    assert (out / study_of(stored) / "result.json").exists()
    error = f"AccessionNumber=none: {known.dicomweb} has no such study; check what is asked for"
    assert capsys.readouterr().err == f"lumbardisc: {error}\n"
    with (out / "failures.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["input"], row["reason"]) == ("AccessionNumber=none", error)


def test_a_reason_names_the_study_and_no_temporary_folder(known: Orthanc, tmp_path: Path, capsys: Any) -> None:
    for path in make_series(tmp_path / "sent", "a wrist", pixel_mm=1.0).iterdir():
        known.upload(path)
    uid = study_of("a wrist")
    assert run(["analyze", uid, "-o", str(tmp_path / "out"), "--from-pacs", known.address]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"lumbardisc: {uid}: no sagittal lumbar MR series")
    assert str(tmp_path) not in error


def test_what_could_not_be_sent_is_complete_here_and_sent_by_the_next_run(
    known: Orthanc, stored: str, house: House, tmp_path: Path, capsys: Any
) -> None:
    out, closed = tmp_path / "out", f"http://127.0.0.1:{free_port()}/dicom-web"
    for path in make_series(tmp_path / "sent 2", f"{stored} 2").iterdir():
        known.upload(path)
    asked = ["analyze", study_of(stored), study_of(f"{stored} 2"), "-o", str(out), "--from-pacs", known.dicomweb]
    assert run([*asked, "--to-pacs", closed]) == 1
    printed = capsys.readouterr()
    assert printed.err.count("the results are complete in") == printed.err.count("\n") == 2
    assert f"{closed}: nobody listens" in printed.err
    assert "2 studies done" in printed.out
    assert len((out / "failures.csv").read_text().splitlines()) == 3
    assert run([*asked, "--to-pacs", known.dicomweb]) == 0
    assert "not repeated" in capsys.readouterr().out
    assert len(house.seen) == 2
    assert "segmentation.dcm" in series_of(known, stored)
    assert (out / "failures.csv").read_text().count("\n") == 1


def test_one_study_that_could_not_be_sent_is_told_so(known: Orthanc, stored: str, tmp_path: Path, capsys: Any) -> None:
    out, closed = tmp_path / "out", f"dicom://127.0.0.1:{free_port()}/ARCHIVE"
    asked = ["analyze", study_of(stored), "-o", str(out), "--from-pacs", known.dicomweb, "--to-pacs", closed]
    assert run(asked) == 1
    assert f"the results are complete in {out}" in capsys.readouterr().err
    assert (out / "result.json").exists()


@pytest.mark.parametrize(
    ("options", "dicom", "identified"),
    [
        ([], True, True),
        (["--no-identified"], True, False),
        (["--dicom", "--identified"], True, True),
    ],
)
def test_what_is_sent_belongs_to_the_patient_unless_told_otherwise(
    options: list[str], dicom: bool, identified: bool, known: Orthanc, stored: str, house: House, tmp_path: Path
) -> None:
    pacs = ["--from-pacs", known.dicomweb, "--to-pacs", known.dicomweb]
    run(["analyze", study_of(stored), "-o", str(tmp_path / "out"), *pacs, *options])
    (wanted,) = house.wanted
    assert (wanted.dicom, wanted.identified) == (dicom, identified)


def test_what_stays_here_is_not_identified(known: Orthanc, stored: str, house: House, tmp_path: Path) -> None:
    run(["analyze", study_of(stored), "-o", str(tmp_path / "out"), "--from-pacs", known.dicomweb])
    (wanted,) = house.wanted
    assert (wanted.dicom, wanted.identified) == (False, False)


@pytest.fixture
def heard() -> Iterator[None]:
    """Signals as a terminal leaves them: what runs in the background, or under nohup, may be told to ignore some."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL, signal.SIGHUP: signal.SIG_DFL}
    before = {end: signal.signal(end, handler) for end, handler in usual.items()}
    yield
    for end, handler in before.items():
        signal.signal(end, handler)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_no_image_stays_behind_where_a_run_is_ended(
    end: int, known: Orthanc, stored: str, house: House, tmp_path: Path, capsys: Any
) -> None:
    house.before = lambda: os.kill(os.getpid(), end)
    asked = ["analyze", study_of(stored), "-o", str(tmp_path / "out"), "--from-pacs", known.dicomweb]
    assert run(asked) == INTERRUPTED
    assert capsys.readouterr().err.startswith("lumbardisc: interrupted")
    assert not (tmp_path / "out").exists()  # and the temporary folder is looked at by the fixture


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--from-pacs", f"https://jane:{PASSWORD}@127.0.0.1/dicom-web"], "must hold no user, password"),
        (["--from-pacs", "http://pacs.example.org/dicom-web"], "would travel unencrypted"),
        (["--to-pacs", "dicom://pacs.example.org:104/A"], "would travel unencrypted"),
        (["--from-pacs", "dicom://127.0.0.1:104/A"], "neither a Study Instance UID nor KEYWORD=VALUE"),
        (["--from-pacs", "pacs"], "no address of a PACS"),
    ],
)
def test_a_wrong_call_is_one_line_before_any_work(
    options: list[str], said: str, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUMBARDISC_PACS_USER", "jane")
    monkeypatch.setenv("LUMBARDISC_PACS_PASSWORD", PASSWORD)
    assert run(["analyze", "study", "-o", str(tmp_path / "out"), *options]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert PASSWORD not in error


def test_a_cluster_does_not_see_what_is_retrieved_here(known: Orthanc, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "cluster.toml").write_text('kind = "local"\nworkers = 1\n')
    options = ["--cluster", str(tmp_path / "cluster.toml"), "--from-pacs", known.dicomweb]
    assert run(["analyze", "1.2.3", "-o", str(tmp_path / "out"), *options]) == 2
    assert "exclude each other" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [False, True], ids=["right", "wrong"])
def test_the_password_is_nowhere(
    wrong: bool, known: Orthanc, stored: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any, caplog: Any
) -> None:
    """Not on the terminal with all that can be told, not in a log, not in a file."""
    password = PASSWORD if wrong else known.password
    monkeypatch.setenv("LUMBARDISC_PACS_PASSWORD", password)
    monkeypatch.setenv("LUMBARDISC_DEBUG", "1")
    out = tmp_path / "out"
    with caplog.at_level("DEBUG"):
        for there, back in ((known.dicomweb, known.address), (known.address, known.dicomweb)):
            run(["analyze", study_of(stored), "-o", str(out), "-v", "--from-pacs", there, "--to-pacs", back])
    printed = capfd.readouterr()
    texts = [printed.out, printed.err, caplog.text, *(path.read_bytes().decode("latin-1") for path in out.rglob("*.*"))]
    plain = password.encode("ascii", "ignore").decode()
    encoded = b64encode(f"{known.user}:{password}".encode()).decode()
    assert all(form not in text for form in (plain, encoded) for text in texts)
    assert len(plain) > 8
    assert caplog.text != ""


def test_results_without_objects_are_not_sent_as_if_they_were(tmp_path: Path) -> None:
    assert "holds no DICOM objects" in (unsent(open_pacs("http://127.0.0.1:1/dicom-web", {}), tmp_path, Voice()) or "")
