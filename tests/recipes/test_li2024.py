"""The recipe end to end on drawn spines, from LabelImg's boxes and a table to results and phases of new images.

Stage 1 is told the boxes here, for learning them takes too long; one test trains it for a moment all the same.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pydantic import BaseModel

pytest.importorskip("torch")
pytest.importorskip("imblearn")
pytest.importorskip("faster_coco_eval")

from PIL import Image

from lumbardisc.cli.main import run
from lumbardisc.errors import InputError
from lumbardisc.inference.detection import Detector, FoundDisc
from lumbardisc.inference.svm import Svm
from lumbardisc.io import find
from lumbardisc.levels import disc_name
from lumbardisc.phantom.write import write_phantom
from lumbardisc.recipes import li2024, li2024_use
from lumbardisc.recipes.li2024_config import DetectionStage, Li2024Config, PhaseStage, RegressionStage, read_config
from lumbardisc.recipes.li2024_use import COLUMNS, Phaser
from lumbardisc.training.phases.data import read_labelimg, read_phantom

pytestmark = pytest.mark.train

ROOT = Path(__file__).parents[2]
PATIENTS = 12
TRAIN_DETECTION = li2024.train_detection
LEFT, RIGHT, HEIGHT, STEP, LOWEST = 24, 56, 9, 18, 96
SETTINGS = """
out = "run"
resamples = 20
folds = 2
[data]
labelimg = "data"
[detection]
side = 64
width = 0.25
epochs = {epochs}
[regression]
shape = [8, 24]
width = 0.5
[regression.schedule]
epochs = 20
learning_rate = 0.02
"""


def box_of(disc: int) -> tuple[int, int, int, int]:
    top = LOWEST - STEP * (disc - 1)
    return LEFT, top, RIGHT, top + HEIGHT


def draw(path: Path, means: list[float], seed: int) -> None:
    """Five discs, the longer their T1rho the brighter, between darker bodies; an 8-bit picture."""
    image = np.full((112, 80), 60.0)
    for disc, mean in enumerate(means, start=1):
        x0, y0, x1, y1 = box_of(disc)
        image[y0:y1, x0:x1] = 60 + mean
    image += np.random.default_rng(seed).normal(0, 3, image.shape)
    Image.fromarray(np.clip(image, 0, 255).astype(np.uint8)).save(path)


class DrawnBoxes(Detector):
    """Stands in for stage 1; a disc that is nearly black is not seen."""

    def __init__(self, *_: object) -> None:
        pass

    def __call__(self, image: np.ndarray, _pixel: tuple[float, float]) -> tuple[FoundDisc, ...]:
        boxes = {disc: tuple(map(float, box_of(disc))) for disc in range(1, 6)}
        seen = {disc: box for disc, box in boxes.items() if image[int(box[1]) + 4, 40] > 0.3}
        return tuple(FoundDisc(disc, box, 0.9, {disc: 0.95}) for disc, box in seen.items())


@pytest.fixture(scope="module", autouse=True)
def known_boxes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(li2024, "train_detection", lambda *_: DrawnBoxes())
        patch.setattr(li2024_use, "Detector", DrawnBoxes)
        yield


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve patients, read by two readers twice, a configuration, and the recipe run on them once."""
    folder = tmp_path_factory.mktemp("li2024")
    data = folder / "data"
    data.mkdir()
    (data / "classes.txt").write_text("\n".join(disc_name(disc) for disc in range(1, 6)))
    rng = np.random.default_rng(0)
    rows = ["patient,level,t1rho_max_ms,t1rho_min_ms,t1rho_mean_ms,reader,repeat,pfirrmann,age,sex"]
    for number in range(PATIENTS):
        means = rng.permutation([rng.uniform(115, 160) for _ in range(2)] + [95.0, 60.0, rng.uniform(40, 70)]).tolist()
        draw(data / f"P{number}_t1.png", means, number)
        boxes = [(disc - 1, *box_of(disc)) for disc in range(1, 6)]
        lines = [
            f"{k} {(x0 + x1) / 160} {(y0 + y1) / 224} {(x1 - x0) / 80} {(y1 - y0) / 112}" for k, x0, y0, x1, y1 in boxes
        ]
        (data / f"P{number}_t1.txt").write_text("\n".join(lines))
        for disc, mean in enumerate(means, start=1):
            for reader, repeat in (("A", 1), ("A", 2), ("B", 1), ("B", 2)):
                off = mean + (1.5 if reader == "A" else -1.5) + rng.normal(0, 0.5)
                values = f"{off + 20:.1f},{off - 20:.1f},{off:.1f}"
                rows.append(f"P{number},{disc_name(disc)},{values},{reader},{repeat},{3 if mean < 90 else 2},40,F")
    (data / "t1rho.csv").write_text("\n".join(rows))
    (folder / "li2024.toml").write_text(SETTINGS.format(epochs=1))
    assert run(["recipe", "li2024", str(folder / "li2024.toml"), "-q"]) == 0
    return folder


