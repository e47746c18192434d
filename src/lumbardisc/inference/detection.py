"""The detector of discs: one sagittal slice in, boxes with level names out, read together from the sacrum up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lumbardisc.inference.runtime import Network
from lumbardisc.inference.weights import Weights, default_weights, load_weights
from lumbardisc.preprocess.intensity import Image
from lumbardisc.preprocess.square import Square

Boxes = NDArray[np.float64]
"""(n, 4): x0, y0, x1, y1, edges in pixels, column before row."""

OVERLAP = 0.45
"""Boxes that share more than this (intersection over union) are of one disc; the surest stays."""
CONFIDENT = 0.25
"""A box less sure than this is not reported."""
_STRIDES = (8, 16, 32)
_SPURIOUS, _UNSEEN = 0.05, 0.05
"""Prior of the lowest box being no lumbar disc (S1/S2), and of the lowest one seen not being L5/S1, each per level."""
_FLOOR = 0.02
_WIDE = 1.6
"""A gap this much wider than usual hides a disc."""


@dataclass(frozen=True)
class FoundDisc:
    """One disc on a slice.

    label: 1 = L5/S1, upward. box: x0, y0, x1, y1, edges in pixels of the slice given, column before row.
    confidence: that there is a disc, 0-1. level_probabilities: label -> probability, after all boxes of the slice were
    read together; what is missing to 1 is the probability of no lumbar disc.
    """

    label: int
    box: tuple[float, float, float, float]
    confidence: float
    level_probabilities: Mapping[int, float]


class Detector:
    """An exported detector. Raises WeightsError where its files are missing or damaged."""

    def __init__(self, path: Path | None = None, threads: int | None = None) -> None:
        self.weights: Weights = load_weights(path or default_weights("detection"), "detection")
        self._side = int(self.weights.settings["side"])
        self._anchors = np.array(self.weights.settings["anchors"], dtype=np.float64)
        # Compiling takes longer than a slice does: it goes on beside whatever comes before the first one.
        self._network = ThreadPoolExecutor(1).submit(self._compiled, threads)

    def __call__(self, image: NDArray[np.generic], pixel: tuple[float, float]) -> tuple[FoundDisc, ...]:
        """Discs of a slice, lowest first. image: (rows, columns), rows down, columns backward. pixel: mm."""
        boxes, confidence, classes = self.candidates(image, pixel)
        return read_together(boxes, confidence, classes)

    def _compiled(self, threads: int | None) -> Network:
        network = Network(self.weights.path, threads, streams=1)
        network.prepare((1, self._side, self._side))
        return network

    def candidates(
        self, image: NDArray[np.generic], pixel: tuple[float, float]
    ) -> tuple[Boxes, NDArray[np.float64], NDArray[np.float64]]:
        """Boxes (n, 4) before they are named, surest first, confidence (n,), and class scores (n, labels), 0-1."""
        square = Square(self._side, (image.shape[0], image.shape[1]), pixel)
        (raw,) = self._network.result().run([network_input(square.forward(image))])
        return picked(decode(raw, self._anchors, self._side), square)


def network_input(square: Image) -> Image:
    """Grey values on the square -> (1, side, side): the 1st and 99th percentile of what is not padding -> 0 and 1."""
    inside = square[square != 0]
    low, high = np.percentile(inside, (1.0, 99.0)) if len(inside) else (0.0, 1.0)
    scaled: Image = np.clip((square - low) / max(float(high - low), 1e-6), 0.0, 1.2).astype(np.float32)
    return scaled[None]


def decode(raw: NDArray[np.float32], anchors: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Raw scores (5 + classes, cells) -> (cells, 5 + classes): x0, y0, x1, y1 in pixels, confidence, class scores.

    As in YOLOv7's reference: a centre lies within half a cell beyond its own cell, a size is up to 4 times the
    anchor's. anchors: (maps, anchors, 2) width and height in pixels.
    """
    scores = 1.0 / (1.0 + np.exp(-np.clip(raw.T.astype(np.float64), -50, 50)))
    cells, sizes, strides = grid(anchors, side)
    centre = (2.0 * scores[:, :2] - 0.5 + cells) * strides
    half = (2.0 * scores[:, 2:4]) ** 2 * sizes / 2.0
    return np.concatenate([centre - half, centre + half, scores[:, 4:]], axis=1)


def grid(anchors: NDArray[np.float64], side: int) -> tuple[Boxes, Boxes, Boxes]:
    """For every score in the network's order: its cell (x, y), its anchor's size (2) and the pixels per cell (1)."""
    cells, sizes, strides = [], [], []
    for of_map, stride in zip(anchors, _STRIDES, strict=True):
        count = side // stride
        rows, columns = np.divmod(np.arange(count * count), count)
        cells.append(np.tile(np.stack([columns, rows], axis=1), (len(of_map), 1)))
        sizes.append(np.repeat(of_map, count * count, axis=0))
        strides.append(np.full((len(of_map) * count * count, 1), stride))
    return np.concatenate(cells).astype(float), np.concatenate(sizes), np.concatenate(strides).astype(float)


