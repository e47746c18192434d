"""MyoSegmenTUM spine (Burian et al. 2019): water images with vertebral bodies, 1 = L5 to 5 = L1."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lumbardisc.training.sources import chu
from lumbardisc.training.sources.example import Example


def read(folder: Path) -> Iterator[Example]:
    """Every case of the folder, laid out as Chu's."""
    return chu.read(folder, source="vertebrae_water")