def figures(project: Path, start: str) -> dict[str, dict[str, float]]:
    record = json.loads((project / "run" / "results.json").read_text())
    (rows,) = (rows for title, rows in record.items() if title.startswith(start))
    return {row["name"]: row for row in rows}


def test_everything_the_paper_shows_is_written(project: Path) -> None:
    phases = figures(project, "Table 3")
    assert phases["accuracy"]["published"] == 0.840
    assert phases["accuracy"]["value"] > 0.7, "bright, grey and dark boxes are told apart"
    assert phases["phase 2, recall"]["published"] == 0.917
    assert set(phases) > {"macro average, f1", "weighted average, precision"}
    detection = figures(project, "Table 2")
    assert detection["mAP@0.5, all levels"] == {
        "name": "mAP@0.5, all levels",
        "value": 1.0,
        "low": None,
        "high": None,
        "published": 0.996,
    }
    areas = figures(project, "Areas")
    assert sum(name.endswith("standard error") for name in areas) == 4
    assert areas["AUC mean of the phases (paper's interval 0.769 to 0.957)"]["value"] > 0.85
    folds = figures(project, "Table 4")
    assert len(folds) == 1 + 2
    assert folds["AUC, mean of the folds"]["value"] == pytest.approx(
        np.mean([folds[f"AUC fold {k}"]["value"] for k in (1, 2)]), abs=1e-3
    )
    assert folds["AUC fold 1"]["published"] is None, "the paper has five"
    errors = figures(project, "Beyond")
    assert errors["mean T1rho, correlation with the measured"]["value"] > 0.8
    for name in ("results.md", "roc_test.png", "roc_test.svg", "confusion_test.png", "example.png", "split.csv"):
        assert (project / "run" / name).stat().st_size > 100


def test_who_is_in_it_and_how_well_readers_agree(project: Path) -> None:
    record = json.loads((project / "run" / "results.json").read_text())
    rows = {row["name"]: row for row in record["Table 1, patients"]}
    assert rows["patients"]["ours"] == {"all": "12", "train": "10", "test": "2"}
    assert rows["discs"]["published"] == ["300", "250", "50"]
    assert rows["sex (male : female)"]["ours"]["all"] == "0 : 12"
    assert rows["Pfirrmann III"]["ours"]["all"] == "24"
    agreed = figures(project, "Reliability")
    single = agreed["ICC of the mean between readers, single (paper: above 0.80)"]["value"]
    assert 0.9 < single < 1, "they differ by 3 ms throughout"
    assert agreed["ICC of the mean of A with himself or herself, single (paper: above 0.80)"]["value"] > single
    assert agreed["kappa of the Pfirrmann grades (paper: above 0.80)"]["value"] == 1


def test_the_page_has_the_published_confusion_matrix_and_notes(project: Path) -> None:
    page = (project / "run" / "results.md").read_text(encoding="utf-8")
    assert "(21)" in page
    assert "phantom" not in page
    assert "test: 10 discs of 2 patients, 0 not found" in page


def test_no_patient_is_in_two_parts_nor_in_two_folds(project: Path) -> None:
    with (project / "run" / "split.csv").open() as file:
        parts = {row["patient"]: row["part"] for row in csv.DictReader(file)}
    assert sorted(parts.values()) == ["test"] * 2 + ["train"] * 10


def test_a_finished_run_is_not_trained_again(project: Path) -> None:
    history = project / "run" / "regression" / "final" / "history.csv"
    before, written = history.read_text(), (project / "run" / "results.json").read_text()
    text = (project / "li2024.toml").read_text()
    (project / "again.toml").write_text(text + '[phases]\nfitted_on = "out_of_fold"\n')
    assert run(["recipe", "li2024", str(project / "again.toml"), "-q"]) == 0
    assert history.read_text() == before
    assert "out of fold" in (project / "run" / "results.md").read_text()
    assert run(["recipe", "li2024", str(project / "li2024.toml"), "-q"]) == 0
    assert (project / "run" / "results.json").read_text() == written, "the same again, to the last digit"


