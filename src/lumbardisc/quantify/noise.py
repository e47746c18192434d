"""Noise of magnitude images: how far it lifts a signal (Rice), and how large it is, from the air.

A magnitude M of a signal v with Gaussian noise s in both channels has the mean
s sqrt(pi/2) ((1 + x) I0(x) + x I1(x)) exp(-x), x = (v / 2s)^2 (Rice 1944; Gudbjartsson and Patz 1995, Magn Reson Med
34:910-914): 1.25 s in air, and near v + s^2 / 2v where the signal is clear.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float = NDArray[np.float64]

_BEND = (0.364, 0.0735, 0.0404)

_ENOUGH = 100_000  # voxels to look at
_GUESSES = (0.005, 0.02, 0.1, 0.4)  # shares of the voxels that may be darker than typical air
_LIKELY = (0.005, 0.995)
_ROUNDS = 50
_LEAST_AIR = 0.01
_STEADY = 0.1


def excess(signal: Float, noise: float) -> Float:
    """Mean of the magnitude less the signal itself, of any shape; both in the images' units.

    Rice's mean squared is v^2 + s^2 (1 + c); c falls from pi/2 - 1 in air to 0, and the fraction below follows it so
    that the mean is right to 0.0004 s everywhere (fitted by us to the formula above; Bessel functions take 20 times as
    long).
    """
    ratio = signal / noise
    square = ratio * ratio
    a, b, c = _BEND
    bend = (np.pi / 2.0 - 1.0) / (1.0 + square * (a + square * b / (1.0 + square * c)))
    lifted: Float = noise * (np.sqrt(square + 1.0 + bend) - ratio)
    return lifted


def background_noise(volumes: Sequence[ArrayLike]) -> float:
    """Standard deviation of the noise of a series of magnitude images, from the air; NaN where no air is seen.

    In air the sum of squares of n images over 2 s^2 follows a gamma distribution of shape n. From several first
    guesses, the voxels are kept whose sum is likely and s is taken from their median, until it stands (after Koay et
    al. 2009, J Magn Reson 199:94-103). Such voxels are air if they are many enough and as bright in the last image as
    in the first; the largest set of them is taken.

    Noise that varies over the image (parallel imaging), coils joined by sum of squares, and a background set to zero
    are beyond it.
    volumes: one per time, earliest first, all of one shape. The result is in their units.
    """
    values = np.stack([np.asarray(volume).reshape(-1) for volume in volumes])
    values = values[:, :: max(1, values.shape[1] // _ENOUGH)]
    values = values[:, ((values > 0) & (values < np.inf)).all(axis=0)].astype(np.float64)
    power = (values**2).sum(axis=0) / 2.0
    guesses = np.sqrt(np.quantile(power, _GUESSES) / len(values)) if power.size else []
    found = (_settle(values, power, guess) for guess in guesses)
    likely = [(int(air.sum()), noise) for air, noise in found if _is_air(values[:, air], power.size)]
    return max(likely, default=(0, np.nan))[1]


def _settle(values: Float, power: Float, noise: float) -> tuple[NDArray[np.bool_], float]:
    """Voxels that are likely to be air, and the noise in them, from a first guess of it."""
    from scipy.special import gammaincinv

    low, high = gammaincinv(len(values), _LIKELY)
    air = np.zeros(power.shape, dtype=bool)
    for _ in range(_ROUNDS):
        before, air = air, (power > low * noise**2) & (power < high * noise**2)
        if not air.any() or np.array_equal(before, air):
            break
        noise = float(np.median(values[:, air]) / np.sqrt(2.0 * np.log(2.0)))
    return air, noise


def _is_air(values: Float, among: int) -> bool:
    """Whether voxels, (time, voxel), are enough of those ``among`` which they lie, and do not decay."""
    if values.shape[1] < max(_LEAST_AIR * among, 100):
        return False
    means = values.mean(axis=1)
    return bool(abs(means[-1] / means[0] - 1.0) < _STEADY)
