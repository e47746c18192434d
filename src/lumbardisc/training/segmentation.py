"""Training of the segmentation network: the loop, whole."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader

from lumbardisc.io.folders import make_folder
from lumbardisc.networks.unet import UNet
from lumbardisc.training.config import SegmentationConfig, read_config
from lumbardisc.training.curves import draw_curves
from lumbardisc.training.dataset import RandomCrops, load_examples
from lumbardisc.training.export import export_segmentation
from lumbardisc.training.exported import has_folded_statistics, keep_statistics
from lumbardisc.training.fine_tuning import first_network, inherited, is_exported, settle
from lumbardisc.training.losses import partial_loss
from lumbardisc.training.patients import write_split
from lumbardisc.training.pseudo import fill_in
from lumbardisc.training.run_folder import FREE, keep_rows, key_of, log, save, state_of
from lumbardisc.training.schedule import warm_cosine
from lumbardisc.training.sources import Example
from lumbardisc.training.validate import validate

OF_DATA = frozenset({"labels", "spacing_mm", "validation", "test"})
"""Settings that shape the data alone, which a run's key holds themselves."""

Progress = Callable[[int, int, float], None]
"""Called after every step with the step, the number of steps and the running loss."""


def train(
    config: Path, *, init: str | Path | None = None, resume: bool = True, progress: Progress | None = None
) -> Path:
    """Train as ``config`` says; returns its folder: ``best.pt``, ``last.pt``, ``history.csv``, ``curves.png`` and
    ``split.csv`` and ``segmentation.onnx`` with its card.

    init: where to start, in place of the configuration's ``init``; ``"default"`` is the network that ships. It counts
    as the first candidate for ``best.pt``, so that what comes out is never worse on the patients validated on.
    An interrupted run goes on from ``last.pt`` unless ``resume`` is false, to more steps if they were raised. Raises
    UsageError for bad settings, and where ``last.pt`` is of others or of other data.
    """
    settings = settle(read_config(config, SegmentationConfig), init)
    make_folder(settings.out)
    random.seed(settings.seed)
    torch.manual_seed(settings.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    parts, split = load_examples(settings)
    examples = parts["train"]
    patients = [(example.source, example.patient) for part in parts.values() for example in part]
    write_split(split, patients, settings.out / "split.csv")
    if settings.pseudo_labels:
        examples = fill_in(examples, settings.pseudo_labels, settings.out / "pseudo_labels.npz")
    network = first_network(settings, device).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    fixed = settings.init is not None and has_folded_statistics(network)
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(settings.average), use_buffers=True)
    optimizer = torch.optim.AdamW(network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    step, best = 0, 0.0
    last, history = settings.out / "last.pt", settings.out / "history.csv"
    key = key_of(settings, examples, parts["validation"], free=FREE | {"steps"} | OF_DATA)
    if resume and (state := state_of(last, key, device)):
        step, best = state["step"], state["best"]
        keep_rows(history, lambda row: int(row["step"]) <= step)
        network.load_state_dict(state["raw"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
    else:
        history.unlink(missing_ok=True)
        if is_exported(settings.init):
            best = _judge(network, parts["validation"], settings, 0, [])
            save(_checkpoint(network, settings, 0), settings.out / "best.pt")

    crops = RandomCrops(
        examples, settings.weights, settings.crop, settings.resolution_mm, settings.augmentation, settings.seed + step
    )
    losses: list[float] = []
    for image, allowed in DataLoader(crops, settings.batch, num_workers=settings.workers):
        if step >= settings.steps:
            break
        for group in optimizer.param_groups:
            group["lr"] = warm_cosine(step, settings.steps, settings.warmup, settings.learning_rate)
        network.train()
        if fixed:
            keep_statistics(network)
        loss = _step(network, optimizer, image.to(device), allowed.to(device), settings.dice_weight)
        average.update_parameters(network)
        losses.append(loss)
        step += 1
        if progress:
            progress(step, settings.steps, float(np.mean(losses[-50:])))
        if step % settings.validate_every == 0 or step == settings.steps:
            averaged = cast(UNet, average.module)
            mean = _judge(averaged, parts["validation"], settings, step, losses)
            checkpoint = _checkpoint(averaged, settings, step)
            if mean >= best:
                best = mean
                save(checkpoint, settings.out / "best.pt")
            state = {"raw": network.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
            save({**checkpoint, **state, "best": best, "key": key}, last)
    draw_curves(history, settings.out / "curves.png")
    facts = {**inherited(settings), "trained_on": sorted(settings.data)}
    export_segmentation(settings.out / "best.pt", settings.out / "segmentation.onnx", **facts)
    return settings.out


def _step(network: UNet, optimizer: torch.optim.Optimizer, image: Tensor, allowed: Tensor, dice_weight: float) -> float:
    optimizer.zero_grad(set_to_none=True)
    loss = partial_loss(network(image.contiguous(memory_format=torch.channels_last)), allowed, dice_weight)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
    optimizer.step()
    return float(loss.detach())


def _judge(
    network: UNet, examples: Sequence[Example], settings: SegmentationConfig, step: int, losses: Sequence[float]
) -> float:
    """Mean Dice on the patients validated on; it and the rest become a row of the history."""
    scores = validate(network, examples, settings.resolution_mm)
    recent = losses[-settings.validate_every :]
    row = {"loss": float(np.mean(recent)) if recent else float("nan"), **scores}
    log(settings.out / "history.csv", {"step": step, **{name: f"{value:.5f}" for name, value in row.items()}})
    return scores["mean"]


def _checkpoint(network: UNet, settings: SegmentationConfig, step: int) -> dict[str, Any]:
    return {"network": network.state_dict(), "config": settings.model_dump(mode="json"), "step": step}