def test_other_settings_are_refused_not_answered_by_the_old_networks(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = (project / "li2024.toml").read_text().replace("learning_rate = 0.02", "learning_rate = 0.03")
    (project / "changed.toml").write_text(changed)
    assert run(["recipe", "li2024", str(project / "changed.toml"), "-q"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "last.pt: was made with other settings or data; name another out" in line


def test_phases_of_new_images(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draw(tmp_path / "new.png", [150, 50, -60, 150, 50], seed=99)
    (tmp_path / "bad.png").write_bytes(b"no image")
    arguments = ["recipe", "li2024", str(project / "li2024.toml"), "-o", str(tmp_path / "out.csv")]
    arguments += ["--spacing", "4,1,1"]
    code = run([*arguments, "--phases", str(tmp_path / "new.png"), "--phases", str(tmp_path / "bad.png")])
    assert code == 1
    assert "bad.png" in capsys.readouterr().err
    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [row["level"] for row in rows] == ["L5/S1", "L4/L5", "L2/L3", "L1/L2"]
    assert [row["phase"] for row in rows] == ["1", "3", "1", "3"]
    for row in rows:
        assert sum(float(row[f"phase_p{phase}"]) for phase in (1, 2, 3)) == pytest.approx(1, abs=1e-3)
        assert row["phantom_trained"] == "false"
    assert float(rows[0]["t1rho_mean_ms"]) == pytest.approx(150, abs=35)


def test_an_image_that_is_no_t1_is_refused(project: Path) -> None:
    (source,) = find([project / "data" / "P0_t1.png"], spacing=(4, 1, 1), contrast="t2")
    with pytest.raises(InputError, match="reads T1"):
        Phaser(project / "li2024.toml")(source.load())


def test_use_before_training_is_one_line(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "c.toml").write_text(SETTINGS.format(epochs=1))
    image = str(project / "data" / "P0_t1.png")
    assert run(["recipe", "li2024", str(tmp_path / "c.toml"), "--phases", image, "--spacing", "4,1,1"]) == 2
    assert "train it first" in capsys.readouterr().err


def test_stage_1_trains_and_runs_as_exported(project: Path, tmp_path: Path) -> None:
    config = read_config(project / "li2024.toml").model_copy(update={"out": tmp_path})
    slices = read_labelimg(project / "data").slices[:4]
    found = TRAIN_DETECTION(config, slices)
    assert found.weights.settings["labels"] == 5
    assert isinstance(found(slices[0].image, slices[0].pixel), tuple)
    assert (tmp_path / "detection" / "last.pt").exists()


def test_phantoms_are_a_data_set_and_said_to_be_phantoms(tmp_path: Path) -> None:
    write_phantom(tmp_path, count=1, sequence="t1", format="nifti", matrix=96, slices=1)
    data = read_phantom(tmp_path)
    assert data.drawn
    (one,) = data.slices
    assert one.contrast == "t1"
    assert set(one.boxes) == set(data.discs["seed-0000"]) == {1, 2, 3, 4, 5}
    heights = [box[1] for _, box in sorted(one.boxes.items())]
    assert heights == sorted(heights, reverse=True), "L5/S1 is the lowest"
    for measured in data.discs["seed-0000"].values():
        high, low, mean = measured.values
        assert low < mean < high
        assert measured.grade in range(1, 6)
    (tmp_path / "seed-0000_t1.nii.gz").unlink()
    with pytest.raises(InputError, match="is missing"):
        read_phantom(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('labelimg = "data"', 'martian = "data"', "unknown kind"),
        ('labelimg = "data"', 'labelimg = "nowhere"', "nowhere"),
        ("folds = 2", "folds = 40", "folds = 40: only 10 patients"),
        ("folds = 2", "window = [0, 1000]\nfolds = 2", "window"),
        ("side = 64", "side = 65", "detection.side"),
        ("[8, 24]", "[4, 24]", "regression.shape"),
        ("folds = 2", "test_share = 0.01\nfolds = 2", "no patient is left for test"),
    ],
)
def test_bad_settings_are_one_line(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, words: str
) -> None:
    text = SETTINGS.format(epochs=1).replace(old, new).replace('"data"', f'"{project / "data"}"')
    (tmp_path / "c.toml").write_text(text)
    assert run(["recipe", "li2024", str(tmp_path / "c.toml"), "-q"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line


def test_defaults_are_the_published_settings(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('out = "run"\n[data]\nlabelimg = "d"\n')
    config = read_config(tmp_path / "c.toml")
    assert (config.detection.side, config.detection.epochs, config.detection.batch) == (640, 200, 16)
    assert config.detection.width == 1
    assert config.window == (2000, 1000)
    assert config.regression.schedule.learning_rate == 1e-4
    assert (config.folds, config.resamples, round(60 * config.test_share)) == (5, 1000, 10)


def test_the_example_and_the_page_are_valid(tmp_path: Path) -> None:
    example = read_config(ROOT / "examples" / "li2024.toml")
    assert all(folder.is_relative_to(ROOT / "examples" / "data") for folder in example.data.values())
    page = (ROOT / "docs" / "recipes" / "li2024.md").read_text(encoding="utf-8")
    (tmp_path / "c.toml").write_text(page.split("```toml\n")[1].split("```")[0])
    assert read_config(tmp_path / "c.toml").regression == RegressionStage()


@pytest.mark.parametrize("kind", [Li2024Config, DetectionStage, RegressionStage, PhaseStage])
def test_every_setting_is_explained(kind: type[BaseModel]) -> None:
    stages = {"detection", "regression", "phases"} if kind is Li2024Config else set()
    assert {name for name, field in kind.model_fields.items() if not field.description} == stages


def test_the_machine_of_a_run_is_kept_whole(project: Path) -> None:
    record = json.loads((project / "run" / "phases.json").read_text())
    assert record["phantom_trained"] is False
    svm = Svm.from_json(record["svm"])
    assert svm.classes == (1, 2, 3)
    assert svm.predict([[170.0, 130.0, 150.0], [115.0, 75.0, 95.0], [70.0, 30.0, 50.0]]).tolist() == [1, 2, 3]
