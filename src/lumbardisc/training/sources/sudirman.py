"""Sudirman et al. lumbar MRI: T1 mid-sagittal slices with the outlines of L1-L5 and S1 as polygons."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.draw import polygon2mask

from lumbardisc.levels import VERTEBRAE
from lumbardisc.training.sources.example import Example
from lumbardisc.training.sources.regions import Mask, around_bodies

SPACING_MM = 0.6
"""Not recorded in the data set; about this, from the size of the bodies."""
TOLERANCE_MM = 1.2
"""The outlines are straight-sided, so the pixels next to them are left undecided."""


def read(folder: Path) -> Iterator[Example]:
    """Every case of the folder, one slice each."""
    for case, bodies in read_outlines(folder).items():
        image = np.asarray(Image.open(folder / f"{case}.png").convert("L"))
        allowed = around_bodies(bodies, SPACING_MM, tolerance_mm=TOLERANCE_MM)
        yield Example("mendeley_t1", case, case, image[None], allowed[None], (4.0, SPACING_MM, SPACING_MM))


def read_outlines(folder: Path) -> dict[str, dict[int, Mask]]:
    """Case -> count from the sacrum (0 = S1, 1 = L5, ...) -> mask (rows, columns)."""
    outlines: dict[str, dict[int, Mask]] = defaultdict(dict)
    shapes: dict[str, tuple[int, int]] = {}
    with (folder / "polygons.csv").open() as file:
        for row in csv.DictReader(file):
            case = row["patient"]
            if case not in shapes:
                width, height = Image.open(folder / f"{case}.png").size
                shapes[case] = height, width
            count = 0 if row["vertebra"] == "S1" else VERTEBRAE.index(row["vertebra"]) + 1
            outlines[case][count] = polygon2mask(shapes[case], _vertices(row["polygon_xy"]))
    return outlines


def _vertices(text: str) -> NDArray[Any]:
    """``"x,y x,y ..."`` -> (points, 2) as (row, column)."""
    return np.array([[float(value) for value in point.split(",")][::-1] for point in text.split()])
