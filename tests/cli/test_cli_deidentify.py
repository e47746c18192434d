"""`lumbardisc data deidentify`: what it says, writes and returns."""

from __future__ import annotations

from pathlib import Path

import pytest

from lumbardisc.cli.main import run
from lumbardisc.io.dicom_write import Acquisition, Subject, save_dicom
from lumbardisc.volume import Volume


@pytest.fixture
def study(spine: Volume, tmp_path: Path) -> Path:
    """A classic T2 series of Jane Doe."""
    acquisition = Acquisition(3, "t2_tse_sag", "t2", "SE", 3500, 110, 150, 1.5, 4.0)
    save_dicom(spine, tmp_path / "in" / "Doe" / "t2", Subject("Doe^Jane", "4711", "key"), acquisition)
    return tmp_path / "in"


def test_a_study(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (study / "Doe" / "notes.txt").write_text("Jane")
    out = tmp_path / "out"
    assert run(["data", "deidentify", str(study), "-o", str(out), "--keep", "descriptions", "--keep", "dates"]) == 0
    told = capsys.readouterr()
    assert "5 images of 1 patient, 1 study, 1 series" in told.out
    assert "left out: 1 (no DICOM file)" in told.out
    assert "Doe" not in told.out.replace(str(study), "")
    assert told.err == ""
    assert len(list(out.rglob("*.dcm"))) == 5
    assert not [path for path in out.rglob("*") if path.is_file() and b"Doe" in path.read_bytes()]


def test_verbose_names_what_stays_and_quiet_says_nothing(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (study / "notes.txt").write_text("Jane")
    assert run(["data", "deidentify", str(study), "-o", str(tmp_path / "one"), "-v"]) == 0
    assert f"left out: {study / 'notes.txt'} (no DICOM file)" in capsys.readouterr().out
    assert run(["data", "deidentify", str(study), "-o", str(tmp_path / "two"), "-q"]) == 0
    assert capsys.readouterr() == ("", "")


def test_some_fail(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (study / "broken.dcm").write_bytes(b"\0" * 300)
    arguments = [str(study), str(tmp_path / "missing"), "-o", str(tmp_path / "out")]
    assert run(["data", "deidentify", *arguments]) == 1
    told = capsys.readouterr()
    assert [line.split(": ")[2] for line in told.err.splitlines()] == [
        "there is no such file; check the path",
        "is no DICOM file, or a damaged one; copy or export it again",
    ]
    assert "5 images" in told.out


def test_nothing_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("Jane")
    arguments = ["data", "deidentify", str(tmp_path / "notes.txt"), "-o", str(tmp_path / "out")]
    assert run(arguments) == 2
    assert "no image was written; the lines above say why" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert run(["data", "deidentify", str(tmp_path / "empty"), "-o", str(tmp_path / "out")]) == 2
    assert "there is no file in what was given" in capsys.readouterr().err
    assert run([*arguments, "--keep", "names"]) == 2
    assert "--keep names: is not one of dates, patient" in capsys.readouterr().err
    assert run([*arguments, "--key", str(tmp_path / "notes.txt")]) == 2
    assert "holds no key" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_options_are_told_in_step(capsys: pytest.CaptureFixture[str]) -> None:
    from lumbardisc.io.deidentify import OPTIONS

    assert run(["data", "deidentify", "--help"]) == 0
    assert f"[{'|'.join(OPTIONS)}]" in capsys.readouterr().out
