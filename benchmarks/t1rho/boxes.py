"""The crop of Li 2024 beside ours: the disc's box, upright in the image, drawn out to the network's input."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from lumbardisc.anatomy.frames import disc_frames
from lumbardisc.inference.grading import T2_LIKE
from lumbardisc.inference.t1rho import KINDS
from lumbardisc.pipeline.estimate import disc_planes
from lumbardisc.pipeline.images import LabelledImage
from lumbardisc.preprocess.crops import CENTRE
from lumbardisc.preprocess.intensity import Image, windowed
from lumbardisc.quantify.regions import regions

SHOWN = (64, 96)
"""What a network sees of a kept crop, which the box fills."""


def planes_and_boxes(images: Sequence[LabelledImage], shape: tuple[int, int]) -> dict[int, Image]:
    """``disc_planes`` with two planes more: the boxes on T1 and on T2."""
    planes = disc_planes(images, shape)
    boxes = {"t2" if image.contrast in T2_LIKE else "t1": _boxes(image, shape) for image in reversed(images)}
    empty = np.zeros(shape, dtype=np.float32)
    return {
        label: np.concatenate([own, [boxes.get(kind, {}).get(label, empty) for kind in KINDS]])
        for label, own in planes.items()
    }


def _boxes(image: LabelledImage, shape: tuple[int, int]) -> dict[int, Image]:
    _, row_mm, column_mm = image.volume.spacing
    frames = disc_frames(image.labels[image.mid_slice], (row_mm, column_mm))
    found = {label: region for label, region in regions(image.labels).items() if label in frames}
    return {label: _drawn_out(image, region.box(image.mid_slice), shape) for label, region in found.items()}


def _drawn_out(image: LabelledImage, box: tuple[int, int, int, int], shape: tuple[int, int]) -> Image:
    """The box (first row, first column, and those after the last) fills the middle ``SHOWN`` of ``shape``."""
    corner, size = np.array(box[:2]), np.array(box[2:]) - np.array(box[:2])
    first = (np.array(shape) - np.array(SHOWN)) * np.array(CENTRE)
    step = size / np.array(SHOWN)
    offset = corner - 0.5 + (0.5 - first) * step
    grey = image.volume.array[image.mid_slice].astype(np.float32)
    return windowed(ndimage.affine_transform(grey, step, offset, shape, order=1, mode="nearest"), (-1.0, 3.0))
