"""The command as a whole: usage errors, lines, and the commands beside `analyze`."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lumbardisc
from lumbardisc import phantom
from lumbardisc.cli import demo, train
from lumbardisc.cli.console import Voice, complain
from lumbardisc.cli.main import run


@pytest.mark.parametrize(
    "arguments",
    [
        ["segment"],
        ["analyze"],
        ["analyze", "scan.nii"],
        ["analyze", "scan.nii", "-o"],
        ["analyze", "scan.nii", "-o", "out", "--colour"],
        ["analyze", "scan.nii", "-o", "out", "--contrast", "t3"],
        ["analyze", "scan.nii", "-o", "out", "--spacing", "4,0,0.5"],
        ["analyze", "scan.nii", "-o", "out", "--spacing", "4,nan,0.5"],
        ["data"],
        ["data", "phantom", "out", "--count", "0"],
        ["data", "phantom", "out", "--format", "jpeg"],
        ["train", "segmentation"],
    ],
)
def test_usage_errors_are_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("lumbardisc: ")
    assert printed.err.count("\n") == 1


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"lumbardisc {lumbardisc.__version__}\n"


def test_no_arguments_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    assert "analyze" in capsys.readouterr().out


@given(st.text(st.characters()))
def test_an_error_is_one_printable_line(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        written: list[str] = []
        patch.setattr(sys, "stderr", SimpleNamespace(write=written.append, flush=lambda: None))
        complain(text)
    line = "".join(written)
    assert line.endswith("\n")
    assert line[:-1].isprintable()


def test_results_keep_their_lines_and_lose_their_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    Voice().say("two\nlines \x1b[2J")
    Voice(quiet=True).say("hidden")
    assert capsys.readouterr().out == "two\nlines \ufffd[2J\n"


def test_details_need_verbose(capsys: pytest.CaptureFixture[str]) -> None:
    Voice().detail("hidden")
    Voice(verbose=True).detail("shown")
    Voice(quiet=True, verbose=True).detail("hidden")
    assert capsys.readouterr().out == "shown\n"


def test_phantom_passes_its_options_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(phantom, "write_phantom", lambda out, **options: calls.append((out, options)))
    arguments = ["--seed", "5", "--count", "2", "--sequence", "spin-lock", "--format", "nifti"]
    assert run(["data", "phantom", str(tmp_path), *arguments]) == 0
    assert calls == [(tmp_path, {"seed": 5, "count": 2, "sequence": "spin-lock", "format": "nifti"})]


@pytest.mark.parametrize("sequence", ["t1", "t2", "stir", "flash", "spin-lock", "t1rho", "all"])
def test_every_sequence_that_can_be_asked_for_is_known(sequence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(
        phantom, "write_phantom", lambda _out, *, sequence, **_: asked.extend(phantom.sequences_of(sequence))
    )
    assert run(["data", "phantom", "out", "--sequence", sequence]) == 0
    assert asked


def test_demo_analyses_the_study_that_it_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    def write_phantom(out: Path, *, seed: int) -> tuple[Path, ...]:
        calls.append((out, seed))
        return (out / "drawn",)

    def analyze_studies(inputs: Any, out: Path, _voice: Voice) -> int:
        calls.append((inputs, out))
        return 0

    monkeypatch.setattr(phantom, "write_phantom", write_phantom)
    monkeypatch.setattr(demo, "analyze_studies", analyze_studies)
    assert run(["demo", "-o", str(tmp_path)]) == 0
    assert calls == [(tmp_path / "study", demo.SEED), ((tmp_path / "study" / "drawn",), tmp_path)]


def test_training_without_its_libraries_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(train, "find_spec", lambda _name: None)
    assert run(["train", "segmentation", "config.toml"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "PyTorch" in err
    assert 'pip install "lumbardisc[train]"' in err


@pytest.mark.parametrize(
    ("option", "resume", "init"),
    [
        ([], True, None),
        (["--resume"], True, None),
        (["--restart"], False, None),
        (["--init", "default"], True, "default"),
    ],
)
def test_training_is_called(monkeypatch: pytest.MonkeyPatch, option: list[str], resume: bool, init: str | None) -> None:
    calls: list[Any] = []

    def fake(config: Path, *, init: str | None, resume: bool, progress: Any) -> Path:
        progress(1, 2, 0.25)
        calls.append((config, resume, init))
        return config.parent / "run"

    monkeypatch.setattr(train, "find_spec", lambda _name: object())
    monkeypatch.setitem(sys.modules, "lumbardisc.training.segmentation", SimpleNamespace(train=fake))
    assert run(["train", "segmentation", "config.toml", *option]) == 0
    assert calls == [(Path("config.toml"), resume, init)]
