"""The loop: an interrupted run ends exactly like one that was not, and keeps its best epoch."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from lumbardisc.errors import UsageError
from lumbardisc.training.run_folder import load
from lumbardisc.training.schedule import Schedule
from lumbardisc.training.sgd import adam, batches_of, fit

pytestmark = pytest.mark.train

X = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
ITEMS = [(x, np.float32([x @ np.float32([1, -2, 3])])) for x in X]


def make(item: tuple[np.ndarray, np.ndarray], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return item[0] + rng.normal(0, 0.01, 3).astype(np.float32), item[1]


def run(folder: Path, schedule: Schedule, made_of: object = ITEMS) -> torch.nn.Module:
    network = torch.nn.Linear(3, 1)
    torch.nn.init.zeros_(network.weight)
    torch.nn.init.zeros_(network.bias)
    loss = torch.nn.functional.mse_loss
    inputs, truth = torch.from_numpy(X), torch.from_numpy(np.stack([y for _, y in ITEMS]))
    fit(
        network,
        batches_of(ITEMS, make, schedule),
        loss,
        lambda trained: {"fit": -float(loss(trained(inputs), truth))},
        schedule,
        made_of,
        folder,
    )
    return network


def history(folder: Path) -> list[dict[str, str]]:
    with (folder / "history.csv").open() as file:
        return list(csv.DictReader(file))


def test_an_interrupted_run_ends_like_one_that_was_not(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole", Schedule(epochs=20, learning_rate=0.02))
    run(tmp_path / "parts", Schedule(epochs=7, learning_rate=0.02))
    parts = run(tmp_path / "parts", Schedule(epochs=20, learning_rate=0.02))
    assert torch.equal(whole.weight, parts.weight)
    assert history(tmp_path / "whole") == history(tmp_path / "parts")
    assert whole.weight.detach().numpy() == pytest.approx(np.array([[1, -2, 3]]), abs=0.1)


def test_a_run_goes_on_with_its_own_settings_and_samples_alone(tmp_path: Path) -> None:
    schedule = Schedule(epochs=2, learning_rate=0.02)
    run(tmp_path, schedule)
    for changed, made_of in ((schedule, ITEMS[1:]), (schedule.model_copy(update={"batch": 4}), ITEMS)):
        with pytest.raises(UsageError, match=r"last\.pt: was made with other settings or data; name another out"):
            run(tmp_path, changed, made_of)
    assert len(history(tmp_path)) == 2
    run(tmp_path, schedule.model_copy(update={"epochs": 3}))
    assert len(history(tmp_path)) == 3


def test_the_best_epoch_is_kept_not_the_last(tmp_path: Path) -> None:
    network = run(tmp_path, Schedule(epochs=5, learning_rate=1.5, momentum=0.0))  # too fast: it runs away
    scores = [float(row["fit"]) for row in history(tmp_path)]
    assert scores[-1] < max(scores)
    best = load(torch.nn.Linear(3, 1), tmp_path / "best.pt")
    assert torch.equal(network.weight, best.weight)
    assert not list(tmp_path.glob("*.part"))


def test_published_defaults_and_the_cosine() -> None:
    published = Schedule()
    assert (published.epochs, published.batch, published.learning_rate) == (300, 8, 0.001)
    assert published.rate(0) == published.rate(299) == 0.001
    falling = Schedule(epochs=10, learning_rate=1.0, cosine=True)
    assert falling.rate(0) == 1.0
    assert falling.rate(5) == pytest.approx(0.5)


def test_every_item_once_per_epoch_in_another_order() -> None:
    batches = batches_of(ITEMS, lambda item, _rng: item, Schedule(batch=8))
    first, second = (torch.cat([inputs for inputs, _ in batches(epoch)]).numpy() for epoch in (0, 1))
    assert not np.array_equal(first, second)
    assert np.array_equal(np.sort(first, axis=0), np.sort(X, axis=0))
    assert [len(inputs) for inputs, _ in batches(0)] == [8, 8, 4]


def test_without_validation_the_last_epoch_is_the_best_with_adam_too(tmp_path: Path) -> None:
    network, schedule = torch.nn.Linear(3, 1), Schedule(epochs=40, learning_rate=0.2)
    loss = torch.nn.functional.mse_loss
    fit(network, batches_of(ITEMS, make, schedule), loss, None, schedule, ITEMS, tmp_path, optimizer=adam)
    assert network.weight.detach().numpy() == pytest.approx(np.array([[1, -2, 3]]), abs=0.1)
    assert torch.equal(load(torch.nn.Linear(3, 1), tmp_path / "best.pt").weight, network.weight)
    assert list(history(tmp_path)[-1]) == ["epoch", "loss"]
    state = torch.load(tmp_path / "last.pt", weights_only=True)
    assert torch.equal(state["network"]["weight"], network.weight)
    assert state["optimizer"]["param_groups"][0]["betas"][0] == schedule.momentum
