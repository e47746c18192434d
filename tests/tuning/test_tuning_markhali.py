"""Markhali 2024 tuned end to end on drawn discs: what the recipe returns is what a study compares."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("statsmodels")

import tifffile

from lumbardisc.cli.main import run

pytestmark = pytest.mark.train

RECIPE = """
out = "unused"
masks = { drawn = "data" }
size = 36
border = 14
levels = 3
width = 16
epochs = 2
validation_share = 0.4
test_share = 0.0
"""
STUDY = """
config = "recipe.toml"
out = "study"
seeds = [0, 1]
factors = ["inputs"]
[versions.small]
like = "model_9"
[versions.raw]
like = "model_9"
inputs = "raw"
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Five subjects of three slices, two bright discs on each."""
    rng = np.random.default_rng(0)
    (tmp_path / "data").mkdir()
    for subject in range(5):
        mask = np.zeros((3, 40, 40), dtype=np.uint8)
        mask[:, 8 + subject : 14 + subject, 12:28] = mask[:, 24:30, 12:28] = 1
        image = (60 + 120 * mask + rng.normal(0, 8, mask.shape)).astype(np.uint8)
        tifffile.imwrite(tmp_path / "data" / f"s{subject}.tif", image, photometric="minisblack")
        tifffile.imwrite(tmp_path / "data" / f"s{subject}_mask.tif", mask, photometric="minisblack")
    (tmp_path / "recipe.toml").write_text(RECIPE)
    (tmp_path / "study.toml").write_text(STUDY)
    return tmp_path / "study.toml"


def test_round_trip(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tune", str(study)]) == 0
    out = study.parent / "study"
    with (out / "leaderboard.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted((row["version"], row["run"]) for row in rows) == [
        (name, number) for name in ("raw", "small") for number in "12"
    ]
    assert all(0 <= float(row["dice"]) <= 1 and row["dice_without_orphans"] for row in rows)
    record = json.loads((out / "analysis.json").read_text(encoding="utf-8"))
    assert [one["score"] for one in record["comparisons"]] == ["dice", "dice_without_orphans"]
    assert {one["by"] for one in record["groups"]} <= {"level"}
    assert len(list((out / "runs").glob("raw_seed_1-*/last.pt"))) == 1
    capsys.readouterr()

    assert run(["tune", str(study)]) == 0
    assert capsys.readouterr().out.count("kept from an earlier run") == 4

    path = study.parent / "data" / "s0.tif"
    tifffile.imwrite(path, tifffile.imread(path) // 2, photometric="minisblack")
    assert run(["tune", str(study)]) == 0
    assert "kept" not in capsys.readouterr().out
