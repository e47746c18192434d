"""Relaxation maps: S(t) = A exp(-t / T) fitted by least squares at every voxel; T1rho, T2 and T2* alike.

docs/relaxation.md tells what the numbers mean. The search is in ``decay``, the noise in ``noise``.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbardisc.errors import GeometryError, UsageError
from lumbardisc.quantify.decay import decay_rates
from lumbardisc.quantify.noise import excess

Array = NDArray[Any]
Float = NDArray[np.float64]
Map = NDArray[np.float32]

VISIBLE = 5.0
"""A voxel has signal where its earliest image is this many times the noise (Rose's criterion of visibility)."""
LOSS_AT_LEAST = 0.1
"""Share of the signal that must be lost from the first time to the last, or T is too long for the times."""
LEFT_AT_LEAST = 0.01
"""Share of the signal that must be left at the second time, or T is too short for them."""
MAX_RELATIVE_ERROR = 0.5
"""A standard error beyond this share of T says no more than the order of magnitude."""
MIN_R2 = 0.5
"""Below this the straight mean of the signals explains them about as well."""

_BLOCK = 1 << 14


class Doubt(IntEnum):
    """Why the fit of a voxel cannot be trusted; 0 where it can."""

    NONE = 0
    NO_SIGNAL = 1  # under the noise floor, or a value that is zero, negative or no number
    RISING = 2  # the signal does not decay
    OUT_OF_RANGE = 3  # T is too short or too long for the times
    UNCERTAIN = 4  # the standard error is too large
    POOR_FIT = 5  # the signals do not follow one exponential


@dataclass(frozen=True, eq=False)
class Fit:
    """Maps of one shape. amplitude: A, in the images' units. time_ms: T, the least-squares answer. se_ms: its standard
    error. r2: share of the signals' variance that the curve explains. NaN where undefined.
    doubt: ``Doubt`` of each voxel, uint8."""

    amplitude: Map
    time_ms: Map
    se_ms: Map
    r2: Map
    doubt: NDArray[np.uint8]

    @property
    def trusted(self) -> NDArray[np.bool_]:
        """Where T can be used."""
        trusted: NDArray[np.bool_] = self.doubt == Doubt.NONE
        return trusted

    @property
    def unbiased_ms(self) -> Map:
        """T without the bias that noise gives it, for means over a region.

        Noise leaves the rate 1 / T unbiased and nearly normal, but the reciprocal of a noisy rate is too long on
        average, by (SE / T)^2 to second order. With z = T / SE, T z (1 - Phi(z)) / phi(z) has no bias at any order
        (Voinov 1985, Sankhya B 47:354-358). Where the error is unknown this is T itself.
        """
        certainty = self._certainty(1e6)
        shortened: Map = (self.time_ms * certainty * _mills(certainty)).astype(np.float32)
        return np.where(np.isnan(self.se_ms), self.time_ms, shortened)

    @property
    def unbiased_se_ms(self) -> Map:
        """Standard error of ``unbiased_ms``; its square has no bias either.

        (T z)^2 (1 - z m), with m = (1 - Phi(z)) / phi(z), is the estimate of T^2 without bias, by the same integral as
        T z m is that of T. The variance is (T z m)^2 less that. It nears SE^2 where SE is small, and stays finite where
        T and SE grow beyond all bounds.
        """
        certainty = self._certainty(300.0)  # what is left of the differences is rounding beyond this
        ratio = _mills(certainty)
        error: Float = self.se_ms * certainty**2 * np.sqrt(ratio**2 + certainty * ratio - 1.0)
        return error.astype(np.float32)

    def _certainty(self, most: float) -> Float:
        """z = T / SE, at most this."""
        certainty: Float = 1.0 / np.maximum(self.se_ms.astype(np.float64) / self.time_ms, 1.0 / most)
        return certainty


@dataclass(frozen=True)
class MonoExponential:
    """The model. times_ms: one per image, in any order. noise: standard deviation of the noise in each channel of the
    magnitude images (see ``background_noise``), None where it is unknown.

    With the noise known, the mean that magnitudes have above the signal (Rice) is taken off, voxels under the floor are
    left out, and the standard error is that of this noise; otherwise it comes from the residuals.
    Raises UsageError for fewer than two times, for repeated, negative or missing ones, and for a noise below zero.
    """

    times_ms: Sequence[float]
    noise: float | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        times = tuple(float(time) for time in self.times_ms)
        told = ", ".join(f"{time:g}" for time in times)
        if len(times) < 2:
            raise UsageError(f"times [{told}] ms: a decay needs images at two times at least, better at four")
        if not np.isfinite(times).all() or min(times) < 0:
            raise UsageError(f"times [{told}] ms: each image needs a time, zero or more")
        if len(set(times)) < len(times):
            raise UsageError(f"times [{told}] ms: one is repeated; average the images of equal times, or leave one out")
        if self.noise is not None and not 0 <= self.noise < np.inf:
            raise UsageError(f"noise {self.noise}: must be zero or more, in the units of the images")
        object.__setattr__(self, "times_ms", times)

    def fit(self, volumes: Sequence[ArrayLike] | Array) -> Fit:
        """Fit every voxel. volumes: one per time, all of one shape, any real type; that shape is the maps'.

        Raises UsageError where there is not one image per time, GeometryError where the shapes differ.
        """
        images = [np.asarray(volume) for volume in volumes]
        self._check(images)
        flat = [image.reshape(-1) for image in images]
        maps = np.full((4, flat[0].size), np.nan, dtype=np.float32)
        doubt = np.full(flat[0].size, Doubt.NO_SIGNAL, dtype=np.uint8)

        def run(start: int) -> None:
            block = slice(start, start + _BLOCK)
            self._fit_block(np.stack([image[block] for image in flat]), maps[:, block], doubt[block])

        with ThreadPoolExecutor() as pool:  # NumPy lets go of the interpreter while it works
            list(pool.map(run, range(0, doubt.size, _BLOCK)))
        shape = images[0].shape
        amplitude, time, error, r2 = maps.reshape(4, *shape)
        return Fit(amplitude, time, error, r2, doubt.reshape(shape))

    def _check(self, images: Sequence[Array]) -> None:
        if len(images) != len(self.times_ms):
            raise UsageError(f"{len(images)} images for {len(self.times_ms)} times; give one time for each image")
        shapes = sorted({image.shape for image in images})
        if len(shapes) > 1:
            raise GeometryError(
                f"the images differ in shape ({' and '.join(map(str, shapes))}); they must be one series"
            )

    def _fit_block(self, stored: Array, maps: Map, doubt: NDArray[np.uint8]) -> None:
        """Fit the voxels of one block, (time, voxel), into their parts of the maps."""
        seen = np.flatnonzero(self._visible(stored))
        if not seen.size:
            return
        signal = np.asarray(stored[:, seen], dtype=np.float64)
        rate, amplitude = decay_rates(signal, self._u, self._limits[1], self.noise or 0.0)
        with np.errstate(all="ignore"):
            values = self._values(signal, rate, amplitude)
            maps[:, seen] = values
            doubt[seen] = self._doubts(rate, *values[1:])

    @cached_property
    def _span(self) -> float:
        return max(self.times_ms) - min(self.times_ms)

    @cached_property
    def _u(self) -> Float:
        """The times from 0, the first, to 1, the last."""
        return (np.array(self.times_ms) - min(self.times_ms)) / self._span

    @cached_property
    def _limits(self) -> tuple[float, float]:
        """Slowest and fastest decay that these times can tell, as rates over their span."""
        return -np.log(1.0 - LOSS_AT_LEAST), -np.log(LEFT_AT_LEAST) / float(np.sort(self._u)[1])

    def _visible(self, stored: Array) -> NDArray[np.bool_]:
        """Voxels with a positive number in every image, the earliest above the noise floor."""
        floor = VISIBLE * (self.noise or 0.0)
        positive = (stored > 0) & (stored < np.inf)
        visible: NDArray[np.bool_] = positive.all(axis=0) & (stored[np.argmin(self._u)] >= floor)
        return visible

    def _values(self, signal: Float, rate: Float, amplitude: Float) -> tuple[Float, Float, Float, Float]:
        """Amplitude at time 0, T, its standard error (ms), and r2; NaN where there is no decay to speak of."""
        curve = np.exp(-self._u[:, None] * rate)
        model = amplitude * curve
        if self.noise:
            model += excess(model, self.noise)
        squares = ((signal - model) ** 2).sum(axis=0)
        spread = ((signal - signal.mean(axis=0)) ** 2).sum(axis=0)
        rounding = len(signal) * (np.finfo(np.float32).eps * signal.max(axis=0)) ** 2
        r2 = 1.0 - squares / np.where(spread > rounding, spread, np.nan)
        q0, q1, q2 = np.stack([self._u**0, self._u, self._u**2]) @ (curve * curve)
        rate_error = self._noise_of(squares) / (amplitude * np.sqrt(q2 - q1 * q1 / q0))
        decays = np.where((rate > 0.0) & (rate < self._limits[1]), 1.0, np.nan)
        time = self._span / rate * decays
        first = amplitude * np.exp(min(self.times_ms) / time)
        return first, time, time * rate_error / rate, r2 * decays

    def _noise_of(self, squares: Float) -> Float | float:
        """Standard deviation of the data: the noise where it is known, else from the residuals of n - 2 freedoms."""
        if self.noise:
            return self.noise
        freedoms = len(self.times_ms) - 2
        return np.sqrt(squares / freedoms) if freedoms else np.nan

    def _doubts(self, rate: Float, time: Float, error: Float, r2: Float) -> NDArray[np.uint8]:
        """The first reason that holds, NONE where none does."""
        slowest, fastest = self._limits
        reasons = {
            Doubt.RISING: rate <= 0.0,
            Doubt.OUT_OF_RANGE: ~((rate >= slowest) & (rate < fastest)),
            Doubt.UNCERTAIN: error > MAX_RELATIVE_ERROR * time,
            Doubt.POOR_FIT: ~(r2 >= MIN_R2),
        }
        return np.select(list(reasons.values()), [np.uint8(reason) for reason in reasons], np.uint8(Doubt.NONE))


def _mills(z: Float) -> Float:
    """Mills' ratio (1 - Phi(z)) / phi(z)."""
    from scipy.special import erfcx

    ratio: Float = np.sqrt(np.pi / 2.0) * erfcx(z * np.sqrt(0.5))
    return ratio
