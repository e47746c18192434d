"""What a training run leaves in its folder: checkpoints, whole at any time and with the key of what made them, and the
course of the run."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from pydantic import BaseModel
from torch import nn

from lumbardisc.errors import UsageError

Network = TypeVar("Network", bound=nn.Module)

FREE = frozenset({"out", "data", "segmentation", "workers"})
"""Settings that a key leaves out: where things are kept and read from (what was read counts itself), and how many
processes read. A loop that goes on where it stopped adds the length of its run, which may then be raised."""


def save(state: dict[str, Any], path: Path) -> None:
    """Beside, then renamed: a killed run leaves the previous file whole."""
    beside = path.with_suffix(".part")
    torch.save(state, beside)
    beside.replace(path)


def key_of(*made_of: object, free: Set[str] = FREE) -> str:
    """sha256 of what shapes a run: settings without those that are ``free``, the data themselves, files by their
    contents. Raises UsageError where a file cannot be read."""
    key = hashlib.sha256()
    for piece in _pieces(made_of, free):
        key.update(piece)
    return key.hexdigest()


def state_of(path: Path, key: str, device: str | torch.device = "cpu") -> dict[str, Any] | None:
    """The state that a run with this key saved, None where there is none yet.

    Raises UsageError where it is the state of a run with another key, or of one without, from before there were keys.
    """
    if not path.exists():
        return None
    state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    if state.get("key") != key:
        raise UsageError(
            f"{path}: was made with other settings or data; name another out, or begin again (train: --restart; "
            "recipe: delete this file)"
        )
    return state


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


def keep_rows(path: Path, is_kept: Callable[[Mapping[str, str]], bool]) -> None:
    """Drop the other rows of a CSV that ``log`` writes: those of a run that begins anew, or that was cut off before its
    state was saved."""
    if not path.exists():
        return
    with path.open(newline="", encoding="utf-8") as file:
        kept = [row for row in csv.DictReader(file) if is_kept(row)]
    path.unlink()
    for row in kept:
        log(path, row)


def begin_anew(folder: Path) -> None:
    """Forget the networks of folds that earlier runs left, and their history."""
    for old in (*folder.glob("fold_*.pt"), *folder.glob("history.csv")):
        old.unlink()


def _pieces(value: object, free: Set[str]) -> Iterator[bytes | memoryview]:
    """Bytes that tell one value from every other, whatever it is built of."""
    if isinstance(value, BaseModel):
        value = {name: own for name, own in value if name not in free}
    elif is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        value = sorted(value.items(), key=lambda item: repr(item[0]))
    if isinstance(value, (list, tuple)):
        yield b"%d:" % len(value)
        for own in value:
            yield from _pieces(own, free)
    elif isinstance(value, np.ndarray):
        yield f"{value.dtype}{value.shape}".encode()
        yield np.ascontiguousarray(value).data
    elif isinstance(value, Path):
        yield _contents(value)
    elif value is None or isinstance(value, (bool, int, float, str, np.generic)):
        yield f"{value!r};".encode()
    else:
        raise TypeError(f"a key cannot tell one {type(value).__name__} from another")


def _contents(path: Path) -> bytes:
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
