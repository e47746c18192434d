"""Boxed slices in one file, so that the same images are not read and segmented twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.training.detection.boxes import BoxedSlice
from lumbardisc.training.kept import read_kept, write_kept


@dataclass(frozen=True, eq=False)
class _Columns:
    """flat: all grey values, slice after slice. shape, pixel: (n, 2). names: (n, 4), source, patient, case, contrast.
    boxes: (m, 6), slice, label, x0, y0, x1, y1."""

    flat: NDArray[Any]
    shape: NDArray[np.int64]
    pixel: NDArray[np.float64]
    names: NDArray[np.str_]
    boxes: NDArray[np.float64]


def write_slices(slices: Sequence[BoxedSlice], notes: Sequence[str], key: str, path: Path) -> None:
    """Beside, then renamed."""
    boxes = [(row, label, *box) for row, one in enumerate(slices) for label, box in one.boxes.items()]
    columns = _Columns(
        flat=np.concatenate([one.image.ravel() for one in slices]),
        shape=np.array([one.image.shape for one in slices]),
        pixel=np.array([one.pixel for one in slices]),
        names=np.array([(one.source, one.patient, one.case, one.contrast or "") for one in slices]),
        boxes=np.array(boxes, dtype=np.float64).reshape(-1, 6),
    )
    write_kept(path, key, columns, notes)


def read_slices(path: Path, key: str) -> list[BoxedSlice] | None:
    """What ``write_slices`` wrote under the same key; None where it was another one."""
    if not path.exists() or (kept := read_kept(path, key, _Columns)) is None:
        return None
    columns, _ = kept
    of_slice: list[dict[int, tuple[float, float, float, float]]] = [{} for _ in columns.shape]
    for row, label, x0, y0, x1, y1 in columns.boxes.tolist():
        of_slice[int(row)][int(label)] = (x0, y0, x1, y1)
    images = np.split(columns.flat, np.cumsum(columns.shape.prod(axis=1))[:-1])
    slices = []
    for image, shape, pixel, names, boxes in zip(
        images, columns.shape, columns.pixel.tolist(), columns.names.tolist(), of_slice, strict=True
    ):
        source, patient, case, contrast = names
        slices.append(
            BoxedSlice(source, patient, case, contrast or None, image.reshape(shape), (pixel[0], pixel[1]), boxes)
        )
    return slices
