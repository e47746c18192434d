"""Arrays that took long to make, kept beside a run: a dataclass of columns, the key of what it was made of, notes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Columns = TypeVar("Columns", bound="DataclassInstance")


def files_of(path: Path) -> list[tuple[str, int, int]]:
    """A file, or all in a folder, as they are now: path inside ``path``, size in bytes, time of change in ns. For keys:
    an exchanged image is noticed without reading it."""
    files = [(one, one.stat()) for one in (path, *sorted(path.rglob("*"))) if one.is_file()]
    return [(str(one.relative_to(path)), stat.st_size, stat.st_mtime_ns) for one, stat in files]


def key_of_folders(data: Mapping[str, Path], weights: str) -> str:
    """What is made of data sets by a network depends on: their files as they are now, and the network's checksum."""
    files = [(name, files_of(folder)) for name, folder in sorted(data.items())]
    return hashlib.sha256(json.dumps([weights, files]).encode()).hexdigest()


def read_kept(path: Path, key: str, kind: type[Columns]) -> tuple[Columns, list[str]] | None:
    """What ``write_kept`` wrote under the same key; None where it was another one."""
    with np.load(path) as kept:
        if str(kept["key"]) != key:
            return None
        return kind(*(kept[field.name] for field in fields(kind))), [str(note) for note in kept["notes"]]


def write_kept(path: Path, key: str, columns: Any, notes: Sequence[str]) -> None:
    """An NPZ of the fields of a dataclass of arrays; beside, then renamed."""
    beside = path.with_suffix(".part.npz")
    arrays = {field.name: getattr(columns, field.name) for field in fields(columns)}
    np.savez_compressed(beside, key=key, notes=np.array(notes, dtype=np.str_), **arrays)
    beside.replace(path)
