"""Stage 2: a wide residual network that reads maximum, minimum and mean T1rho off the crop of a disc."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lumbardisc.networks.wide_resnet import WideResNet
from lumbardisc.preprocess.intensity import Image
from lumbardisc.training.phases.crops import MeasuredDisc, box_crop, training_crop
from lumbardisc.training.phases.readings import VALUES
from lumbardisc.training.schedule import Schedule
from lumbardisc.training.sgd import Progress, adam, batches_of, fit
from lumbardisc.training.variation import Variation

Array = NDArray[np.float64]
_BATCH = 64


class Regressor(nn.Module):
    """(batch, 1, rows, columns) -> (batch, 3): T1rho in ms. The network itself speaks in standard deviations.

    centre, scale: mean and standard deviation of the training discs' values; they travel with the weights.
    """

    centre: Tensor
    scale: Tensor

    def __init__(self, width: float, dropout: float) -> None:
        super().__init__()
        self.network = WideResNet(len(VALUES), 1, width, dropout)
        self.register_buffer("centre", torch.zeros(len(VALUES)))
        self.register_buffer("scale", torch.ones(len(VALUES)))

    def forward(self, x: Tensor) -> Tensor:
        values: Tensor = self.network(x) * self.scale + self.centre
        return values

    def learn_scale(self, discs: Sequence[MeasuredDisc]) -> None:
        """Take centre and scale from training discs."""
        values = np.array([disc.measured.values for disc in discs], dtype=np.float32)
        self.centre.copy_(torch.from_numpy(values.mean(axis=0)))
        self.scale.copy_(torch.from_numpy(np.maximum(values.std(axis=0), 1.0)))

    def loss(self, values: Tensor, truth: Tensor) -> Tensor:
        """Mean squared error in standard deviations, so that the three values weigh the same."""
        return torch.mean(((values - truth) / self.scale) ** 2)


def train_regressor(
    regressor: Regressor,
    discs: Sequence[MeasuredDisc],
    shape: tuple[int, int],
    variation: Variation,
    schedule: Schedule,
    folder: Path,
    progress: Progress | None = None,
) -> None:
    """Train in place by Adam, for as many epochs as the schedule has: there are no patients to choose an epoch by."""
    regressor.to("cuda" if torch.cuda.is_available() else "cpu")
    regressor.learn_scale(discs)
    batches = batches_of(discs, lambda disc, rng: training_crop(disc, shape, variation, rng), schedule)
    made_of = (discs, shape, variation)
    fit(regressor, batches, regressor.loss, None, schedule, made_of, folder, progress, optimizer=adam)


@torch.no_grad()
def regress(regressor: Regressor, crops: Sequence[Image]) -> Array:
    """Crops (rows, columns) -> (discs, 3): maximum, minimum and mean T1rho in ms."""
    if not crops:
        return np.zeros((0, len(VALUES)))
    device = next(regressor.parameters()).device
    inputs = torch.from_numpy(np.stack(crops))[:, None]
    values: Array = torch.cat([regressor(part.to(device)).cpu() for part in inputs.split(_BATCH)]).numpy()
    return values.astype(np.float64)


def of_boxes(discs: Sequence[MeasuredDisc], shape: tuple[int, int]) -> list[Image]:
    """The crops of discs by the boxes that people drew."""
    return [box_crop(disc.image, disc.box, shape) for disc in discs]
