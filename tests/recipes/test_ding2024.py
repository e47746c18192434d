"""The recipe end to end on drawn spines, from a user's folder to tables and grades of new images."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from pydantic import BaseModel

pytest.importorskip("torch")

from lumbardisc.cli.main import run
from lumbardisc.errors import InputError, UsageError
from lumbardisc.evaluation.bootstrap import Interval
from lumbardisc.io import find, save_nifti
from lumbardisc.recipes.ding2024_config import Ding2024Config, GradingStep, SegmentationStep, read_config
from lumbardisc.recipes.ding2024_use import Grader
from lumbardisc.recipes.published import Figure, table
from lumbardisc.training.schedule import Schedule
from lumbardisc.volume import LabelMap, Volume

pytestmark = pytest.mark.train

ROOT = Path(__file__).parents[2]
AFFINE = np.array([[4.0, 0, 0, 0], [0, 0, -1.0, 0], [0, -1.0, 0, 0], [0, 0, 0, 1.0]])
GREY = {1: 230, 2: 230, 3: 160, 4: 100, 5: 100}
SETTINGS = """
out = "run"
resamples = 50
[masks]
ours = "data"
[grades]
table = "data"
[segmentation]
size = 96
width = 4
crop = [96, 96]
[segmentation.schedule]
epochs = {epochs}
batch = 4
learning_rate = 0.1
[grading]
width = 0.0625
[grading.schedule]
epochs = 8
learning_rate = 0.05
"""


def draw(folder: Path, patient: str, grades: list[int], seed: int) -> None:
    """Four discs of 34 x 10 mm, the lower the grade the brighter, between darker bodies."""
    rng = np.random.default_rng(seed)
    image, mask = np.full((1, 160, 112), 20.0), np.zeros((1, 160, 112), dtype=np.int16)
    left = int(rng.integers(30, 44))
    image[0, 8:152, left : left + 34] = 50
    for count, grade in enumerate(grades):
        top = 130 - 34 * count
        image[0, top : top + 10, left : left + 34] = GREY[grade]
        mask[0, top : top + 10, left : left + 34] = 1
    image += rng.normal(0, 4, image.shape)
    save_nifti(Volume(np.clip(image, 0, 255).astype(np.uint8), AFFINE), folder / f"{patient}_t2.nii.gz")
    save_nifti(LabelMap(mask, AFFINE), folder / f"{patient}_t2_mask.nii.gz")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fourteen patients, a configuration, and the recipe run on them once."""
    folder = tmp_path_factory.mktemp("recipe")
    data = folder / "data"
    data.mkdir()
    rng = np.random.default_rng(0)
    rows = ["patient,disc,pfirrmann"]
    for number in range(14):
        grades = [int(one) for one in rng.permutation([1, 2, 3, 4, 5])[:4]]
        draw(data, f"P{number}", grades, number)
        rows += [f"P{number},{disc},{grade}" for disc, grade in enumerate(grades, start=1)]
    (data / "grades.csv").write_text("\n".join(rows))
    (folder / "ding2024.toml").write_text(SETTINGS.format(epochs=40))
    assert run(["recipe", "ding2024", str(folder / "ding2024.toml"), "-q"]) == 0
    return folder


def test_everything_the_paper_shows_is_written(project: Path) -> None:
    out = project / "run"
    record = json.loads((out / "results.json").read_text())
    titles = list(record)
    assert sum(title.startswith("Table 1") for title in titles) == 2
    assert sum(title.startswith("Table 2") for title in titles) == 4, "validation and test, with attention and without"
    (overlap,) = (record[title] for title in titles if title.startswith("Table 1") and "test" in title)
    dice = {row["name"]: row for row in overlap}["Dice mean"]
    assert dice["published"] == 0.920
    assert dice["low"] <= dice["value"] <= dice["high"]
    assert dice["value"] > 0.7, "bright boxes are learnt"
    (classes,) = (rows for title, rows in record.items() if title.endswith("ROC curves, attention, test patients"))
    measured = {row["name"]: row for row in classes}
    assert measured["ACC"]["published"] == 0.913
    assert measured["AUC mild/severe"]["published"] == 0.95
    assert measured["AUC mild/severe"]["value"] > 0.9, "bright and dark boxes are told apart"
    for name in ("results.md", "roc_test.png", "roc_test.svg", "confusion_test.png", "split.csv"):
        assert (out / name).stat().st_size > 100
    assert "| ACC |" in (out / "results.md").read_text()


def test_no_patient_is_in_two_parts(project: Path) -> None:
    with (project / "run" / "split.csv").open() as file:
        rows = list(csv.DictReader(file))
    parts = {(row["patient"], row["part"]) for row in rows}
    assert len(parts) == len({patient for patient, _ in parts}) == 14
    assert {part for _, part in parts} == {"train", "validation", "test"}


