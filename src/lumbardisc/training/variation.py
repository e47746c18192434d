"""Random variations of a small training set: rotation, size, flips, grey scale, Gaussian noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lumbardisc.preprocess.intensity import Image

Generator = np.random.Generator
Grid = NDArray[np.float64]


@dataclass(frozen=True)
class Variation:
    """How strongly samples are varied; 0 turns a variation off."""

    rotation_deg: float = 0.0
    """Largest angle either way."""
    scale: float = 0.0
    """Largest relative change of size, log-uniform."""
    shift: float = 0.0
    """Largest shift, as a share of the sample's sides."""
    flip_rows: float = 0.0
    """Probability of turning a sample upside down."""
    flip_columns: float = 0.0
    """Probability of exchanging front and back."""
    flip_slices: float = 0.0
    """Probability of exchanging left and right: the order of the slices."""
    gamma: float = 0.0
    """Largest change of the grey scale's exponent, log-uniform."""
    noise: float = 0.0
    """Largest standard deviation of Gaussian noise, grey values being 0-1."""

    def matrix(self, rng: Generator) -> Grid:
        """Where each sample pixel comes from (2 x 2), rotated and scaled."""
        angle = np.radians(rng.uniform(-self.rotation_deg, self.rotation_deg))
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        scaled: Grid = turn * np.exp(rng.uniform(-self.scale, self.scale))
        return scaled

    def grey(self, image: Image, rng: Generator) -> Image:
        """Grey scale and noise of an image of 0-1, any shape; zeros, the background of a masked crop, stay."""
        bent = np.clip(image, 0.0, 1.0) ** float(np.exp(rng.uniform(-self.gamma, self.gamma)))
        noise = rng.normal(0.0, rng.uniform(0.0, self.noise), image.shape)
        return np.where(image > 0, bent + noise, 0.0).astype(np.float32)

    def flip(self, image: Image, rng: Generator) -> Image:
        """(slice, row, column), each axis turned with its probability."""
        chances = (self.flip_slices, self.flip_rows, self.flip_columns)
        return np.ascontiguousarray(image[tuple(slice(None, None, -1 if rng.random() < p else 1) for p in chances)])


def sample(
    image: Image, matrix: Grid, centre: NDArray[np.floating] | tuple[float, float], shape: tuple[int, int], order: int
) -> Image:
    """Pixels (rows, columns) of ``shape`` round ``centre`` of an image (rows, columns); zero beyond its edges."""
    offset = np.asarray(centre) - matrix @ ((np.asarray(shape) - 1) / 2.0)
    found: Image = ndimage.affine_transform(image, matrix, offset, shape, order=order, mode="constant")
    return found
