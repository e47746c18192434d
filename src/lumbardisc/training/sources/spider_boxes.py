"""SPIDER mid-sagittal slices (T1, T2, SPACE) with a loose box round every visible disc, for part of the series."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from lumbardisc.training.partial import ANY, BODY, DISC, LOWEST, SACRUM, Allowed
from lumbardisc.training.sources.example import Example

Box = tuple[int, int, int, int, int]
"""Count from the bottom (1 = L5/S1), x, y, width, height in pixels."""


def read(folder: Path) -> Iterator[Example]:
    """Every slice of ``folder/midsagittal``; one without boxes allows everything everywhere."""
    boxes = read_boxes(folder / "disc_boxes.csv")
    for series, row in read_series(folder / "series.csv").items():
        image = np.asarray(Image.open(folder / "midsagittal" / f"{series}.png").convert("L"))
        spacing = (float(row["slice_thickness_mm"]), float(row["row_spacing_mm"]), float(row["col_spacing_mm"]))
        allowed = allowed_by_boxes(image.shape, boxes[series])
        yield Example("spider_midsagittal", row["patient"], series, image[None], allowed[None], spacing)


def read_series(path: Path) -> dict[str, dict[str, str]]:
    """Series -> its row of ``series.csv``."""
    with path.open() as file:
        return {row["series"]: row for row in csv.DictReader(file)}


def read_boxes(path: Path) -> dict[str, list[Box]]:
    """Series -> its boxes; an empty list for a series without any."""
    boxes: dict[str, list[Box]] = defaultdict(list)
    with path.open() as file:
        for row in csv.DictReader(file):
            count, x, y, width, height = (int(float(row[key])) for key in ("disc_from_bottom", "x", "y", "w", "h"))
            boxes[row["series"]].append((count, x, y, width, height))
    return boxes


def allowed_by_boxes(shape: tuple[int, ...], boxes: list[Box]) -> Allowed:
    """No disc outside the boxes, L5/S1 only in the lowest, no sacrum above it and no lumbar body below it."""
    if not boxes:
        return np.full(shape, ANY, dtype=np.uint8)
    allowed = np.full(shape, ANY & ~(DISC | LOWEST), dtype=np.uint8)
    for count, x, y, width, height in boxes:
        allowed[max(y, 0) : y + height, max(x, 0) : x + width] |= LOWEST if count == 1 else DISC
    _, _, y, _, height = min(boxes)
    if min(boxes)[0] == 1:
        allowed[: max(y + height // 2, 0)] &= ~np.uint8(SACRUM)
        allowed[max(y + height, 0) :] &= ~np.uint8(BODY)
    return allowed
