"""Grey values to network input: one channel scaled over the slice, one scaled over its neighbourhood."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Image = NDArray[np.float32]

NEIGHBOURHOOD_MM = 24.0
WINDOW = (1.0, 99.0)
"""Percentiles that become black and white."""
_COARSE_MM = 4.0


def windowed(
    image: NDArray[np.generic], limits: tuple[float, float] = (0.0, 1.0), window: tuple[float, float] = WINDOW
) -> Image:
    """Grey values scaled so that the percentiles ``window`` become 0 and 1, cut at ``limits``.

    A constant image gives 0.
    """
    grey = np.asarray(image, dtype=np.float32)
    low, high = np.percentile(grey, window)
    scaled: Image = np.clip((grey - low) / max(float(high - low), 1e-6), *limits).astype(np.float32)
    return scaled


def normalise(image: Image, spacing: float) -> Image:
    """Grey values (rows, columns) on a square grid of ``spacing`` mm -> (2, rows, columns), about -2 to 4.

    Channel 0 maps the 1st and 99th percentile to -1 and 1. Channel 1 is the local z-score over a Gaussian neighbourhood
    of ``NEIGHBOURHOOD_MM``, which takes out the fall-off of surface coils. A constant image gives zeros.
    """
    low, high = np.percentile(image[::2, ::2], (1.0, 99.0))
    span = max(float(high - low), 1e-6)
    scaled = np.clip((image - np.float32(low)) / np.float32(span), -0.1, 1.5).astype(np.float32)
    mean, deviation = _local_moments(scaled, spacing)
    local = np.clip((scaled - mean) / (deviation + 0.02), -4.0, 4.0)
    return np.stack([2.0 * scaled - 1.0, local]).astype(np.float32)


def _local_moments(image: Image, spacing: float) -> tuple[Image, Image]:
    """Mean and standard deviation over the neighbourhood, computed on a coarser grid because they vary slowly."""
    step = max(1, round(_COARSE_MM / spacing))
    rows, columns = (-(-size // step) for size in image.shape)
    padded = np.pad(image, [(0, rows * step - image.shape[0]), (0, columns * step - image.shape[1])], mode="edge")
    blocks = padded.reshape(rows, step, columns, step)
    sigma = NEIGHBOURHOOD_MM / (step * spacing)
    mean = ndimage.gaussian_filter(blocks.mean(axis=(1, 3)), sigma, truncate=2.5)
    square = ndimage.gaussian_filter((blocks**2).mean(axis=(1, 3)), sigma, truncate=2.5)
    deviation = np.sqrt(np.maximum(square - mean**2, 0.0))
    return _spread(mean, step, image.shape), _spread(deviation, step, image.shape)


def _spread(coarse: Image, step: int, shape: tuple[int, ...]) -> Image:
    """A coarse block grid back on the fine one, linearly."""
    rows, columns = (_weights(fine, step, size) for fine, size in zip(shape, coarse.shape, strict=True))
    spread: Image = (rows @ coarse @ columns.T).astype(np.float32)
    return spread


@lru_cache(maxsize=8)
def _weights(fine: int, step: int, size: int) -> Image:
    """Linear interpolation from ``size`` blocks of ``step`` to ``fine`` places as a matrix, constant at the ends."""
    positions = np.clip((np.arange(fine) - (step - 1) / 2.0) / step, 0, size - 1)
    lower = np.minimum(np.floor(positions).astype(int), max(size - 2, 0))
    upper = np.minimum(lower + 1, size - 1)
    part = (positions - lower).astype(np.float32)
    weights = np.zeros((len(positions), size), dtype=np.float32)
    index = np.arange(len(positions))
    np.add.at(weights, (index, lower), 1.0 - part)
    np.add.at(weights, (index, upper), part)
    return weights
