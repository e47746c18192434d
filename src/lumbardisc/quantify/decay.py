"""The least-squares rate of a decay at many voxels at once.

For a given rate the best amplitude is linear, so that only the rate is searched (variable projection, Golub and Pereyra
1973, SIAM J Numer Anal 10:413-432). With the curve e = exp(-k u), the sums P_j = sum u^j S e and Q_j = sum u^j e^2, the
amplitude is P_0 / Q_0 and the sum of squared residuals is least where P_0 Q_1 - P_1 Q_0 = 0: Newton's method finds that
root, and falls back to Gauss-Newton steps, which always lead downhill, where the curve is not yet bent the right way.

Arrays are (time, voxel), float64. ``u``: the times scaled to 0-1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lumbardisc.quantify.noise import excess

Float = NDArray[np.float64]

_STEPS = 50
_TOLERANCE = 1e-6
_LEAST_BEND = 0.3
"""Newton's curvature is used down to this share of Gauss and Newton's."""


def decay_rates(signal: Float, u: Float, limit: float, noise: float) -> tuple[Float, Float]:
    """Rate k and amplitude of the least-squares curve a exp(-k u) of every voxel, two (voxel,) arrays.

    signal: positive. limit: rates are searched from 0 (a signal that does not decay) to this. noise: standard deviation
    of magnitude images, whose excess over the signal is taken off the data at each step; 0 for none.
    A rate that is not found in ``_STEPS`` steps is NaN.
    """
    powers = np.stack([u**0, u, u**2])
    rate, amplitude = _start(signal, u, limit), signal[np.argmin(u)].copy()
    todo = np.arange(signal.shape[1])
    for _ in range(_STEPS):
        before = rate[todo], amplitude[todo]
        after = _step(signal, powers, *before, limit, noise)
        rate[todo], amplitude[todo] = after
        moved = abs(after[0] - before[0]) > _TOLERANCE * after[0]
        if noise:
            moved |= abs(after[1] - before[1]) > _TOLERANCE * after[1]
        if not moved.any():
            return rate, amplitude
        todo, signal = todo[moved], signal[:, moved]
    rate[todo] = np.nan
    return rate, amplitude


def _start(signal: Float, u: Float, limit: float) -> Float:
    """The straight line through log S, weighted by S^2 because that is how noise grows in the logarithm."""
    weight = signal**2
    weight /= weight.sum(axis=0)
    away = u[:, None] - u @ weight
    slope = (weight * away * np.log(signal)).sum(axis=0) / (weight * away**2).sum(axis=0)
    start: Float = np.clip(-slope, 0.0, limit)
    return start


def _step(
    signal: Float, powers: Float, rate: Float, amplitude: Float, limit: float, noise: float
) -> tuple[Float, Float]:
    """One step of all rates, and the best amplitudes at the rates before it."""
    curve = np.exp(-powers[1][:, None] * rate)
    if noise:
        signal = signal - excess(amplitude * curve, noise)
    p0, p1, p2 = powers @ (signal * curve)
    q0, q1, q2 = powers @ (curve * curve)
    newton = 2.0 * p0 * q2 - p1 * q1 - p2 * q0
    gauss = p0 * (q2 - q1 * q1 / q0)
    step = (p0 * q1 - p1 * q0) / np.maximum(newton, _LEAST_BEND * gauss)
    return np.clip(rate + step, 0.0, limit), p0 / q0
