"""Smooth random texture that can be asked at any RAS point and always answers the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lumbardisc.phantom.shapes import Field, Points


@dataclass(frozen=True, eq=False)
class Texture:
    """A periodic cube of smooth noise (mean 0, standard deviation 1), laid through space at any scale.

    edge: cells along the cube, a power of two. grain: cells over which the noise stays alike. start: the cell at the
    origin of space, which is what differs between seeds (drawing one cube for all of them saves time).
    """

    cube: Field
    edge: int
    grain: float
    start: NDArray[np.float32]

    def at(self, points: Points, grain_mm: tuple[float, float, float]) -> Field:
        """Noise at points, the value of the cell they fall in; it varies over ``grain_mm`` along x, y and z."""
        x, y, z = (
            (axis * np.float32(self.grain / size) + start).astype(np.int32) & (self.edge - 1)
            for axis, size, start in zip(points, grain_mm, self.start, strict=True)
        )
        return np.asarray(self.cube[(x * self.edge + y) * self.edge + z])


def draw_texture(seed: int, *, edge: int = 64, grain: float = 5.0) -> Texture:
    """The texture of a seed."""
    start = np.random.default_rng((seed, 4, edge)).uniform(0, edge, 3).astype(np.float32)
    return Texture(_cube(edge, grain), edge, grain, start)


@lru_cache(maxsize=4)
def _cube(edge: int, grain: float) -> Field:
    """Filtered white noise on a torus, so that the cube has no seams; flat, C order."""
    noise = np.random.default_rng(edge).standard_normal((edge,) * 3, dtype=np.float32)
    wave = np.exp(-((np.fft.fftfreq(edge) * np.pi * grain / 2.5) ** 2)).astype(np.float32)
    spectrum = np.fft.rfftn(noise) * wave[:, None, None] * wave[None, :, None] * wave[: edge // 2 + 1]
    smooth = np.fft.irfftn(spectrum, s=noise.shape, axes=(0, 1, 2))
    return np.asarray((smooth - smooth.mean()) / smooth.std(), dtype=np.float32).ravel()
