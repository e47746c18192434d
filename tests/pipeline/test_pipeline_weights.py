"""A user's own networks take the place of ours, each for its task."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lumbardisc.errors import UsageError, WeightsError
from lumbardisc.inference.weights import default_weights
from lumbardisc.pipeline.analyze import pipeline_for


def _own(folder: Path, task: str, name: str = "own") -> Path:
    """A copy of the network that ships for a task, with a card that tells it apart."""
    path = folder / f"{name}.onnx"
    path.write_bytes(default_weights(task).read_bytes())
    card = json.loads(default_weights(task).with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps({**card, "note": name}))
    return path


def test_one_network_of_ones_own_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    parts = pipeline_for(weights=[_own(tmp_path, "detection")])
    assert parts.second is not None
    assert parts.second.detector.weights.settings["note"] == "own"
    assert "note" not in parts.segmenter.weights.settings
    assert parts.estimator is None


def test_our_refiner_does_not_draw_over_a_segmentation_of_ones_own(tmp_path: Path) -> None:
    segmentation, refinement = _own(tmp_path, "segmentation", "first"), _own(tmp_path, "refinement", "second")
    assert pipeline_for().refiner is not None
    assert pipeline_for(weights=[segmentation]).refiner is None
    both = pipeline_for(weights=[segmentation, refinement])
    assert both.refiner is not None
    assert both.refiner.weights.settings["note"] == "second"


def test_missing_weights_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"nowhere\.onnx: weights not found"):
        pipeline_for(weights=[tmp_path / "nowhere.onnx"])


def test_what_is_asked_is_kept_with_the_result() -> None:
    settings = [pipeline_for(**wish)._settings() for wish in ({}, {"locate": "detector"}, {"cross_check": False})]  # type: ignore[arg-type]
    told = [(one["locate"], one["cross_check"]) for one in settings]
    assert told == [("segmentation", True), ("detector", False), ("segmentation", False)]


def test_a_detector_without_a_cross_check_is_a_contradiction(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="leave out --no-cross-check"):
        pipeline_for(locate="detector", cross_check=False)
    with pytest.raises(UsageError, match="leave out --no-cross-check"):
        pipeline_for(weights=[_own(tmp_path, "detection")], cross_check=False)


def test_two_networks_for_one_task_are_one_too_many(tmp_path: Path) -> None:
    first, second = _own(tmp_path, "detection", "first"), _own(tmp_path, "detection", "second")
    with pytest.raises(WeightsError, match=r"second\.onnx: is for detection, as .*first\.onnx is"):
        pipeline_for(weights=[first, second])


def test_a_task_that_is_none_of_ours_is_told(tmp_path: Path) -> None:
    path = _own(tmp_path, "detection")
    card = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps({**card, "task": "weather"}))
    with pytest.raises(WeightsError, match="is for 'weather'; networks are used here for segmentation"):
        pipeline_for(weights=[path])
