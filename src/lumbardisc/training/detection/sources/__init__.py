"""Readers of data sets that tell where discs lie; a new one is one file and one row in ``SOURCES``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from lumbardisc.training.detection.sources import bodies, masks, own, spider
from lumbardisc.training.detection.sources.case import BoxedCase

SOURCES: dict[str, Callable[[Path], Iterator[BoxedCase]]] = {
    "spider_midsagittal": spider.read,
    "mendeley_t1": bodies.read_sudirman,
    "vertebrae_t2": bodies.read_vertebrae_t2,
    "vertebrae_water": bodies.read_vertebrae_water,
    "labelimg": own.read,
    "masks": masks.read,
}

__all__ = ["SOURCES", "BoxedCase"]
