"""Training by steps over an endless stream of samples: the loop that the detector and the refiner share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from lumbardisc.training.run_folder import Network, keep_rows, log, save, state_of
from lumbardisc.training.schedule import warm_cosine

Progress = Callable[[str, float], None]
"""Called with what is being done and how far the run has come, 0-1."""
Batch = TypeVar("Batch")
_LARGEST_GRADIENT = 10.0


class Settings(Protocol):
    """What the loop needs to know."""

    @property
    def out(self) -> Path: ...
    @property
    def steps(self) -> int: ...
    @property
    def learning_rate(self) -> float: ...
    @property
    def warmup(self) -> int: ...
    @property
    def weight_decay(self) -> float: ...
    @property
    def average(self) -> float: ...
    @property
    def validate_every(self) -> int: ...


def fit_steps(
    network: Network,
    settings: Settings,
    key: str,
    batches: Callable[[int], Iterable[Batch]],
    loss_of: Callable[[Callable[[Tensor], Any], Batch], Tensor],
    validate: Callable[[Network], Mapping[str, float]],
    *,
    resume: bool = True,
    progress: Progress | None = None,
) -> Network:
    """Train a network; returns the running average of its weights, in evaluation mode.

    ``settings.out`` gets last.pt under ``key`` and history.csv. An interrupted run goes on, to more steps if they were
    raised. batches: called with the step it goes on from, gives batches without an end. loss_of: called with what
    answers a tensor of images, and a batch. validate: columns of the history. AdamW, a linear warm-up, then a cosine.
    Raises UsageError where last.pt has another key.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = AveragedModel(network, avg_fn=partial(_averaged, settings.average), use_buffers=True)
    optimizer = torch.optim.AdamW(network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    last, history, step = settings.out / "last.pt", settings.out / "history.csv", 0
    if resume and (state := state_of(last, key, device)):
        network.load_state_dict(state["raw"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step = state["step"]
    keep_rows(history, lambda row: int(row["step"]) <= step)

    def answer(images: Tensor) -> Any:
        return network(images.to(device, memory_format=torch.channels_last))

    losses: list[float] = []
    for _, batch in zip(range(settings.steps - step), batches(step), strict=False):
        for group in optimizer.param_groups:
            group["lr"] = warm_cosine(step, settings.steps, settings.warmup, settings.learning_rate)
        optimizer.zero_grad(set_to_none=True)
        network.train()
        loss = loss_of(answer, batch)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), _LARGEST_GRADIENT)
        optimizer.step()
        average.update_parameters(network)
        losses.append(float(loss.detach()))
        step += 1
        if progress:
            progress(f"step {step} of {settings.steps}, loss {np.mean(losses[-50:]):.3f}", step / settings.steps)
        if step % settings.validate_every == 0 or step == settings.steps:
            averaged = cast(Network, average.module.eval())
            row = {"loss": float(np.mean(losses[-settings.validate_every :])), **validate(averaged)}
            log(history, {"step": step, **{name: f"{value:.5f}" for name, value in row.items()}})
            state = {"raw": network.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
            save({"network": averaged.state_dict(), "step": step, "key": key, **state}, last)
    return cast(Network, average.module.cpu().eval())


def _averaged(decay: float, average: Tensor, current: Tensor, count: Tensor) -> Tensor:
    """The running average, which leaves the first weights behind sooner than its decay alone would."""
    return average + (current - average) * (1.0 - min(decay, (1.0 + float(count)) / (10.0 + float(count))))
