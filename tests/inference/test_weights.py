"""Weights on disk: taken only whole, unchanged and for the right task."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from lumbardisc.errors import WeightsError
from lumbardisc.inference.weights import default_weights, load_weights


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """A file that passes for a network, and its card."""
    path = tmp_path / "small.onnx"
    path.write_bytes(b"a network")
    card = {"task": "segmentation", "sha256": hashlib.sha256(b"a network").hexdigest(), "resolution_mm": 0.8}
    path.with_suffix(".json").write_text(json.dumps(card), "utf-8")
    return path


def test_whole_weights_load_with_their_settings(exported: Path) -> None:
    weights = load_weights(exported, "segmentation")
    assert weights.path == exported
    assert weights.settings["resolution_mm"] == 0.8
    assert weights.sha256 == hashlib.sha256(b"a network").hexdigest()


def test_the_weights_of_the_package_are_those_of_their_card() -> None:
    path = default_weights("segmentation")
    assert load_weights(path, "segmentation").sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_one_changed_byte_is_seen(exported: Path) -> None:
    exported.write_bytes(b"a netwark")
    with pytest.raises(WeightsError, match=rf"{exported}: weights are damaged .*install them again"):
        load_weights(exported, "segmentation")


def test_a_card_without_a_checksum_vouches_for_nothing(exported: Path) -> None:
    exported.with_suffix(".json").write_text('{"task": "segmentation"}', "utf-8")
    with pytest.raises(WeightsError, match="damaged"):
        load_weights(exported, "segmentation")


def test_weights_for_another_task(exported: Path) -> None:
    with pytest.raises(WeightsError, match="are for 'segmentation', not for 'grading'"):
        load_weights(exported, "grading")


@pytest.mark.parametrize("suffix", [".onnx", ".json"])
def test_a_missing_file_is_named(exported: Path, suffix: str) -> None:
    exported.with_suffix(suffix).unlink()
    with pytest.raises(WeightsError, match=rf"small\{suffix}: weights not found"):
        load_weights(exported, "segmentation")


@pytest.mark.parametrize("card", [b"{", b"", b"[]", b"\xff\xfe{}"])
def test_a_card_that_is_none(exported: Path, card: bytes) -> None:
    exported.with_suffix(".json").write_bytes(card)
    with pytest.raises(WeightsError, match=r"small\.json: weights cannot be read") as caught:
        load_weights(exported, "segmentation")
    assert "\n" not in str(caught.value)
