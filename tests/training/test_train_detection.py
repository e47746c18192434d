"""The detector's loop, for a moment: an interrupted run goes on with its own settings and slices alone."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from lumbardisc.errors import UsageError
from lumbardisc.training.config import DetectionConfig
from lumbardisc.training.detection.boxes import BoxedSlice
from lumbardisc.training.detection.training import detector, fit

pytestmark = pytest.mark.train


def boxed(case: str) -> BoxedSlice:
    image = np.full((64, 64), 60, dtype=np.uint8)
    image[30:38, 16:48] = 200
    return BoxedSlice("drawn", case, case, "t2", image, (1.0, 1.0), {1: (16.0, 30.0, 48.0, 38.0)})


def run(settings: DetectionConfig, slices: list[BoxedSlice], *, resume: bool = True) -> list[str]:
    """The steps of the run's history."""
    fit(detector(settings), slices, settings, lambda _network: {}, resume=resume)
    with (settings.out / "history.csv").open() as file:
        return [row["step"] for row in csv.DictReader(file)]


def test_a_run_goes_on_with_its_own_settings_and_slices_alone(tmp_path: Path) -> None:
    settings = DetectionConfig(data={}, out=tmp_path, side=64, width=0.125, batch=2, steps=1, workers=0)
    slices = [boxed("a"), boxed("b")]
    assert run(settings, slices) == ["1"]
    for changed, seen in ((settings, [*slices, boxed("c")]), (settings.model_copy(update={"seed": 1}), slices)):
        with pytest.raises(UsageError, match=r"last\.pt: was made with other settings or data"):
            run(changed, seen)
    assert run(settings, slices) == ["1"], "it was done"
    assert run(settings.model_copy(update={"steps": 2}), slices) == ["1", "2"]
    assert run(settings, slices, resume=False) == ["1"], "begun anew"
