"""`lumbardisc train grading` tells what it found in the data before it trains, and refuses bad grades with one line."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("torch")

from lumbardisc.cli.main import run
from lumbardisc.errors import InputError
from lumbardisc.training.config import GradingConfig, read_config
from lumbardisc.training.grades import GRADES, DiscGrade, GradedData, GradedImage, summary

pytestmark = pytest.mark.train

DATA = GradedData(
    "table", (GradedImage("1", "1_t2", Path("1_t2.nii"), "t2"),), {"1": {1: DiscGrade(5, {})}}, ("a row was left out",)
)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Calls of the training, which stands for one that takes hours."""
    calls: list[Any] = []

    def fake(config: Path, *, resume: bool, progress: Any) -> Path:
        progress("fold 1", 0.25)
        calls.append((config, resume))
        return config.parent / "run"

    module = SimpleNamespace(train=fake, read_grades=lambda _settings: [DATA])
    monkeypatch.setitem(sys.modules, "lumbardisc.training.grading", module)
    monkeypatch.setattr("lumbardisc.training.grading", module, raising=False)
    return calls


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "grading.toml"
    path.write_text('out = "run"\n[data]\ntable = "data"\n')
    return path


@pytest.mark.parametrize(("option", "resume"), [([], True), (["--resume"], True), (["--restart"], False)])
def test_the_command_tells_what_it_found_and_trains(
    option: list[str], resume: bool, calls: list[Any], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["train", "grading", str(config), *option]) == 0
    assert calls == [(config, resume)]
    printed = capsys.readouterr().out.splitlines()
    assert printed[:-1] == summary(DATA)
    assert printed[-1].endswith(str(config.parent / "run"))


def test_quiet_is_quiet(calls: list[Any], config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "grading", str(config), "-q"]) == 0
    assert calls
    assert capsys.readouterr() == ("", "")


def test_bad_grades_are_one_line_and_nothing_is_trained(
    calls: list[Any], config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_settings: Any) -> None:
        raise InputError("grades.csv: row 3: '7' is no Pfirrmann grade; give 1 to 5")

    monkeypatch.setattr(sys.modules["lumbardisc.training.grading"], "read_grades", refuse)
    assert run(["train", "grading", str(config)]) == 2
    assert capsys.readouterr().err == "lumbardisc: grades.csv: row 3: '7' is no Pfirrmann grade; give 1 to 5\n"
    assert calls == []


DOCS = Path(__file__).parents[2] / "docs" / "how-to" / "train-grading.md"
EXAMPLE = Path(__file__).parents[2] / "examples" / "grading_own_data.toml"


def test_the_example_configurations_are_valid(tmp_path: Path) -> None:
    path = tmp_path / "grading.toml"
    path.write_text(DOCS.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0])
    assert set(read_config(path, GradingConfig).data) <= set(GRADES)
    assert read_config(EXAMPLE, GradingConfig).data == {"table": EXAMPLE.parent / "data" / "ours"}
