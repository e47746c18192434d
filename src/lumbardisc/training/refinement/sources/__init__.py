"""Data sets of outlined discs: one reader per kind of folder, and one row each in ``SOURCES``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from lumbardisc.training.refinement.discs import OutlinedDiscs
from lumbardisc.training.refinement.sources import labelled, spider_aligned, spider_space

SOURCES: dict[str, Callable[[Path], Iterator[OutlinedDiscs]]] = {
    "spider_space": spider_space.read,
    "spider_aligned": spider_aligned.read,
    "labelled": labelled.read,
}
"""Kind of data set -> its reader: T2-SPACE volumes of SPIDER; the same patients' T1 and T2 slices, with the outlines
carried over to them; a folder of your own, in any layout that ``data check`` knows."""
