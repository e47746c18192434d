"""`lumbardisc data check` and `data convert`: what they say, write and return."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import labelled_folders
import pytest
from labelled_folders import image, labels, save
from PIL import Image

from lumbardisc.cli.main import run


def test_all_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labelled_folders.phantoms(tmp_path / "scans")
    out, config = tmp_path / "out", tmp_path / "own.toml"
    assert run(["data", "check", str(tmp_path / "scans"), "-o", str(out), "--config", str(config)]) == 0
    told = capsys.readouterr()
    assert "2 cases of 2 patients" in told.out
    assert "L5/S1             2" in told.out
    assert told.err == ""
    with (out / "cases.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["case"], row["patient"], row["problems"]) for row in rows] == [("x_t2", "x", ""), ("y_t2", "y", "")]
    assert rows[0]["structures"] == "L5/S1;L4/L5;sacrum;L5;spinal canal"
    assert (rows[0]["shape"], rows[0]["spacing_mm"]) == ("4x60x40", "4x1x1")
    assert (out / "problems.txt").read_text() == ""
    assert Image.open(out / "contact_sheet.png").size == (658, 358)
    assert tomllib.loads(config.read_text()) == {
        "out": "own_run", "init": "default", "data": {"labelled": "scans"},
    }  # fmt: skip
    assert run(["data", "check", str(tmp_path / "scans"), "--config", str(config), "-q"]) == 2
    assert "own.toml: is there already" in capsys.readouterr().err
    assert run(["data", "check", str(tmp_path / "scans"), "--config", str(config / "x.toml"), "-q"]) == 2
    assert "own.toml: cannot be made" in capsys.readouterr().err


def test_problems_are_told_and_the_rest_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labelled_folders.phantoms(tmp_path)
    (tmp_path / "truth" / "x_t2.nii.gz").write_bytes(b"")
    assert run(["data", "check", str(tmp_path), "-o", str(tmp_path / "out")]) == 1
    told = capsys.readouterr()
    assert "x_t2.nii.gz: is empty" in told.err
    assert told.err.count("\n") == 1
    assert "1 case of 1 patient" in told.out
    assert "x_t2.nii.gz: is empty" in (tmp_path / "out" / "problems.txt").read_text()
    # a second look, when all is mended, leaves nothing of the first
    save(tmp_path / "truth" / "x_t2.nii.gz", labels(), mask=True)
    assert run(["data", "check", str(tmp_path), "-o", str(tmp_path / "out"), "-q"]) == 0
    assert (tmp_path / "out" / "problems.txt").read_text() == ""


def test_nothing_to_learn_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "check", str(tmp_path)]) == 2
    save(tmp_path / "a.nii.gz", image())
    save(tmp_path / "a_seg.nii.gz", labels() * 0, mask=True)
    config = tmp_path / "own.toml"
    assert run(["data", "check", str(tmp_path), "--config", str(config)]) == 2
    assert "holds no labelled voxel" in capsys.readouterr().err
    assert not config.exists()
    assert run(["data", "check", str(tmp_path), "--labels", "martian"]) == 2
    assert "no convention that is known" in capsys.readouterr().err


def test_tiff_stacks_with_a_spacing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labelled_folders.tiff(tmp_path / "stacks")
    (tmp_path / "stacks" / "spacing.json").unlink()
    assert run(["data", "check", str(tmp_path / "stacks")]) == 2
    assert "--spacing" in capsys.readouterr().err
    config = tmp_path / "own.toml"
    arguments = ["--spacing", "4,0.7,0.7", "--config", str(config), "-q"]
    assert run(["data", "check", str(tmp_path / "stacks"), *arguments]) == 0
    settings = tomllib.loads(config.read_text())
    assert (settings["labels"], settings["spacing_mm"]) == ("lumbardisc", [4.0, 0.7, 0.7])


def test_convert(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labelled_folders.phantoms(tmp_path / "scans")
    command = ["data", "convert", str(tmp_path / "scans"), str(tmp_path / "out"), "--to", "nnunet"]
    assert run(command) == 0
    assert "2 of 2 cases" in capsys.readouterr().out
    assert (tmp_path / "out" / "imagesTr" / "x_t2_0000.nii.gz").exists()
    assert run(command) == 2
    assert "nothing is written over" in capsys.readouterr().err
    assert run([*command[:-1], "bids"]) == 0
    assert run([*command[:-1], "martian"]) == 2


def test_more_than_one_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lumbardisc.report import contact_sheet

    monkeypatch.setattr(contact_sheet, "PER_SHEET", 1)
    labelled_folders.phantoms(tmp_path)
    assert run(["data", "check", str(tmp_path), "-o", str(tmp_path / "out"), "-q"]) == 0
    assert {path.name for path in (tmp_path / "out").glob("*.png")} == {"contact_sheet.png", "contact_sheet_2.png"}
    monkeypatch.setattr(contact_sheet, "PER_SHEET", 60)
    assert run(["data", "check", str(tmp_path), "-o", str(tmp_path / "out"), "-q"]) == 0
    assert [path.name for path in (tmp_path / "out").glob("*.png")] == ["contact_sheet.png"]
