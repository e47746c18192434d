"""Training of the refiner: which outlined discs, which loss, what is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor
from torch.utils.data import DataLoader

from lumbardisc.errors import InputError, UsageError
from lumbardisc.evaluation.overlap import dice
from lumbardisc.inference.refinement import TASK
from lumbardisc.inference.weights import default_weights, load_weights
from lumbardisc.io.folders import make_folder
from lumbardisc.networks.unet import UNet
from lumbardisc.preprocess.disc_planes import PLANES
from lumbardisc.training.config import RefinementConfig, read_config
from lumbardisc.training.export import export
from lumbardisc.training.kept import key_of_folders
from lumbardisc.training.refinement.discs import OutlinedDiscs
from lumbardisc.training.refinement.kept import read_discs, write_discs
from lumbardisc.training.refinement.samples import Samples, Scale, plain
from lumbardisc.training.refinement.sources import SOURCES
from lumbardisc.training.run_folder import FREE, key_of
from lumbardisc.training.splits import part_of
from lumbardisc.training.steps import Progress, fit_steps

_SMOOTH = 10.0
"""Pixels added above and below in the Dice loss, so that an empty crop has a gradient too."""


def train(config: Path, *, resume: bool = True, progress: Progress | None = None) -> Path:
    """Train as ``config`` says; returns its folder.

    It gets ``discs.npz`` (images and outlines as they are learnt from; keep it where the images may be), ``last.pt``,
    ``history.csv`` (mean Dice of the crops of validation patients, where there are any), and ``refinement.onnx`` with
    its card. An interrupted run goes on unless ``resume`` is false. Patients of the fixed test set of public data are
    left out. Raises UsageError and InputError.
    """
    settings = read_config(config, RefinementConfig)
    tell = progress or (lambda _text, _done: None)
    make_folder(settings.out)
    cases = load_discs(settings, tell)
    if left_out := set(settings.leave_out):
        cases = [one for one in cases if one.patient not in left_out]
    held_out = [one for one in cases if part_of(one.source, one.patient) == "validation"]
    learnt = [one for one in cases if part_of(one.source, one.patient) == "train"]
    trained = fit(learnt, held_out, settings, resume=resume, progress=tell)
    card = {
        "task": TASK,
        "shape": list(settings.shape),
        "step": settings.step,
        "threshold": settings.threshold,
        "contrasts": sorted({one.contrast for one in learnt}),
        "trained_on": sorted(settings.data),
        "left_out": sorted(settings.leave_out),
    }
    export(trained, [torch.rand(1, PLANES, *settings.shape)], settings.out / f"{TASK}.onnx", card)
    return settings.out


def fit(
    learnt: Sequence[OutlinedDiscs],
    held_out: Sequence[OutlinedDiscs],
    settings: RefinementConfig,
    *,
    resume: bool = True,
    progress: Progress | None = None,
) -> UNet:
    """Train on outlined discs; see ``training.steps.fit_steps``. Raises UsageError where there are none."""
    if not any(one.frames for one in learnt):
        raise UsageError("data: no outlined disc is left to train on")
    scale = Scale(settings.shape, settings.step)
    torch.manual_seed(settings.seed)
    network = UNet(1, settings.widths, inputs=PLANES)

    def batches(step: int) -> DataLoader:  # type: ignore[type-arg]
        samples = Samples(learnt, settings.weights, scale, settings.views, settings.seed + 1000 * step)
        return DataLoader(samples, settings.batch, num_workers=settings.workers)

    def loss_of(answer: Callable[[Tensor], Tensor], batch: tuple[Tensor, Tensor]) -> Tensor:
        planes, shares = batch
        scores = answer(planes)[:, 0]
        return outline_loss(scores, shares.to(scores.device), settings.dice_weight)

    key = key_of(settings, [(one.case, one.image, one.labels) for one in learnt], free=FREE | {"steps", "threshold"})
    return fit_steps(
        network,
        settings,
        key,
        batches,
        loss_of,
        lambda averaged: {f"dice_{kind}": value for kind, value in mean_dice(averaged, held_out, scale)},
        resume=resume,
        progress=progress,
    )


def outline_loss(scores: Tensor, shares: Tensor, dice_weight: float) -> Tensor:
    """Cross-entropy, and ``dice_weight`` times one minus the soft Dice of each crop. Both (n, rows, columns); shares:
    how much of each pixel is disc, 0-1."""
    entropy = functional.binary_cross_entropy_with_logits(scores, shares)
    found = scores.sigmoid()
    overlap = 2.0 * (found * shares).sum((1, 2)) + _SMOOTH
    return entropy + dice_weight * (1.0 - overlap / (found.sum((1, 2)) + shares.sum((1, 2)) + _SMOOTH)).mean()


@torch.no_grad()
def mean_dice(network: UNet, cases: Sequence[OutlinedDiscs], scale: Scale) -> Iterator[tuple[str, float]]:
    """Source and mean Dice over its discs on their slices, crop by crop."""
    device = next(network.parameters()).device
    for source in sorted({one.source for one in cases}):
        scores = []
        for one in (one for one in cases if one.source == source):
            for index, label, frame in one.frames:
                planes, shares = plain(one, index, label, frame, scale)
                found = network(torch.from_numpy(planes[None]).to(device))[0, 0].cpu().numpy()
                scores.append(dice(found > 0.0, shares > 0.5))
        yield source, float(np.mean(scores))


def load_discs(settings: RefinementConfig, tell: Progress) -> list[OutlinedDiscs]:
    """The outlined discs of all data sets without fixed test patients; kept in ``discs.npz``."""
    if unknown := [name for name in settings.data if name not in SOURCES]:
        raise UsageError(f"data.{unknown[0]}: unknown kind of data set; known are {', '.join(SOURCES)}")
    checksum = load_weights(default_weights("segmentation"), "segmentation").sha256
    path, key = settings.out / "discs.npz", key_of_folders(settings.data, checksum)
    if kept := read_discs(path, key):
        return kept
    cases = [one for name, folder in settings.data.items() for one in _cases(name, folder, tell)]
    if not cases:
        raise UsageError("data: no outlined discs were found; the folders are empty")
    write_discs(cases, key, path)
    return cases


def _cases(name: str, folder: Path, tell: Progress) -> Iterator[OutlinedDiscs]:
    try:
        for case in SOURCES[name](folder):
            if part_of(case.source, case.patient) != "test":
                tell(f"reading {name} {case.case}", 0.0)
                yield case
    except OSError as error:
        raise InputError(f"data.{name}: {error.filename or folder}: {error.strerror or error}") from None
