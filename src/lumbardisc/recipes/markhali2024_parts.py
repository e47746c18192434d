"""What training and use of `markhali2024` share: its network, and what the network is shown of a slice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lumbardisc.networks.unpadded_unet import UnpaddedUNet
from lumbardisc.preprocess.intensity import Image, windowed
from lumbardisc.recipes.markhali2024_config import Markhali2024Config
from lumbardisc.recipes.markhali2024_versions import Version
from lumbardisc.training.masked_slices import MaskedSlices
from lumbardisc.training.stack_masks import StackSlice

NETWORK = Path("network")
"""Where a run keeps its network."""
STRETCH = (2.5, 97.5)
"""Percentiles of a slice that become black and white (section 2.5.2)."""
WIDEST = 10.0
"""The augmented copy's lower percentile is drawn from 0 to this."""
WHITE = 255.0


def unet(config: Markhali2024Config, version: Version) -> UnpaddedUNet:
    """The network of a version: (1, shown, shown) -> background, disc (2, answer, answer)."""
    finest = max(round(config.width * version.filters), 1)
    return UnpaddedUNet(
        2,
        [finest * 2**level for level in range(config.levels)],
        padded=config.contraction == "padded",
        batch_norm=version.batch_norm,
        dropout=version.dropout,
        dilation=version.dilation,
    )


def shown(image: NDArray[np.generic], version: Version) -> Image:
    """A slice (row, column) as a version sees it; 255 becomes 1 for all of them."""
    if version.inputs in ("raw", "no_blanks"):
        return np.asarray(image, dtype=np.float32) / np.float32(WHITE)
    return windowed(image, window=STRETCH)


def training_slices(
    scans: list[MaskedSlices], config: Markhali2024Config, version: Version, seed: int
) -> list[StackSlice]:
    """The slices that a version learns from."""
    square, rng = config.square, np.random.default_rng(seed)
    return [
        StackSlice(square.forward(image), square.target(mask))
        for scan in scans
        for slice_, mask in zip(scan.image, scan.mask, strict=True)
        if version.inputs == "raw" or mask.any()
        for image in _copies(slice_, version, rng)
    ]


def _copies(image: NDArray[np.generic], version: Version, rng: np.random.Generator) -> Iterator[Image]:
    """A slice, and where the version has it its augmented copy."""
    yield shown(image, version)
    if version.inputs == "augmented":
        low = rng.uniform(0.0, WIDEST)
        yield windowed(image, window=(low, 100.0 - low))
