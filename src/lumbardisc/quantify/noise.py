"""Noise of magnitude images: how far it lifts a signal (Rice), and how large it is, from the air.

A magnitude M of a signal v with Gaussian noise s in both channels has the mean
s sqrt(pi/2) ((1 + x) I0(x) + x I1(x)) exp(-x), x = (v / 2s)^2 (Rice 1944; Gudbjartsson and Patz 1995, Magn Reson Med
34:910-914): 1.25 s in air, and near v + s^2 / 2v where the signal is clear.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

_BEND = (0.364, 0.0735, 0.0404)


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
