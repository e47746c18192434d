"""Data sets, public and own, as partly labelled sagittal slices; a new one is one file and one row in ``SOURCES``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from lumbardisc.training.sources import chu, labelled, myosegmentum, spider_boxes, spider_space, sudirman
from lumbardisc.training.sources.example import Example

SOURCES: dict[str, Callable[[Path], Iterator[Example]]] = {
    "spider_space": spider_space.read,
    "spider_midsagittal": spider_boxes.read,
    "vertebrae_t2": chu.read,
    "vertebrae_water": myosegmentum.read,
    "mendeley_t1": sudirman.read,
    "labelled": labelled.read,
}

__all__ = ["SOURCES", "Example"]
