"""Training by epochs over rows in memory: the loop that the grader and the estimator of T1rho share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from lumbardisc.training.run_folder import Network


class Settings(Protocol):
    """What the loop needs to know."""

    @property
    def epochs(self) -> int: ...
    @property
    def batch(self) -> int: ...
    @property
    def learning_rate(self) -> float: ...
    @property
    def weight_decay(self) -> float: ...
    @property
    def average(self) -> float: ...


def fit_epochs(
    network: Network,
    settings: Settings,
    count: int,
    loss_of: Callable[[Callable[[Tensor], Tensor], Tensor], Tensor],
    tell: Callable[[int, float], None],
    largest_gradient: float = float("inf"),
) -> Network:
    """Train a network; returns the running average of its weights.

    count: of rows. loss_of: called with what answers a batch of inputs, and the rows of the batch. tell: called after
    each epoch with its number and mean loss. largest_gradient: longer ones are cut to this norm. AdamW, one cycle of
    the learning rate; uses torch's random numbers.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(settings.average), use_buffers=True)
    optimizer = torch.optim.AdamW(network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    steps = max(count // settings.batch, 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.learning_rate, total_steps=steps * settings.epochs, pct_start=0.2
    )

    def answer(batch: Tensor) -> Tensor:
        return cast(Tensor, network(batch.to(device, memory_format=torch.channels_last)))

    for epoch in range(settings.epochs):
        network.train()
        order, losses = torch.randperm(count), []
        for step in range(steps):
            loss = loss_of(answer, order[step * settings.batch : (step + 1) * settings.batch])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), largest_gradient)
            optimizer.step()
            schedule.step()
            average.update_parameters(network)
            losses.append(float(loss.detach()))
        tell(epoch + 1, float(np.mean(losses)))
    return cast(Network, average.module.cpu())
