"""A small network trained for real on drawn spines: files, resuming, export, and that it learns."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from lumbardisc.errors import UsageError, WeightsError
from lumbardisc.inference.weights import load_weights
from lumbardisc.io import save_nifti
from lumbardisc.training.segmentation import train
from lumbardisc.volume import LabelMap, Volume

pytestmark = pytest.mark.train

AFFINE = np.array([[4.0, 0, 0, 0], [0, 0, -1.0, 0], [0, -1.0, 0, 0], [0, 0, 0, 1.0]])


@pytest.fixture(scope="module")
def spines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four drawn cases laid out as Chu's; 17 is a validation patient of the fixed split."""
    folder = tmp_path_factory.mktemp("vertebrae_t2")
    rng = np.random.default_rng(0)
    for case in ("01", "02", "03", "17"):
        labels = np.zeros((3, 160, 90), dtype=np.int16)
        for count in range(1, 5):
            labels[:, 128 - 32 * count : 152 - 32 * count, 30:62] = count
        image = np.where(labels > 0, 200, 60) + rng.normal(0, 8, labels.shape)
        save_nifti(Volume(np.clip(image, 0, 255).astype(np.uint8), AFFINE), folder / f"{case}.nii.gz")
        save_nifti(LabelMap(labels, AFFINE), folder / f"{case}_vertebrae.nii.gz")
    return folder


def configuration(spines: Path, out: Path, **changed: object) -> Path:
    settings = {
        "out": "run", "steps": 30, "validate_every": 15, "crop": [96, 64], "batch": 2, "resolution_mm": 1.5,
        "widths": [8, 16], "workers": 0, "warmup": 5, "average": 0.5, "learning_rate": 0.01, **changed,
    }  # fmt: skip
    lines = [f"{name} = {value!r}" for name, value in settings.items()]
    path = out / "config.toml"
    path.write_text("\n".join([*lines, "[data]", f"vertebrae_t2 = {str(spines)!r}"]))
    return path


def history(folder: Path) -> list[dict[str, str]]:
    with (folder / "history.csv").open() as file:
        return list(csv.DictReader(file))


def test_trains_resumes_and_exports(spines: Path, tmp_path: Path) -> None:
    folder = train(configuration(spines, tmp_path))
    rows = history(folder)
    assert [row["step"] for row in rows] == ["15", "30"]
    assert float(rows[-1]["body"]) > 0.6, "bright boxes on a dark ground are learnt in thirty steps"
    assert (folder / "curves.png").stat().st_size > 5000
    card = load_weights(folder / "segmentation.onnx", "segmentation").settings
    assert card["resolution_mm"] == 1.5
    assert card["trained_on"] == ["vertebrae_t2"]
    again = train(configuration(spines, tmp_path, steps=45))
    assert [row["step"] for row in history(again)] == ["15", "30", "45"]
    with (folder / "segmentation.onnx").open("ab") as file:
        file.write(b"x")
    with pytest.raises(WeightsError, match="damaged"):
        load_weights(folder / "segmentation.onnx", "segmentation")


def test_pseudo_labels_from_a_first_network(spines: Path, tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    first = train(configuration(spines, tmp_path / "first"))
    second = configuration(
        spines, tmp_path, steps=15, pseudo_labels=str(first / "best.pt"), init=str(first / "best.pt")
    )
    assert float(history(train(second))[-1]["body"]) > 0.6
    assert (tmp_path / "run" / "pseudo_labels.npz").exists()


def test_another_run_in_the_same_folder_is_refused(spines: Path, tmp_path: Path) -> None:
    short = {"steps": 2, "validate_every": 2}
    train(configuration(spines, tmp_path, **short))
    train(configuration(spines, tmp_path, **{**short, "steps": 4, "workers": 1}))
    assert [row["step"] for row in history(tmp_path / "run")] == ["2", "4"]
    with pytest.raises(UsageError, match=r"last\.pt: was made with other settings or data.*--restart"):
        train(configuration(spines, tmp_path, **short, seed=1))
    fewer = tmp_path / "fewer"
    fewer.mkdir()
    for path in spines.iterdir():
        if not path.name.startswith("03"):
            (fewer / path.name).symlink_to(path)
    with pytest.raises(UsageError, match="other settings or data"):
        train(configuration(fewer, tmp_path, **short))
    with (tmp_path / "run" / "history.csv").open("a") as file:
        file.write("6" + ",0" * (len(history(tmp_path / "run")[0]) - 1) + "\n")  # and then it was killed
    train(configuration(fewer, tmp_path, **short), resume=False)
    train(configuration(fewer, tmp_path, **short))
    assert [row["step"] for row in history(tmp_path / "run")] == ["2"], "begun anew"


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"steps": 0}, "steps"), ({"colour": 1}, "colour"), ({"resolution_mm": 0.0}, "resolution_mm")],
)
def test_bad_settings_name_the_field(spines: Path, tmp_path: Path, changed: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        train(configuration(spines, tmp_path, **changed))


def test_unknown_and_missing_data(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('out = "run"\n[data]\nmartian = "x"\n')
    with pytest.raises(UsageError, match="unknown data set"):
        train(path)
    path.write_text('out = "run"\n[data]\nvertebrae_t2 = "nowhere"\n')
    with pytest.raises(UsageError, match="nowhere"):
        train(path)
    with pytest.raises(UsageError, match="cannot be read"):
        train(tmp_path / "no.toml")
