"""The house stands: imports point upward only, and each heavy library has its rooms."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "lumbardisc"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Top to bottom; a part imports itself and those before it
HOUSE = (
    *("errors", "settings", "volume", "levels", "conventions", "jobs"),
    *("io", "phantom", "preprocess", "networks", "inference"),
    *("anatomy", "quantify", "pipeline", "evaluation", "training", "recipes", "tuning", "scoring"),
    *("reader_study", "report", "cohort", "cli", "__main__"),
)

PYTORCH = {"torch", "torchvision", "monai"}
FORMATS = {
    *("pydicom", "highdicom", "dicomanonymizer", "pynetdicom", "dicomweb_client", "pylibjpeg", "openjpeg", "libjpeg"),
    *("nibabel", "itk", "nrrd", "metaimageio", "tifffile"),
}
REGISTRATION = "SimpleITK"
HEAVY = {"numpy", "scipy", "skimage", "openvino", "pydicom", "nibabel", "pandas", "matplotlib", "torch", "onnxruntime"}


def part_of(path: Path) -> str:
    """The part of the house a file belongs to: its folder, or its own name."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> Iterator[str]:
    """Dotted name of everything a module imports, at its top or later. ``from a import b`` gives ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def broken_rules(part: str, source: str) -> list[str]:
    """What a module of ``part`` imports although it may not."""
    broken = []
    for name in imports(ast.parse(source)):
        library, _, inner = name.partition(".")
        target = inner.partition(".")[0]
        if library == "lumbardisc" and target in HOUSE:
            arrays_only = part in {"anatomy", "quantify", "evaluation"} and target == "io"
            allowed = HOUSE.index(target) <= HOUSE.index(part) and not arrays_only
        else:
            allowed = (
                (library not in PYTORCH or part in {"networks", "training"})
                and (library not in FORMATS or part in {"io", "report"})
                and (library != REGISTRATION or part == "preprocess")
            )
        if not allowed:
            broken.append(name)
    return broken


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_keeps_the_rules(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(source)), "the first line of a module says what it is for"
    if path != PACKAGE / "__init__.py":  # the package itself hands out its public names
        assert broken_rules(part_of(path), source) == []


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("io", "from lumbardisc.pipeline import analyze"),
        ("io", "def late():\n    from lumbardisc import report"),
        ("volume", "import lumbardisc.levels"),
        ("pipeline", "import torch.nn"),
        ("inference", "from torch import Tensor"),
        ("quantify", "import nibabel as nib"),
        ("phantom", "from pydicom.dataset import Dataset"),
        ("anatomy", "from lumbardisc.io.scan import Scan"),
        ("io", "import SimpleITK"),
    ],
)
def test_a_broken_rule_is_seen(part: str, source: str) -> None:
    assert broken_rules(part, source)


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("pipeline", "from lumbardisc import errors, io\nfrom lumbardisc.pipeline.study import Study"),
        ("training", "import torch"),
        ("report", "import nibabel"),
        ("preprocess", "import SimpleITK"),
        ("cli", "from lumbardisc import __version__"),
    ],
)
def test_a_kept_rule_is_not(part: str, source: str) -> None:
    assert broken_rules(part, source) == []


@pytest.mark.parametrize(
    "statement",
    [
        "import lumbardisc",
        "import lumbardisc.cli.main",
        "from lumbardisc.cli.main import run; run(['analyze', '--help'])",
    ],
)
def test_start_loads_nothing_heavy(statement: str) -> None:
    code = f"{statement}\nimport sys; print('LOADED', *{HEAVY!r} & set(sys.modules))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.splitlines()[-1] == "LOADED"
