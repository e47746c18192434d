"""Step by step on square slices: learning where discs are, and finding them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lumbardisc.evaluation.overlap import dice
from lumbardisc.preprocess.intensity import Image, windowed
from lumbardisc.preprocess.square import Square
from lumbardisc.training.losses import partial_loss
from lumbardisc.training.masked_slices import MaskedSlices
from lumbardisc.training.sgd import Sample
from lumbardisc.training.variation import Variation, sample

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class SquareSlice:
    """One slice on the square, its window set, and its discs."""

    image: Image
    mask: Mask


def squares(cases: Sequence[MaskedSlices], per_case: int, size: int) -> list[SquareSlice]:
    """``per_case`` central slices of each case."""
    return [_square(case, k, size) for case in cases for k in case.central(per_case)]


def _square(case: MaskedSlices, index: int, size: int) -> SquareSlice:
    rows, columns = case.image.shape[1:]
    square = Square(size, (rows, columns), case.pixel)
    return SquareSlice(square.forward(windowed(case.image[index])), square.forward(case.mask[index]) > 0.5)


def training_crop(one: SquareSlice, shape: tuple[int, int], variation: Variation, rng: np.random.Generator) -> Sample:
    """A varied crop: input (1, rows, columns), allowed classes (rows, columns) as ``losses.partial_loss`` wants them.

    A crop as large as the slice is the slice; a smaller one is centred near a random disc pixel.
    """
    centre = (np.asarray(one.image.shape) - 1) / 2.0
    spare = np.asarray(one.image.shape) - shape
    if spare.any() and one.mask.any():
        places = np.argwhere(one.mask)
        near = places[rng.integers(len(places))] + rng.uniform(-0.25, 0.25, 2) * shape
        centre = np.clip(near, centre - spare / 2, centre + spare / 2)
    matrix = variation.matrix(rng)
    image = variation.grey(sample(one.image, matrix, centre, shape, order=1), rng)
    mask = sample(one.mask.astype(np.float32), matrix, centre, shape, order=1) > 0.5
    return image[None], (1 << mask.astype(np.uint8)).astype(np.uint8)


def mask_loss(scores: Tensor, allowed: Tensor) -> Tensor:
    """Cross-entropy and Dice."""
    return partial_loss(scores, allowed)


def mean_dice(network: nn.Module, slices: Sequence[SquareSlice]) -> float:
    """Mean Dice over whole slices; one without disc in truth and prediction is left out."""
    return float(np.nanmean([dice(probability(network, one.image) > 0.5, one.mask) for one in slices]))


@torch.no_grad()
def probability(network: nn.Module, square: Image) -> Image:
    """Probability of disc (rows, columns) on a square slice whose window is set."""
    device = next(network.parameters()).device
    scores = network(torch.from_numpy(square)[None, None].to(device))
    found: Image = scores.softmax(dim=1)[0, 1].cpu().numpy()
    return found


def segment(network: nn.Module, image: NDArray[np.generic], pixel: tuple[float, float], size: int) -> Image:
    """Probability of disc (row, column) of one slice of any grid. pixel: (row, column) mm."""
    rows, columns = image.shape
    square = Square(size, (rows, columns), pixel)
    return square.back(probability(network, square.forward(windowed(image))))
