"""Stage 2's input: grey values through a fixed window, each disc cut out by its box."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbardisc.preprocess.intensity import Image
from lumbardisc.training.detection.boxes import Box
from lumbardisc.training.phases.data import PhaseData
from lumbardisc.training.phases.readings import Measured
from lumbardisc.training.sgd import Sample
from lumbardisc.training.variation import Variation, sample

Window = tuple[float, float]
"""Width and level: level - width / 2 becomes black, level + width / 2 white."""


@dataclass(frozen=True, eq=False)
class MeasuredDisc:
    """One disc: the slice it is on (rows, columns; 0-1), its box there, and what was measured."""

    source: str
    patient: str
    disc: int
    image: Image
    box: Box
    measured: Measured


def shown(image: NDArray[np.generic], window: Window) -> Image:
    """Grey values (rows, columns) through a window, 0-1. Pictures of 8 bits went through one when they were saved."""
    width, level = (255.0, 127.5) if image.dtype == np.uint8 else window
    grey: Image = np.clip((image.astype(np.float32) - (level - width / 2)) / width, 0.0, 1.0)
    return grey


def measured_discs(data: Iterable[PhaseData]) -> list[MeasuredDisc]:
    """Every disc that has both a box and values, on slices that went through their window."""
    return [
        MeasuredDisc(one.source, piece.patient, disc, piece.image, piece.boxes[disc], measured)
        for one in data
        for piece in one.slices
        for disc, measured in one.discs[piece.patient].items()
        if disc in piece.boxes
    ]


def box_crop(image: Image, box: Box, shape: tuple[int, int], turn: NDArray[np.float64] | None = None) -> Image:
    """What a box holds, stretched to ``shape`` (rows, columns), linear; ``turn`` (2 x 2) turns and scales it first."""
    x0, y0, x1, y1 = box
    step = np.diag([(y1 - y0) / shape[0], (x1 - x0) / shape[1]])
    centre = ((y0 + y1) / 2 - 0.5, (x0 + x1) / 2 - 0.5)
    return sample(image, step if turn is None else turn @ step, centre, shape, order=1)


def training_crop(disc: MeasuredDisc, shape: tuple[int, int], variation: Variation, rng: np.random.Generator) -> Sample:
    """A varied input (1, rows, columns) and the values (3,) in ms."""
    x0, y0, x1, y1 = disc.box
    x, y = rng.uniform(-variation.shift, variation.shift, 2) * (x1 - x0, y1 - y0)
    box = (x0 + x, y0 + y, x1 + x, y1 + y)
    crop = box_crop(disc.image, box, shape, variation.matrix(rng))
    return variation.grey(variation.flip(crop[None], rng), rng), np.array(disc.measured.values, dtype=np.float32)