def test_grades_new_images_and_tells_of_bad_ones(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw(tmp_path, "new", [1, 5, 1, 5], seed=99)
    (tmp_path / "bad.nii.gz").write_bytes(b"no image")
    arguments = ["recipe", "ding2024", str(project / "ding2024.toml"), "-o", str(tmp_path / "out.csv")]
    code = run([*arguments, "--grade", str(tmp_path / "new_t2.nii.gz"), "--grade", str(tmp_path / "bad.nii.gz")])
    assert code == 1
    assert "bad.nii.gz" in capsys.readouterr().err
    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["level"] for row in rows] == ["L5/S1", "L4/L5", "L3/L4", "L2/L3"]
    assert [row["degeneration"] for row in rows] == ["mild", "severe", "mild", "severe"]
    for row in rows:
        assert sum(float(row[f"p_{name}"]) for name in ("mild", "moderate", "severe")) == pytest.approx(1, abs=1e-3)


def test_an_image_that_is_no_t2_is_refused(project: Path) -> None:
    (source,) = find([project / "data" / "P0_t2.nii.gz"], contrast="t1")
    with pytest.raises(InputError, match="grades T2"):
        Grader(project / "ding2024.toml")(source.load())


def test_grading_before_training_is_one_line(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "c.toml").write_text(SETTINGS.format(epochs=1))
    assert run(["recipe", "ding2024", str(tmp_path / "c.toml"), "--grade", str(project / "data" / "P0_t2.nii.gz")]) == 2
    assert "train it first" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('table = "data"', 'martian = "data"', "unknown reader"),
        ('table = "data"', 'spider_midsagittal = "nowhere"', "gradings.csv"),
        ("[96, 96]", "[96, 100]", "segmentation.crop"),
        ('ours = "data"', 'ours = "nowhere"', "nowhere"),
        ("size = 96", "size = 97", "segmentation.size"),
        ('[masks]\nours = "data"', "[masks]", "masks"),
    ],
)
def test_bad_settings_are_one_line(
    tmp_path: Path, project: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, words: str
) -> None:
    text = SETTINGS.format(epochs=1).replace('table = "data"', f'table = "{project / "data"}"')
    (tmp_path / "c.toml").write_text(
        text.replace(old.replace('"data"', f'"{project / "data"}"') if "table" in old else old, new)
    )
    assert run(["recipe", "ding2024", str(tmp_path / "c.toml")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line
    assert not (tmp_path / "run").exists()


def test_defaults_are_the_published_settings(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('out = "run"\n[masks]\nours = "m"\n[grades]\ntable = "g"\n')
    config = read_config(tmp_path / "c.toml")
    assert config.segmentation.size == 512
    for schedule in (config.segmentation.schedule, config.grading.schedule):
        assert (schedule.learning_rate, schedule.batch, schedule.epochs) == (0.001, 8, 300)
    assert config.grading.slices == 1
    assert config.grading.variation.flip_columns == 0, "a disc's front and back are not alike"
    (tmp_path / "c.toml").write_text((tmp_path / "c.toml").read_text() + "[grading]\nslices = 2\n")
    with pytest.raises(UsageError, match=r"grading\.slices"):
        read_config(tmp_path / "c.toml")


def test_the_example_and_the_page_are_valid(tmp_path: Path) -> None:
    example = read_config(ROOT / "examples" / "ding2024.toml")
    assert all(folder.is_relative_to(ROOT / "examples" / "data") for folder in example.masks.values())
    page = (ROOT / "docs" / "recipes" / "ding2024.md").read_text(encoding="utf-8")
    (tmp_path / "c.toml").write_text(page.split("```toml\n")[1].split("```")[0])
    assert read_config(tmp_path / "c.toml").grading == GradingStep()


@pytest.mark.parametrize("kind", [Ding2024Config, SegmentationStep, GradingStep, Schedule])
def test_every_setting_is_explained(kind: type[BaseModel]) -> None:
    steps = {"segmentation", "grading"} if kind is Ding2024Config else set()
    assert {name for name, field in kind.model_fields.items() if not field.description} == steps


def test_a_comparison_says_how_far_a_figure_is_from_the_published_one() -> None:
    figures = [Figure("Dice", Interval(0.9, 0.88, 0.93), 0.92), Figure("share", Interval(0.8, float("nan"), 0.9))]
    lines = table(figures).splitlines()
    assert lines[2] == "| Dice | 0.900 (0.880, 0.930) | 0.920 | -0.020 |"
    assert lines[3].endswith("|  |  |")
    assert figures[1].to_json() == {"name": "share", "value": 0.8, "low": None, "high": 0.9, "published": None}
