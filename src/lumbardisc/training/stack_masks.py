"""Discs of a stack, slice by slice through an unpadded network: its samples, its training, masks of whole stacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lumbardisc.preprocess.intensity import Image
from lumbardisc.preprocess.unpadded import UnpaddedSquare
from lumbardisc.training.disc_mask import mask_loss
from lumbardisc.training.schedule import Schedule
from lumbardisc.training.sgd import Progress, Sample, adam, batches_of, fit

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class StackSlice:
    """One training slice. image: (shown, shown). discs: the part that the network answers for."""

    image: Image
    discs: Mask


def train_slices(
    network: nn.Module,
    slices: Sequence[StackSlice],
    schedule: Schedule,
    folder: Path,
    progress: Progress | None = None,
) -> None:
    """Train ``network`` in place by Adam on cross-entropy and Dice, until the last epoch; see ``sgd.fit``.

    No epoch is chosen by any patients. Works on a GPU where there is one.
    """
    network.to("cuda" if torch.cuda.is_available() else "cpu")
    fit(network, batches_of(slices, _sample, schedule), _loss, None, schedule, slices, folder, progress, adam)


def _sample(one: StackSlice, _rng: np.random.Generator) -> Sample:
    return one.image[None], (1 << one.discs.astype(np.uint8)).astype(np.uint8)


def _loss(scores: Tensor, allowed: Tensor) -> Tensor:
    """Cross-entropy and Dice, where the answer lies on the slice and not on its mirrored border."""
    spare = (scores.shape[-1] - allowed.shape[-1]) // 2
    end = spare + allowed.shape[-1]
    return mask_loss(scores[:, :, spare:end, spare:end], allowed)


@torch.no_grad()
def segment_stack(network: nn.Module, stack: Sequence[Image], square: UnpaddedSquare) -> Mask:
    """Mask (slice, row, column) of the discs of a stack, on its own grid; its grey values are as the network wants."""
    device = next(network.parameters()).device
    found = []
    for image in stack:
        rows, columns = image.shape
        scores = network(torch.from_numpy(square.forward(image))[None, None].to(device))
        found.append(square.back(scores.softmax(dim=1)[0, 1].cpu().numpy(), (rows, columns)) > 0.5)
    return np.stack(found)
