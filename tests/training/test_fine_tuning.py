"""Going on from an exported network: the same answers, settings that suit it, and a real short run."""

from __future__ import annotations

import csv
from pathlib import Path

import labelled_folders
import numpy as np
import pytest
from labelled_folders import image, labels, save

pytest.importorskip("torch")

import torch

from lumbardisc.errors import InputError, OutputError, UsageError, WeightsError
from lumbardisc.inference.runtime import Network
from lumbardisc.inference.weights import default_weights, load_weights
from lumbardisc.networks.unet import UNet
from lumbardisc.training.augment import Augmentation, crop
from lumbardisc.training.config import SegmentationConfig, read_config
from lumbardisc.training.dataset import load_examples
from lumbardisc.training.export import export
from lumbardisc.training.exported import has_folded_statistics, network_of
from lumbardisc.training.fine_tuning import SHORT_RUN, first_network, settle
from lumbardisc.training.partial import ANY, CLASSES
from lumbardisc.training.segmentation import train
from lumbardisc.training.validate import validate

pytestmark = pytest.mark.train


def settings(**changed: object) -> SegmentationConfig:
    return SegmentationConfig.model_validate({"out": "run", "data": {"labelled": "scans"}, **changed})


def small_network(path: Path, widths: tuple[int, ...] = (4, 8, 12)) -> UNet:
    """A network with normalisation that has seen something, exported to ``path``."""
    torch.manual_seed(0)
    network = UNet(len(CLASSES), widths, inputs=2)
    for _ in range(3):
        network(torch.randn(2, 2, 32, 32) * 3 + 1)
    card = {"task": "segmentation", "resolution_mm": 1.0, "stride": network.stride, "widths": list(widths)}
    export(network, [torch.randn(1, 2, 32, 32), torch.randn(1, 2, 48, 32)], path, {**card, "classes": list(CLASSES)})
    return network


def largest_difference(path: Path, network: UNet) -> float:
    example = torch.randn(1, 2, 8 * network.stride, 4 * network.stride)
    with torch.no_grad():
        return float(np.abs(next(Network(path).run([example[0].numpy()])) - network(example)[0].numpy()).max())


def test_the_network_that_ships_comes_back_with_the_same_answers() -> None:
    path = default_weights("segmentation")
    network = network_of(path)
    assert list(network.widths) == load_weights(path, "segmentation").settings["widths"]
    assert largest_difference(path, network) < 1e-4


@pytest.mark.parametrize("widths", [(4, 8), (6, 5, 4, 3)])
def test_any_widths_come_back_and_are_exported_again(tmp_path: Path, widths: tuple[int, ...]) -> None:
    first = small_network(tmp_path / "a.onnx", widths)
    assert not has_folded_statistics(first)
    network = network_of(tmp_path / "a.onnx")
    assert network.widths == widths
    assert has_folded_statistics(network)
    assert largest_difference(tmp_path / "a.onnx", network) < 1e-4
    example = torch.randn(1, 2, network.stride * 2, network.stride * 2)
    with torch.no_grad():
        assert torch.allclose(first.eval()(example), network(example), atol=1e-4)


