"""The refiner learns outlines from a few discs, goes on where it stopped, and its export is what ``analyze`` runs."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from lumbardisc.errors import UsageError
from lumbardisc.evaluation.overlap import dice
from lumbardisc.training.refinement.sources import SOURCES, spider_space

CONFIG = """
out = "run"
steps = {steps}
batch = 4
widths = [8, 16, 24]
validate_every = 20
average = 0.9
warmup = 5
workers = 0
learning_rate = 5e-3
[data]
spider_space = "space"
"""


def write_volume(folder: Path, patient: str, rng: np.random.Generator) -> None:
    """A volume like SPIDER's: three bright discs in noise; files run (left, up, forward)."""
    rows, columns = np.indices((150, 120))
    mask = np.zeros((4, 150, 120), dtype=np.uint8)
    for row in (110, 75, 40):
        half = rng.uniform(5.0, 8.0)
        mask[:, ((rows - row) / half) ** 2 + ((columns - 60) / 24) ** 2 <= 1.0] = 1
    image = np.clip(60 + 120 * mask + rng.normal(0.0, 12.0, mask.shape), 0, 255).astype(np.uint8)
    affine = np.array([[2.0, 0, 0, 0], [0, 0, -0.7, 0], [0, -0.7, 0, 0], [0, 0, 0, 1.0]])
    folder.mkdir(exist_ok=True)
    nib.save(nib.Nifti1Image(image, affine), folder / f"{patient}_t2_SPACE.nii.gz")
    nib.save(nib.Nifti1Image(mask, affine), folder / f"{patient}_t2_SPACE_mask.nii.gz")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for patient in ("901", "902", "903", "17"):  # 17 is a test patient
        write_volume(tmp_path / "space", patient, rng)
    return tmp_path


def write_config(folder: Path, steps: int) -> Path:
    path = folder / "refinement.toml"
    path.write_text(CONFIG.format(steps=steps))
    return path


def test_discs_are_numbered_from_the_lowest(folder: Path) -> None:
    one = next(iter(spider_space.read(folder / "space")))
    heights = [np.nonzero(one.labels == label)[1].mean() for label in (1, 2, 3)]
    assert heights == sorted(heights, reverse=True)
    assert one.labels.max() == 3
    assert len(one.frames) == 3 * len(one.image)


@pytest.mark.train
def test_it_learns_goes_on_and_is_exported(folder: Path) -> None:
    from lumbardisc.inference.refinement import Refiner
    from lumbardisc.pipeline.refine import refine_discs
    from lumbardisc.training.refinement.training import train

    train(write_config(folder, 20))
    run = train(write_config(folder, 60))
    assert len((run / "history.csv").read_text().splitlines()) == 1 + 3
    card = json.loads((run / "refinement.json").read_text())
    assert card["contrasts"] == ["t2_space"]
    with np.load(run / "discs.npz") as kept:
        assert "17" not in kept["names"]
    unseen = next(one for one in spider_space.read(folder / "space") if one.patient == "17")
    coarse = np.roll(unseen.labels, 3, axis=1).astype(np.int16)
    refined = refine_discs(Refiner(run / "refinement.onnx"), unseen.image, coarse, unseen.pixel)
    assert dice(refined > 0, unseen.labels > 0) > dice(coarse > 0, unseen.labels > 0) + 0.05


@pytest.mark.train
def test_what_cannot_be_learnt_from_is_told(folder: Path) -> None:
    from lumbardisc.training.refinement.training import train

    path = write_config(folder, 20)
    path.write_text(path.read_text().replace("spider_space =", "spider_spaces ="))
    with pytest.raises(UsageError, match=f"data.spider_spaces: unknown kind.*{next(iter(SOURCES))}"):
        train(path)
    path = write_config(folder, 20)
    path.write_text(path.read_text().replace('"space"', '"run"'))
    with pytest.raises(UsageError, match="no outlined discs"):
        train(path)
