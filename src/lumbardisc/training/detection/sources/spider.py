"""SPIDER mid-sagittal slices (T1, T2, SPACE); the published boxes where there are any."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from lumbardisc.training.detection.boxes import Box
from lumbardisc.training.detection.sources.case import BoxedCase
from lumbardisc.training.sources.spider_boxes import read_boxes, read_series

MARGIN = 10
"""Pixels by which the published boxes exceed the discs on every side."""
_CONTRASTS = {"t1": "t1", "t2": "t2", "t2_SPACE": "t2_space"}


def read(folder: Path) -> Iterator[BoxedCase]:
    """Every slice of ``folder/midsagittal``; published boxes are drawn in to the discs themselves."""
    published = read_boxes(folder / "disc_boxes.csv")
    for series, row in read_series(folder / "series.csv").items():
        image = np.asarray(Image.open(folder / "midsagittal" / f"{series}.png").convert("L"))[None]
        spacing = (float(row["slice_thickness_mm"]), float(row["row_spacing_mm"]), float(row["col_spacing_mm"]))
        boxes = {count: _drawn_in(x, y, width, height) for count, x, y, width, height in published.get(series, [])}
        contrast = _CONTRASTS.get(row["sequence"])
        yield BoxedCase(
            "spider_midsagittal", row["patient"], series, contrast, image, spacing, {0: boxes}, whole=bool(boxes)
        )


def _drawn_in(x: int, y: int, width: int, height: int) -> Box:
    return float(x + MARGIN), float(y + MARGIN), float(x + width - MARGIN), float(y + height - MARGIN)
