"""Dice of a network on whole slices of the validation patients, class by class, where the class is decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.networks.unet import UNet
from lumbardisc.training.partial import CLASSES, Allowed, certain
from lumbardisc.training.predict import predict
from lumbardisc.training.sources import Example


def validate(network: UNet, examples: Sequence[Example], resolution: float) -> dict[str, float]:
    """Mean Dice over cases per foreground class, and the mean of these; undefined ones are left out."""
    network.eval()
    table = np.array([_dice(network, example, resolution) for example in examples])
    with np.errstate(invalid="ignore"):
        means = [float(np.nanmean(column)) if np.isfinite(column).any() else float("nan") for column in table.T]
    return {**dict(zip(CLASSES[1:], means, strict=True)), "mean": float(np.nanmean(means))}


def _dice(network: UNet, example: Example, resolution: float) -> list[float]:
    shown = example.telling[:: max(1, len(example.telling) // 3)]
    _, row, column = example.spacing
    predicted = np.stack([predict(network, example.image[k], (row, column), resolution).argmax(axis=0) for k in shown])
    allowed = example.allowed[shown]
    return [class_dice(predicted, allowed, index) for index in range(1, len(CLASSES))]


def class_dice(predicted: NDArray[Any], allowed: Allowed, index: int) -> float:
    """Dice of one class over the pixels where it is decided; NaN where no pixel is known to be of it."""
    bit = np.uint8(1 << index)
    truth = certain(allowed) & (allowed == bit)
    decided = truth | (allowed & bit == 0)
    if not truth.any():
        return float("nan")
    found = (predicted == index) & decided
    return float(2 * (found & truth).sum() / (found.sum() + truth.sum()))
