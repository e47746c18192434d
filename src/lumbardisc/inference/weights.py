"""Exported networks on disk: one ONNX file and a JSON card beside it with its checksum and settings."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from lumbardisc.errors import WeightsError


@dataclass(frozen=True)
class Weights:
    """An exported network. path: the ONNX file. sha256: of that file, verified. settings: what the network needs."""

    path: Path
    sha256: str
    settings: dict[str, Any]


def default_weights(name: str) -> Path:
    """Where the weights that ship with the package lie, e.g. ``default_weights("segmentation")``."""
    return Path(str(files("lumbardisc").joinpath("weights", f"{name}.onnx")))


def task_of(path: Path) -> str:
    """What an exported network is for, from its card. Raises WeightsError if it is missing or damaged."""
    return str(_verified(path).settings.get("task"))


def load_weights(path: Path, task: str) -> Weights:
    """Find and verify an exported network. Raises WeightsError if it is missing, damaged or made for another task."""
    weights = _verified(path)
    if weights.settings.get("task") != task:
        raise WeightsError(f"{path}: these weights are for {weights.settings.get('task')!r}, not for {task!r}")
    return weights


def _verified(path: Path) -> Weights:
    card = path.with_suffix(".json")
    try:
        settings = json.loads(card.read_text(encoding="utf-8"))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if not isinstance(settings, dict):
            raise ValueError("it holds no settings")
    except FileNotFoundError as error:
        which = path if not path.exists() else error.filename
        raise WeightsError(f"{which}: weights not found; export a network or install the package again") from None
    except (OSError, ValueError) as error:  # ValueError: not UTF-8, not JSON
        raise WeightsError(f"{card}: weights cannot be read ({error}); export or install them again") from None
    if settings.get("sha256") != digest:
        raise WeightsError(f"{path}: weights are damaged (checksum differs from {card.name}); install them again")
    return Weights(path, digest, settings)
