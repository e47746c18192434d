"""Training of the detector: the loop, whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from lumbardisc.errors import InputError, UsageError
from lumbardisc.inference.detection import decode, picked, read_together
from lumbardisc.inference.segmentation import Segmenter
from lumbardisc.io.folders import make_folder
from lumbardisc.networks.yolov7 import YOLOv7, scaled_anchors
from lumbardisc.preprocess.square import Square
from lumbardisc.training.config import DetectionConfig, read_config
from lumbardisc.training.detection.boxed_slices import overlap, usable
from lumbardisc.training.detection.boxes import BoxedSlice
from lumbardisc.training.detection.kept import read_slices, write_slices
from lumbardisc.training.detection.loss import DetectionLoss
from lumbardisc.training.detection.samples import Samples, collate, plain
from lumbardisc.training.detection.sources import SOURCES, BoxedCase
from lumbardisc.training.export import export
from lumbardisc.training.kept import key_of_folders
from lumbardisc.training.run_folder import FREE, key_of, load
from lumbardisc.training.splits import part_of
from lumbardisc.training.steps import Progress, fit_steps


def train(config: Path, *, resume: bool = True, progress: Progress | None = None) -> Path:
    """Train as ``config`` says; returns its folder.

    It gets ``slices.npz`` (slices and boxes; keep it where the images may be), ``notes.txt`` (what was left out and
    why), ``last.pt``, ``history.csv``, and ``detection.onnx`` with its card. An interrupted run goes on unless
    ``resume`` is false. Patients of the fixed test set of public data are left out. Raises UsageError and InputError.
    """
    settings = read_config(config, DetectionConfig)
    tell = progress or (lambda _text, _done: None)
    make_folder(settings.out)
    slices = load_slices(settings, tell)
    held_out = [one for one in slices if part_of(one.source, one.patient) == "validation"]
    network = detector(settings)
    if settings.init:
        load(network, settings.init)
    trained = fit(
        network,
        [one for one in slices if part_of(one.source, one.patient) == "train"],
        settings,
        lambda averaged: {"named_right": named_right(averaged, held_out, settings.side)} if held_out else {},
        resume=resume,
        progress=tell,
    )
    export_detector(trained, settings, settings.out / "detection.onnx")
    return settings.out


def detector(settings: DetectionConfig) -> YOLOv7:
    """An untrained network as the settings say; the seed tells its first weights."""
    torch.manual_seed(settings.seed)
    return YOLOv7(settings.labels, settings.width, inputs=1)


def fit(
    network: YOLOv7,
    slices: Sequence[BoxedSlice],
    settings: DetectionConfig,
    validate: Callable[[YOLOv7], Mapping[str, float]],
    *,
    resume: bool = True,
    progress: Progress | None = None,
) -> YOLOv7:
    """Train on boxed slices; returns the running average of the weights. ``settings.out`` gets last.pt, history.csv.

    An interrupted run goes on, to more steps if they were raised. Raises UsageError where last.pt is of other settings
    or slices.
    """
    if not slices:
        raise UsageError("data: no slice with boxes is left to train on")
    loss = DetectionLoss(settings.side, settings.box_weight, settings.object_weight, settings.class_weight)
    loss.to("cuda" if torch.cuda.is_available() else "cpu")

    def batches(step: int) -> DataLoader:  # type: ignore[type-arg]
        samples = Samples(
            slices, settings.weights, settings.side, settings.labels, settings.views, settings.seed + 1000 * step
        )
        return DataLoader(samples, settings.batch, num_workers=settings.workers, collate_fn=collate)

    def loss_of(answer: Callable[[Tensor], list[Tensor]], batch: tuple[Tensor, list[Tensor], list[Tensor]]) -> Tensor:
        images, boxes, classes = batch
        scores = answer(images)
        device = scores[0].device
        found: Tensor = loss(scores, [each.to(device) for each in boxes], [each.to(device) for each in classes])
        return found

    key = key_of(settings, slices, free=FREE | {"steps"})
    return fit_steps(network, settings, key, batches, loss_of, validate, resume=resume, progress=progress)


def load_slices(settings: DetectionConfig, tell: Progress) -> list[BoxedSlice]:
    """The boxed slices of all data sets without fixed test patients; kept in ``slices.npz``."""
    if unknown := [name for name in settings.data if name not in SOURCES]:
        raise UsageError(f"data.{unknown[0]}: unknown kind of data set; known are {', '.join(SOURCES)}")
    segmenter = Segmenter(settings.segmentation)
    path, key = settings.out / "slices.npz", key_of_folders(settings.data, segmenter.weights.sha256)
    if kept := read_slices(path, key):
        return kept
    notes: list[str] = []
    slices = [
        one for name, folder in settings.data.items() for one in usable(_cases(name, folder, tell), segmenter, notes)
    ]
    (settings.out / "notes.txt").write_text("".join(f"{note}\n" for note in notes), encoding="utf-8")
    if not slices:
        raise UsageError(f"data: no slice with boxes was found; {notes[0] if notes else 'the folders are empty'}")
    write_slices(slices, notes, key, path)
    return slices


def _cases(name: str, folder: Path, tell: Progress) -> Iterator[BoxedCase]:
    try:
        for case in SOURCES[name](folder):
            if part_of(case.source, case.patient) != "test":
                tell(f"finding discs, {name} {case.case}", 0.0)
                yield case
    except OSError as error:
        raise InputError(f"data.{name}: {error.filename or folder}: {error.strerror or error}") from None


@torch.no_grad()
def named_right(network: YOLOv7, slices: Sequence[BoxedSlice], side: int) -> float:
    """Share of the slices' L5/S1 ... L1/L2 that are found under their own name."""
    right, count = 0, 0
    device = next(network.parameters()).device
    anchors = scaled_anchors(side).numpy().astype(np.float64)
    for one in slices:
        image, _, _ = plain(one, side)
        scores = network(torch.from_numpy(image[None]).to(device))[0].cpu().numpy()
        square = Square(side, (one.image.shape[0], one.image.shape[1]), one.pixel)
        found = {disc.label: disc.box for disc in read_together(*picked(decode(scores, anchors, side), square))}
        lumbar = [label for label in one.boxes if label <= 5]
        right += sum(label in found and overlap(found[label], one.boxes[label]) >= 0.5 for label in lumbar)
        count += len(lumbar)
    return right / max(count, 1)


def export_detector(network: YOLOv7, settings: DetectionConfig, path: Path) -> None:
    """Write the ONNX file and its card."""
    card = {
        "task": "detection",
        "side": settings.side,
        "labels": settings.labels,
        "width": settings.width,
        "anchors": scaled_anchors(settings.side).tolist(),
        "trained_on": sorted(settings.data),
    }
    export(network, [torch.rand(1, 1, settings.side, settings.side)], path, card)
