"""Data sets of labelled vertebral bodies: discs lie between facing endplates, and the bodies tell their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from lumbardisc.training.detection.boxes import Box
from lumbardisc.training.detection.sources.case import BoxedCase, box_of
from lumbardisc.training.sources.chu import SPECK
from lumbardisc.training.sources.example import load_image, load_mask
from lumbardisc.training.sources.regions import Mask, gap
from lumbardisc.training.sources.sudirman import SPACING_MM, read_outlines

SLIVER_MM = 3.0
"""What lies beside the waist of a body and is thinner than this is not disc."""


def read_volumes(folder: Path, source: str, contrast: str) -> Iterator[BoxedCase]:
    """``CASE.nii.gz`` with ``CASE_vertebrae.nii.gz``, 1 = L5 upward."""
    for path in sorted(folder.glob("*_vertebrae.nii.gz")):
        case = path.name.removesuffix("_vertebrae.nii.gz")
        image, spacing = load_image(folder / f"{case}.nii.gz")
        labels = load_mask(path)
        boxes = {}
        for index, section in enumerate(labels):
            counts = [int(count) for count in np.unique(section) if count and (section == count).sum() > SPECK]
            boxes[index] = gaps({count: section == count for count in counts}, spacing[1])
        yield BoxedCase(source, case, case, contrast, image, spacing, boxes, whole=False)


read_vertebrae_t2 = partial(read_volumes, source="vertebrae_t2", contrast="t2")
read_vertebrae_water = partial(read_volumes, source="vertebrae_water", contrast="water")


def read_sudirman(folder: Path) -> Iterator[BoxedCase]:
    """T1 slices with the outlines of L5-L1 and S1."""
    for case, outlines in read_outlines(folder).items():
        image = np.asarray(Image.open(folder / f"{case}.png").convert("L"))[None]
        spacing = (4.0, SPACING_MM, SPACING_MM)
        yield BoxedCase("mendeley_t1", case, case, "t1", image, spacing, {0: gaps(outlines, SPACING_MM)}, whole=False)


def gaps(bodies: Mapping[int, Mask], pixel_mm: float) -> dict[int, Box]:
    """Disc label -> box round what lies between two bodies that follow one another.

    bodies: count from the sacrum (0 = S1, 1 = L5, ...) -> mask (rows, columns).
    """
    probe = np.ones([max(round(SLIVER_MM / pixel_mm), 1)] * 2, dtype=bool)
    between = {
        upper: ndimage.binary_opening(gap(bodies[lower], bodies[upper]), probe)
        for lower, upper in pairwise(sorted(bodies))
        if upper == lower + 1
    }
    return {label: box_of(mask) for label, mask in between.items() if mask.any()}
