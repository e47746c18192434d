"""The fixed patient-level split: read from ``splits.toml``, never chosen by looking at results."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Literal

Part = Literal["train", "validation", "test"]


def load_splits() -> dict[str, dict[str, frozenset[str]]]:
    """Patient group -> part (``test``, ``validation``) -> patient names. Whoever is not named is for training."""
    text = files("lumbardisc.training").joinpath("splits.toml").read_text()
    table = tomllib.loads(text)
    return {group: {part: frozenset(names) for part, names in parts.items()} for group, parts in table.items()}


def part_of(source: str, patient: str) -> Part:
    """Which part a patient of a source belongs to; all sources of SPIDER share their patients."""
    parts = load_splits().get("spider" if source.startswith("spider") else source, {})
    if patient in parts.get("test", ()):
        return "test"
    return "validation" if patient in parts.get("validation", ()) else "train"
