"""Varied training samples of the detector: the slice on its square, turned, scaled, shifted; and its boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from lumbardisc.inference.detection import Boxes, network_input
from lumbardisc.preprocess.intensity import Image
from lumbardisc.preprocess.square import Square
from lumbardisc.training.augment import vary
from lumbardisc.training.detection.boxes import BoxedSlice
from lumbardisc.training.detection.views import Views
from lumbardisc.training.endless import Endless

Generator = np.random.Generator
Sample = tuple[Image, NDArray[np.float32], NDArray[np.int64]]
"""Network input (1, side, side), boxes (n, 4) on it, disc labels (n,)."""
_SHOWN = 0.5
"""Share of a disc that must be in the picture for its box to stay."""
_EDGE = 4.0
"""Smallest side of a box, pixels."""


def plain(one: BoxedSlice, side: int) -> Sample:
    """A slice as it is used, unvaried."""
    square = Square(side, one.image.shape, one.pixel)
    return network_input(square.forward(one.image)), square.boxes_forward(_boxes(one)).astype(np.float32), _labels(one)


def varied(one: BoxedSlice, side: int, views: Views, rng: Generator) -> Sample:
    """A slice seen otherwise."""
    square = Square(side, one.image.shape, one.pixel)
    image, boxes = square.forward(one.image), square.boxes_forward(_boxes(one))
    turn, shift = _view(side, views, rng)
    image, boxes = turned(image, boxes, turn, shift)
    seen = _shown(boxes, side) >= _SHOWN
    grey = vary(image, square.pixel_mm, rng, views.grey) * (image > 0)
    boxes = np.clip(boxes[seen], 0.0, side)
    large = (boxes[:, 2:] - boxes[:, :2]).min(axis=1, initial=np.inf) >= _EDGE
    return network_input(grey), boxes[large].astype(np.float32), _labels(one)[seen][large]


def turned(image: Image, boxes: Boxes, turn: NDArray[np.float64], shift: NDArray[np.float64]) -> tuple[Image, Boxes]:
    """An image and its boxes under a linear map about the middle. turn (2, 2), shift (2,): of (column, row).

    A disc is taken for the ellipse in its box, so that the box of the turned ellipse is tight.
    """
    middle = np.full(2, len(image) / 2.0)
    back = np.linalg.inv(turn)[::-1, ::-1]  # rows first
    offset = middle - 0.5 - back @ (middle - 0.5 + shift[::-1])
    moved: Image = ndimage.affine_transform(image, back, offset, order=1, mode="constant")
    centre, half = (boxes[:, :2] + boxes[:, 2:]) / 2.0, (boxes[:, 2:] - boxes[:, :2]) / 2.0
    centre = (centre - middle) @ turn.T + middle + shift
    half = np.sqrt(half**2 @ (turn**2).T)
    return moved, np.concatenate([centre - half, centre + half], axis=1)


def _view(side: int, views: Views, rng: Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    angle = np.radians(rng.uniform(-views.rotation_deg, views.rotation_deg))
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    scale, stretch = np.exp(rng.uniform(-views.scale, views.scale)), np.exp(rng.uniform(-views.stretch, views.stretch))
    return rotation @ np.diag([scale * stretch, scale / stretch]), rng.uniform(-views.shift, views.shift, 2) * side


def _shown(boxes: Boxes, side: int) -> NDArray[np.float64]:
    """Share of each box that lies in the picture."""
    inside = np.clip(np.minimum(boxes[:, 2:], side) - np.maximum(boxes[:, :2], 0.0), 0.0, None).prod(axis=1)
    shares: NDArray[np.float64] = inside / np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 1e-9)
    return shares


def _boxes(one: BoxedSlice) -> Boxes:
    return np.array([one.boxes[label] for label in sorted(one.boxes)], dtype=np.float64).reshape(-1, 4)


def _labels(one: BoxedSlice) -> NDArray[np.int64]:
    return np.array(sorted(one.boxes), dtype=np.int64)


class Samples(Endless[BoxedSlice, Sample]):
    """Endless varied slices. labels: boxes of discs 1 to this one are learnt."""

    def __init__(
        self,
        slices: Sequence[BoxedSlice],
        weights: Mapping[str, float],
        side: int,
        labels: int,
        views: Views,
        seed: int,
    ) -> None:
        super().__init__(slices, weights, seed)
        self.side, self.labels, self.views = side, labels, views

    def sample(self, case: BoxedSlice, rng: Generator) -> Sample:
        """The slice seen otherwise, with the boxes that are learnt."""
        image, boxes, labels = varied(case, self.side, self.views, rng)
        learnt = labels <= self.labels
        return image, boxes[learnt], labels[learnt]


def collate(samples: Sequence[Sample]) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    """Images (n, 1, side, side); boxes and classes (label - 1) per image."""
    images, boxes, labels = zip(*samples, strict=True)
    targets: list[Any] = [torch.from_numpy(each) for each in boxes]
    return torch.from_numpy(np.stack(images)), targets, [torch.from_numpy(each - 1) for each in labels]
