"""Training epoch by epoch, by gradient descent or Adam: the loop, whole. It resumes and keeps its history."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lumbardisc.training.run_folder import FREE, key_of, load, save, state_of
from lumbardisc.training.schedule import Schedule

Progress = Callable[[str, float], None]
"""Called after every epoch with what was done and the share of the run that is done, 0-1."""
Sample = tuple[NDArray[Any], NDArray[Any] | int]
Batches = Callable[[int], Iterator[tuple[Tensor, Tensor]]]
"""Epoch -> its batches (input, target)."""
Optimizer = Callable[[Iterable[nn.Parameter], Schedule], torch.optim.Optimizer]
Item = TypeVar("Item")


def sgd(parameters: Iterable[nn.Parameter], of: Schedule) -> torch.optim.Optimizer:
    """Stochastic gradient descent with momentum."""
    return torch.optim.SGD(parameters, of.learning_rate, of.momentum, weight_decay=of.weight_decay)


def adam(parameters: Iterable[nn.Parameter], of: Schedule) -> torch.optim.Optimizer:
    """Adam (Kingma and Ba 2015), whose first decay is the momentum; weight decay is apart from the gradient (AdamW)."""
    return torch.optim.AdamW(parameters, of.learning_rate, (of.momentum, 0.999), weight_decay=of.weight_decay)


def batches_of(items: Sequence[Item], make: Callable[[Item, np.random.Generator], Sample], of: Schedule) -> Batches:
    """Every item once per epoch in random order; an epoch is the same whether the run was interrupted or not."""

    def epoch_batches(epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        rng = np.random.default_rng([of.seed, epoch])
        order = rng.permutation(len(items))
        for start in range(0, len(order), of.batch):
            inputs, targets = zip(*(make(items[k], rng) for k in order[start : start + of.batch]), strict=True)
            yield torch.from_numpy(np.stack(inputs)), torch.from_numpy(np.stack(targets))

    return epoch_batches


def fit(
    network: nn.Module,
    batches: Batches,
    loss: Callable[[Tensor, Tensor], Tensor],
    validate: Callable[[nn.Module], Mapping[str, float]] | None,
    schedule: Schedule,
    made_of: object,
    folder: Path,
    progress: Progress | None = None,
    optimizer: Optimizer = sgd,
) -> None:
    """Train ``network`` in place and leave it with its best weights, those of the epoch of the highest first score.

    ``folder`` gets ``best.pt``, ``last.pt`` and ``history.csv``; an interrupted run goes on from ``last.pt``, to more
    epochs if they were raised. Raises UsageError where ``last.pt`` was made otherwise.
    made_of: the samples, and every setting that shapes them or the scores (see ``run_folder.key_of``).
    validate: named scores, higher is better; called with the network in evaluation mode. Where there is none, the last
    epoch is the best.
    """
    folder.mkdir(parents=True, exist_ok=True)
    device = next(network.parameters()).device
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # convolutions on a CPU are faster so
    steps = optimizer(network.parameters(), schedule)
    last, best = folder / "last.pt", folder / "best.pt"
    history: list[dict[str, float]] = []
    key = key_of(schedule, str(network), made_of, free=FREE | {"epochs"})
    if state := state_of(last, key, device):
        network.load_state_dict(state["network"])
        steps.load_state_dict(state["optimizer"])
        history = state["history"]
    for epoch in range(len(history), schedule.epochs):
        for group in steps.param_groups:
            group["lr"] = schedule.rate(epoch)
        losses = [
            _step(network.train(), steps, loss, inputs.to(device), targets.to(device))
            for inputs, targets in batches(epoch)
        ]
        with torch.no_grad():
            scores = dict(validate(network.eval())) if validate else {}
        history.append({"epoch": epoch + 1, "loss": float(np.mean(losses)), **scores})
        if _is_best(scores, history):
            save({"network": network.state_dict()}, best)
        state = {"network": network.state_dict(), "optimizer": steps.state_dict(), "history": history}
        save({**state, "key": key}, last)
        _write(history, folder / "history.csv")
        if progress:
            progress(f"epoch {epoch + 1} of {schedule.epochs}", (epoch + 1) / schedule.epochs)
    load(network, best)


def _is_best(scores: Mapping[str, float], history: Sequence[Mapping[str, float]]) -> bool:
    """Whether no epoch had a higher first score: true also where that is undefined, or there is none."""
    return not any(row[name] > value for name, value in list(scores.items())[:1] for row in history)


def _step(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    loss: Callable[[Tensor, Tensor], Tensor],
    inputs: Tensor,
    targets: Tensor,
) -> float:
    optimizer.zero_grad(set_to_none=True)
    value = loss(network(inputs), targets)
    value.backward()
    optimizer.step()
    return float(value.detach())


def seed(value: int) -> None:
    """Seed what PyTorch draws: first weights, dropout."""
    torch.manual_seed(value)


def _write(history: Sequence[Mapping[str, float]], path: Path) -> None:
    beside = path.with_suffix(".part")
    with beside.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(history[0]))
        writer.writeheader()
        writer.writerows({name: f"{value:.6g}" for name, value in row.items()} for row in history)
    beside.replace(path)