def picked(
    decoded: NDArray[np.float64], square: Square, confident: float = CONFIDENT
) -> tuple[Boxes, NDArray[np.float64], NDArray[np.float64]]:
    """The boxes left by non-maximum suppression, on the slice's own pixels: boxes, confidence, class scores."""
    sure = decoded[decoded[:, 4] >= confident]
    sure = sure[np.argsort(-sure[:, 4], kind="stable")]
    kept = sure[non_maximum_suppression(sure[:, :4])]
    return square.boxes_back(kept[:, :4]), kept[:, 4], kept[:, 5:]


def non_maximum_suppression(boxes: Boxes, overlap: float = OVERLAP) -> list[int]:
    """Rows to keep of boxes sorted surest first: each that shares at most ``overlap`` with every one kept before."""
    kept: list[int] = []
    for row in range(len(boxes)):
        if not kept or intersection_over_union(boxes[row : row + 1], boxes[kept]).max() <= overlap:
            kept.append(row)
    return kept


def intersection_over_union(first: Boxes, second: Boxes) -> NDArray[np.float64]:
    """Of every pair: (n, 4), (m, 4) -> (n, m); 0 for empty boxes."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.clip(high - low, 0.0, None).prod(axis=2)
    areas = [np.clip(boxes[:, 2:] - boxes[:, :2], 0.0, None).prod(axis=1) for boxes in (first, second)]
    union = areas[0][:, None] + areas[1][None, :] - shared
    overlaps: NDArray[np.float64] = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return overlaps


def read_together(boxes: Boxes, confidence: NDArray[np.float64], classes: NDArray[np.float64]) -> tuple[FoundDisc, ...]:
    """Names for the boxes of one slice: the numberings from the bottom that they allow, weighed by all class scores.

    Discs follow one another, so that one sure disc names the others. A wide gap hides a disc; the lowest box may be
    none of a lumbar disc, and L5/S1 may be out of sight. boxes (n, 4), confidence (n,), classes (n, labels) 0-1.
    """
    order = np.argsort(-(boxes[:, 1] + boxes[:, 3]), kind="stable")
    boxes, confidence, classes = boxes[order], confidence[order], classes[order]
    numberings = _numberings(_steps(boxes), classes)
    if not numberings:
        return ()
    best = max(numberings, key=lambda numbering: numbering[1])[0]
    found = []
    for row, label in enumerate(best):
        if label > 0:
            levels: dict[int, float] = {}
            for labels, probability in numberings:
                if labels[row] > 0:
                    levels[labels[row]] = levels.get(labels[row], 0.0) + probability
            x0, y0, x1, y1 = (float(edge) for edge in boxes[row])
            found.append(FoundDisc(label, (x0, y0, x1, y1), float(confidence[row]), levels))
    return tuple(found)


def _steps(boxes: Boxes) -> list[int]:
    """Levels from each box to the next higher one."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2.0
    gaps = np.hypot(*np.diff(centres, axis=0).T) if len(boxes) > 1 else np.array([])
    usual = float(np.median(gaps)) if len(gaps) > 2 else np.inf
    return [max(1, round(gap / usual)) if gap > _WIDE * usual else 1 for gap in gaps]


def _numberings(steps: Sequence[int], classes: NDArray[np.float64]) -> list[tuple[tuple[int, ...], float]]:
    """Labels for all boxes (0 for no lumbar disc) and the probability of each possible numbering."""
    count, known = classes.shape
    if count == 0:
        return []
    heights = np.concatenate([[0], np.cumsum(steps)]).astype(int)
    scored = []
    for first in range(1 - int(heights[-1]), known + 1):  # label of the lowest box; below 1 it is none
        labels = heights + first
        if labels[-1] <= known:
            named = np.where(labels > 0, labels, 0)
            prior = (1 - first) * np.log(_SPURIOUS) if first < 1 else (first - 1) * np.log(_UNSEEN)
            scored.append((tuple(int(label) for label in named), prior + _log_likelihood(named, classes)))
    if not scored:
        return []
    weights = np.exp(np.array([score for _, score in scored]) - max(score for _, score in scored))
    return [(labels, float(weight / weights.sum())) for (labels, _), weight in zip(scored, weights, strict=True)]


def _log_likelihood(labels: NDArray[np.int64], classes: NDArray[np.float64]) -> float:
    """How well class scores fit labels: each box's scores as shares, mixed with an even one against overconfidence."""
    shares = classes / np.maximum(classes.sum(axis=1, keepdims=True), 1e-9)
    mixed = (1.0 - _FLOOR) * shares + _FLOOR / classes.shape[1]
    none = 1.0 / classes.shape[1]
    return float(sum(np.log(mixed[row, label - 1] if label else none) for row, label in enumerate(labels)))
