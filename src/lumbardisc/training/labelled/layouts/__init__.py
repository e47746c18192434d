"""Layouts of folders with images and labels; a new one is one file and one row in ``LAYOUTS``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lumbardisc.training.labelled.case import Case
from lumbardisc.training.labelled.layouts import analyzed, bids, boxes, nnunet, pairs, phantoms, slicer, spider


@dataclass(frozen=True)
class Layout:
    """title: for people. find: the cases of a folder, none where it is not laid out so; raises InputError."""

    title: str
    find: Callable[[Path], list[Case]]


LAYOUTS: dict[str, Layout] = {
    "spider": Layout("SPIDER as downloaded", spider.find),
    "bids": Layout("BIDS with derivatives", bids.find),
    "nnunet": Layout("nnU-Net", nnunet.find),
    "phantoms": Layout("images with truth, as `data phantom` writes them", phantoms.find),
    "analyzed": Layout("images with results of `analyze`", analyzed.find),
    "slicer": Layout("3D Slicer segmentations", slicer.find),
    "boxes": Layout("LabelImg boxes", boxes.find),
    "pairs": Layout("pairs of image and label map", pairs.find),
}
"""In the order they are tried: the first that finds a label is taken."""
