"""What a training run leaves in its folder: checkpoints, whole at any time, and the course of the run."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)


def save(state: dict[str, Any], path: Path) -> None:
    """Beside, then renamed: a killed run leaves the previous file whole."""
    beside = path.with_suffix(".part")
    torch.save(state, beside)
    beside.replace(path)


def load(network: Network, checkpoint: Path) -> Network:
    """``network`` with the weights of a checkpoint, in evaluation mode."""
    network.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True)["network"])
    return network.eval()


def log(path: Path, row: Mapping[str, object]) -> None:
    """One more row of a CSV, whose header is written with the first."""
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(row))
        if new:
            writer.writeheader()
        writer.writerow(row)
