"""A checkpoint at work inside training: probabilities of whole slices, and pseudo-labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from lumbardisc.networks.unet import UNet
from lumbardisc.preprocess.intensity import normalise
from lumbardisc.preprocess.resample import from_grid, to_grid
from lumbardisc.training.partial import ANY, CLASSES, from_prediction
from lumbardisc.training.sources import Example


def load_network(checkpoint: Path) -> tuple[UNet, float]:
    """The network of a checkpoint, ready to predict, and its working resolution in mm."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    network = UNet(len(CLASSES), state["config"]["widths"], inputs=2)
    network.load_state_dict(state["network"])
    return network.eval().to(memory_format=torch.channels_last), state["config"]["resolution_mm"]  # type: ignore[call-overload]


@torch.no_grad()
def predict(
    network: torch.nn.Module, image: NDArray[np.generic], pixel: tuple[float, float], resolution: float
) -> NDArray[np.float32]:
    """Class probabilities (classes, rows, columns) of one slice (rows, columns), on its own grid."""
    inputs = normalise(to_grid(image, pixel, resolution), resolution)
    rows, columns = inputs.shape[1:]
    padded = np.pad(inputs, [(0, 0), (0, -rows % 16), (0, -columns % 16)], mode="edge")
    device = next(network.parameters()).device
    scores = network(torch.from_numpy(padded)[None].to(device))[0, :, :rows, :columns]
    rows, columns = image.shape
    return from_grid(scores.softmax(dim=0).cpu().numpy(), (rows, columns))


def fill_in(examples: Sequence[Example], network: UNet, resolution: float, threshold: float = 0.8) -> list[Example]:
    """Pseudo-labels: undecided pixels take the class the network is sure of, among those their source allows."""
    return [_fill_in(example, network, resolution, threshold) for example in examples]


def _fill_in(example: Example, network: UNet, resolution: float, threshold: float) -> Example:
    if (example.allowed == ANY).all():
        threshold = max(threshold, 0.9)
    _, row, column = example.spacing
    allowed = [
        from_prediction(classes, predict(network, image, (row, column), resolution), threshold)
        for image, classes in zip(example.image, example.allowed, strict=True)
    ]
    return replace(example, allowed=np.stack(allowed))
