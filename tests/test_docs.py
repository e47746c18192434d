"""The docs tell the truth: generated pages are in step, commands exist, links lead somewhere."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import reference  # scripts/reference.py
import typer.main

import lumbardisc
from lumbardisc.cli.main import app

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def commands(text: str) -> list[list[str]]:
    """Words of every `lumbardisc ...` call in the code blocks of a page, and of its inline examples with options."""
    shell = (line for language, block in BLOCK.findall(text) if language == "sh" for line in block.splitlines())
    inline = re.findall(r"`(lumbardisc [^`]+)`", BLOCK.sub("", text))
    calls = (shlex.split(line, comments=True) for line in [*shell, *inline])
    return [words[1:] for words in calls if words and Path(words[0]).name == "lumbardisc"]


def check_command(words: list[str]) -> None:
    """Assert that the sub-command exists and has every option that is given."""
    command: Any = typer.main.get_command(app)
    rest = list(words)
    while rest and hasattr(command, "commands"):
        name = rest.pop(0)
        assert name in command.commands or name.startswith("-"), f"no command '{name}'"
        command = command.commands.get(name, command)
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    unknown = {word for word in words if re.match(r"-{1,2}[a-z]", word)} - known - {"-h", "--help"}
    assert not unknown, f"no option {unknown}"


def make_targets() -> set[str]:
    return set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def anchors(page: Path) -> set[str]:
    """Anchors of the headings of a page, made as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_generated_pages_are_in_step() -> None:
    for path, text in reference.pages().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is out of date; run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
class TestPage:
    def test_commands_exist(self, page: Path) -> None:
        for words in commands(page.read_text(encoding="utf-8")):
            check_command(words)

    def test_make_targets_exist(self, page: Path) -> None:
        used = re.findall(r"(?:^|`)make (\w+)", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert set(used) <= make_targets()

    def test_links_lead_somewhere(self, page: Path) -> None:
        for link in LINK.findall(BLOCK.sub("", page.read_text(encoding="utf-8"))):
            if not link.startswith(("https://", "mailto:")):
                name, _, anchor = link.partition("#")
                target = (page.parent / name).resolve() if name else page
                assert target.is_relative_to(ROOT)
                assert target.exists(), f"{link} leads nowhere"
                assert not anchor or anchor in anchors(target), f"{link}: no such heading"


def test_the_example_configurations_are_valid(tmp_path: Path) -> None:
    from lumbardisc.training.config import RefinementConfig, SegmentationConfig, read_config

    blocks = BLOCK.findall((ROOT / "docs" / "how-to" / "train.md").read_text(encoding="utf-8"))
    segmentation, refinement = (text for language, text in blocks if language == "toml")
    config = tmp_path / "config.toml"
    config.write_text(segmentation, encoding="utf-8")
    assert read_config(config, SegmentationConfig).out == tmp_path / "runs" / "first"
    config.write_text(refinement, encoding="utf-8")
    assert read_config(config, RefinementConfig).data == {"labelled": tmp_path / "my_scans"}


def test_every_setting_of_a_training_run_is_explained() -> None:
    from lumbardisc.training import config

    for kind in config.Config.__constraints__:
        assert [name for name, field in kind.model_fields.items() if not field.description] == []


@pytest.mark.parametrize("stage", [1, 2])
def test_the_examples_are_valid(stage: int) -> None:
    from lumbardisc.training.config import SegmentationConfig, read_config
    from lumbardisc.training.sources import SOURCES

    examples = ROOT / "examples"
    config = read_config(examples / f"segmentation_stage{stage}.toml", SegmentationConfig)
    assert set(config.data) == set(config.weights) == set(SOURCES) - {"labelled"}
    assert all(folder.is_relative_to(examples / "data") for folder in config.data.values())


def test_the_refiner_s_example_is_valid() -> None:
    from lumbardisc.training.config import RefinementConfig, read_config
    from lumbardisc.training.refinement.sources import SOURCES

    config = read_config(ROOT / "examples" / "refinement.toml", RefinementConfig)
    assert set(config.data) == set(config.weights) == set(SOURCES) - {"labelled"}


def test_every_page_of_the_docs_is_reached_from_the_index() -> None:
    reached, todo = set(), [ROOT / "docs" / "index.md"]
    while todo:
        page = todo.pop()
        if page not in reached and page.suffix == ".md" and page.exists():
            reached.add(page)
            todo += [
                (page.parent / link.partition("#")[0]).resolve()
                for link in LINK.findall(page.read_text())
                if "://" not in link
            ]
    assert {page for page in PAGES if page.is_relative_to(ROOT / "docs")} <= reached


@pytest.mark.parametrize(
    "words", [["grade", "x"], ["analyze", "x", "--hologram"], ["data", "resample"], ["train", "segmentation", "--gpu"]]
)
def test_an_untrue_command_is_seen(words: list[str]) -> None:
    with pytest.raises(AssertionError):
        check_command(words)


def test_commands_are_found_in_a_page() -> None:
    page = "Use `lumbardisc demo -q`.\n```sh\n.venv/bin/lumbardisc analyze 'a b' -o out  # slow\nmake demo\n```\n"
    assert commands(page) == [["analyze", "a b", "-o", "out"], ["demo", "-q"]]


def test_versions_agree() -> None:
    assert f"version: {lumbardisc.__version__}\n" in (ROOT / "CITATION.cff").read_text()


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    pinned = set(re.findall(r"^([\w.-]+)==", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    assert {re.split(r"[^\w.-]", name)[0] for name in wanted} <= pinned