def test_files_of_another_build_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="not for 'segmentation'"):
        network_of(default_weights("grading"))
    with pytest.raises(WeightsError, match="not found"):
        network_of(tmp_path / "no.onnx")
    card = {"task": "segmentation", "resolution_mm": 1.0, "stride": 1, "widths": [3]}
    plain = torch.nn.Sequential(
        torch.nn.Conv2d(2, 3, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv2d(3, 6, 5, padding=2)
    )
    export(plain, [torch.randn(1, 2, 16, 16)], tmp_path / "plain.onnx", card)
    with pytest.raises(WeightsError, match="is not the U-Net"):
        network_of(tmp_path / "plain.onnx")


def test_what_is_left_open_suits_the_start() -> None:
    card = load_weights(default_weights("segmentation"), "segmentation").settings
    settled = settle(settings(init="default", steps=7))
    assert settled.steps == 7
    assert settled.learning_rate == SHORT_RUN["learning_rate"]
    assert settled.resolution_mm == card["resolution_mm"]
    assert list(settled.widths) == card["widths"]
    assert settled.init == default_weights("segmentation")
    assert settle(settings(), "default") == settle(settings(init="default"))
    assert settle(settings()) == settings(), "from scratch nothing changes"
    with pytest.raises(UsageError, match="leave widths out"):
        settle(settings(init="default", widths=[4, 8]))


def own_run(tmp_path: Path, **changed: object) -> Path:
    small_network(tmp_path / "start.onnx")
    lines = {
        "out": "run", "init": "start.onnx", "steps": 12, "validate_every": 6, "crop": [48, 32], "batch": 2,
        "workers": 0, "warmup": 2, "average": 0.5, "learning_rate": 0.01, **changed,
    }  # fmt: skip
    text = [f"{name} = {value!r}" for name, value in lines.items()]
    (tmp_path / "own.toml").write_text("\n".join([*text, "[data]", "labelled = 'scans'"]))
    return tmp_path / "own.toml"


def test_a_run_on_own_data(tmp_path: Path) -> None:
    for case in "abcde":
        save(tmp_path / "scans" / f"{case}.nii.gz", image(ord(case)))
        save(tmp_path / "scans" / "truth" / f"{case}.nii.gz", labels(), mask=True)
    folder = train(own_run(tmp_path))
    with (folder / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["0", "6", "12"]
    assert float(rows[-1]["mean"]) > float(rows[0]["mean"]), "better than what it started from"
    with (folder / "split.csv").open() as file:
        parts = {row["patient"]: row["part"] for row in csv.DictReader(file)}
    assert sorted(parts.values()) == ["train"] * 4 + ["validation"]
    card = load_weights(folder / "segmentation.onnx", "segmentation").settings
    assert card["resolution_mm"] == 1.0
    assert card["started_from"] == load_weights(tmp_path / "start.onnx", "segmentation").sha256
    assert card["trained_on"] == ["labelled"]
    # its own checkpoint is a start as well, and the statistics are still the folded ones
    again = first_network(settings(init=str(folder / "best.pt"), widths=[4, 8, 12]), "cpu")
    assert has_folded_statistics(again)


def test_one_outlined_slice_of_a_scan_is_what_teaches_and_judges(tmp_path: Path) -> None:
    outlined = np.zeros_like(labels())
    outlined[1] = labels()[1]
    for case in "ab":
        save(tmp_path / "scans" / f"{case}.nii.gz", image(ord(case)))
        save(tmp_path / "scans" / "truth" / f"{case}.nii.gz", outlined, mask=True)
    parts, _ = load_examples(read_config(own_run(tmp_path), SegmentationConfig))
    (example,) = parts["validation"]
    assert example.telling.tolist() == [1]
    network = network_of(tmp_path / "start.onnx")
    assert np.isfinite(validate(network, [example], 1.0)["mean"])
    _, allowed = crop(parts["train"][0], (32, 32), 1.0, np.random.default_rng(0), Augmentation())
    assert (allowed != ANY).any()


def test_validated_on_what_settles_nothing(tmp_path: Path) -> None:
    """Whole vertebrae without a canal: which of their pixels are body is not told."""
    vertebrae = np.where(labels() == 101, 1, 0) + np.where(labels() == 100, 2, 0)
    for case in "ab":
        save(tmp_path / "scans" / f"{case}.nii.gz", image(ord(case)))
        save(tmp_path / "scans" / f"{case}_seg.nii.gz", vertebrae, mask=True)
    with pytest.raises(UsageError, match="settle no structure"):
        train(own_run(tmp_path, labels="spider"))


def test_data_that_cannot_be_learnt_from(tmp_path: Path) -> None:
    labelled_folders.phantoms(tmp_path / "scans")
    mask = tmp_path / "scans" / "truth" / "x_t2.nii.gz"
    whole = mask.read_bytes()
    mask.write_bytes(b"")
    with pytest.raises(InputError, match=r"x_t2\.nii\.gz: is empty"):
        train(own_run(tmp_path))
    mask.unlink()
    (tmp_path / "scans" / "x_t2.nii.gz").unlink()
    with pytest.raises(UsageError, match="none of 1 patients is for train"):
        train(own_run(tmp_path))
    mask.write_bytes(whole)
    with pytest.raises(InputError, match="there is no image for these labels"):
        train(own_run(tmp_path))
    with pytest.raises(OutputError, match=r"start\.onnx: cannot be made"):
        train(own_run(tmp_path, out="start.onnx"))


@pytest.mark.parametrize("content", [None, b"", b"no checkpoint"])
def test_a_start_that_is_none(tmp_path: Path, content: bytes | None) -> None:
    start = tmp_path / "start.pt"
    if content is not None:
        start.write_bytes(content)
    with pytest.raises(UsageError, match=r"init: .*start\.pt"):
        first_network(settings(init=str(start)), "cpu")
