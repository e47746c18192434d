"""A checkpoint at work inside training: probabilities of whole slices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from lumbardisc.networks.unet import UNet
from lumbardisc.preprocess.intensity import normalise
from lumbardisc.preprocess.resample import from_grid, to_grid
from lumbardisc.training.partial import CLASSES


def load_network(checkpoint: Path) -> tuple[UNet, float]:
    """The network of a checkpoint, ready to predict, and its working resolution in mm."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    network = UNet(len(CLASSES), state["config"]["widths"], inputs=2)
    network.load_state_dict(state["network"])
    return network.eval().to(memory_format=torch.channels_last), state["config"]["resolution_mm"]  # type: ignore[call-overload]


@torch.no_grad()
def predict(
    network: UNet, image: NDArray[np.generic], pixel: tuple[float, float], resolution: float
) -> NDArray[np.float32]:
    """Class probabilities (classes, rows, columns) of one slice (rows, columns), on its own grid."""
    inputs = normalise(to_grid(image, pixel, resolution), resolution)
    rows, columns = inputs.shape[1:]
    padded = np.pad(inputs, [(0, 0), (0, -rows % network.stride), (0, -columns % network.stride)], mode="edge")
    device = next(network.parameters()).device
    scores = network(torch.from_numpy(padded)[None].to(device))[0, :, :rows, :columns]
    rows, columns = image.shape
    return from_grid(scores.softmax(dim=0).cpu().numpy(), (rows, columns))
