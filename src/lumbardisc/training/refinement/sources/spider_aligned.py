"""T1 and T2 mid-sagittal slices of the SPIDER patients whose T2-SPACE volume is outlined: the outlines carried over.

The scans of a patient lie round one centre. A slice is put on the volume's grid by that, moved onto the volume's middle
slice by registration, and kept only where our segmentation sees the discs of the slice where the outlines then lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from lumbardisc.evaluation.overlap import dice
from lumbardisc.inference.segmentation import DISC, Segmenter
from lumbardisc.preprocess.registration import align
from lumbardisc.training.refinement.discs import OutlinedDiscs
from lumbardisc.training.refinement.sources import spider_space
from lumbardisc.training.sources.spider_boxes import read_series

AGREES, DISC_AGREES = 0.83, 0.78
"""Dice with our segmentation: median over the discs of a slice that is kept, and of a disc that is kept in it."""
_SEQUENCES = ("t1", "t2")
_ROOM = 12
"""Pixels round a disc in which the segmentation is compared."""
Slice = NDArray[np.float32]


def read(folder: Path) -> Iterator[OutlinedDiscs]:
    """Slices of ``folder/midsagittal`` with the outlines of ``folder/space``; each as one slice on the volume's grid.

    Raises UsageError where SimpleITK is missing.
    """
    segmenter, series = Segmenter(), read_series(folder / "series.csv")
    for space in spider_space.read(folder / "space"):
        middle = _middle(space, folder / "midsagittal")
        for sequence in _SEQUENCES:
            name = f"{space.patient}_{sequence}"
            if name in series:
                image = np.asarray(Image.open(folder / "midsagittal" / f"{name}.png").convert("L"))
                moved = [_moved(image, pixel, space, middle) for pixel in _pixels(series, space.patient, sequence)]
                kept = max((_kept(one, space, middle, segmenter) for one in moved), key=lambda pair: pair[0])
                if kept[0] >= AGREES:
                    yield _aligned(space, name, sequence, *kept[1:])


def _middle(space: OutlinedDiscs, folder: Path) -> int:
    """The slice of the volume that is its published middle slice; the middle one where it was published turned."""
    published = np.asarray(Image.open(folder / f"{space.case}.png").convert("L"))
    if published.shape != space.image.shape[1:]:
        return len(space.image) // 2
    return int(np.argmax([np.corrcoef(published.ravel(), one.ravel())[0, 1] for one in space.image]))


def _pixels(series: Mapping[str, Mapping[str, str]], patient: str, sequence: str) -> list[tuple[float, float]]:
    """The recorded pixel size, and that of the T1 slice on the same grid: some T2 slices carry SPACE's by mistake."""
    own, t1 = series[f"{patient}_{sequence}"], series.get(f"{patient}_t1")
    same = t1 is not None and all(t1[side] == own[side] for side in ("rows", "cols"))
    rows = [own, t1] if same and t1 is not None else [own]
    return list(dict.fromkeys((float(row["row_spacing_mm"]), float(row["col_spacing_mm"])) for row in rows))


def _moved(image: NDArray[np.uint8], pixel: tuple[float, float], space: OutlinedDiscs, middle: int) -> Slice:
    """The slice on the volume's grid, registered to its middle slice."""
    shape = space.image.shape[1:]
    scale = np.divide(space.pixel, pixel)
    offset = (np.subtract(image.shape, 1) - scale * np.subtract(shape, 1)) / 2.0
    placed = ndimage.affine_transform(image.astype(np.float32), scale, offset, shape, order=1)
    moved: Slice = align([space.image[middle : middle + 1], placed[None]], space.spacing).images[1][0]
    return moved


def _kept(
    image: Slice, space: OutlinedDiscs, middle: int, segmenter: Segmenter
) -> tuple[float, Slice, NDArray[np.uint8]]:
    """How well the outlines fit a slice, the slice, and the outlines of the discs that fit."""
    seen = segmenter(image[None], space.pixel).classes[0] == DISC
    labels = space.labels[middle]
    fit = {
        int(label): dice(seen[_round(labels == label)], (labels == label)[_round(labels == label)])
        for label in np.unique(labels[labels > 0])
    }
    good = [label for label, score in fit.items() if score >= DISC_AGREES]
    return float(np.median([*fit.values()])), image, np.where(np.isin(labels, good), labels, 0).astype(np.uint8)


def _round(mask: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The part of the slice round a disc."""
    rows, columns = ndimage.find_objects(mask.astype(np.uint8))[0]
    return (
        slice(max(rows.start - _ROOM, 0), rows.stop + _ROOM),
        slice(max(columns.start - _ROOM, 0), columns.stop + _ROOM),
    )


def _aligned(space: OutlinedDiscs, name: str, sequence: str, image: Slice, labels: NDArray[np.uint8]) -> OutlinedDiscs:
    grey = np.rint(np.clip(image, 0, 255)).astype(np.uint8)
    return OutlinedDiscs("spider_aligned", space.patient, name, sequence, grey[None], labels[None], (4.0, *space.pixel))
