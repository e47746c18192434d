"""Boxed slices in one file, so that the same images are not read and segmented twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lumbardisc.training.detection.boxes import BoxedSlice


def write_slices(slices: Sequence[BoxedSlice], path: Path) -> None:
    """Beside, then renamed. Grey values are kept as they are."""
    flat = np.concatenate([one.image.ravel() for one in slices])
    boxes = [(row, label, *box) for row, one in enumerate(slices) for label, box in one.boxes.items()]
    beside = path.with_suffix(".part.npz")
    np.savez_compressed(
        beside,
        flat=flat,
        shape=np.array([one.image.shape for one in slices]),
        pixel=np.array([one.pixel for one in slices]),
        names=np.array([(one.source, one.patient, one.case, one.contrast or "") for one in slices]),
        boxes=np.array(boxes, dtype=np.float64).reshape(-1, 6),
    )
    beside.replace(path)


def read_slices(path: Path) -> list[BoxedSlice]:
    """What ``write_slices`` wrote."""
    with np.load(path) as kept:
        flat, shapes, pixels, names, boxes = (kept[key] for key in ("flat", "shape", "pixel", "names", "boxes"))
    ends = np.cumsum(shapes.prod(axis=1))
    of_slice: list[dict[int, tuple[float, float, float, float]]] = [{} for _ in shapes]
    for row, label, *box in boxes.tolist():
        of_slice[int(row)][int(label)] = (box[0], box[1], box[2], box[3])
    return [
        BoxedSlice(
            *(str(name) for name in names[row][:3]),
            str(names[row][3]) or None,
            flat[ends[row] - shape.prod() : ends[row]].reshape(shape),
            (float(pixels[row][0]), float(pixels[row][1])),
            of_slice[row],
        )
        for row, shape in enumerate(shapes)
    ]
