"""Augmentation of partially labelled slices: place, resolution, thick slices, coil fall-off, contrast, noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lumbardisc.preprocess.intensity import Image, normalise
from lumbardisc.training.partial import ANY, BACKGROUND, Allowed, certain
from lumbardisc.training.sources.example import Example

Generator = np.random.Generator


@dataclass(frozen=True)
class Grey:
    """How strongly grey values are varied. Probabilities are per image; 0 turns a variation off."""

    blur: float = 0.4
    """Blur along rows, columns or both, up to 1.2 mm standard deviation."""
    bias: float = 0.6
    """Multiply by a smooth field, up to a factor of about 3 either way."""
    remap: float = 0.3
    """Replace the grey scale by a random smooth curve, which need not rise everywhere."""
    invert: float = 0.1
    """Turn dark into bright."""
    gamma: float = 0.5
    """Raise to a power between 0.5 and 2."""
    noise: float = 0.4
    """Rician noise, up to 8 % of the range."""


@dataclass(frozen=True)
class Augmentation(Grey):
    """How strongly crops are varied. Probabilities are per crop; 0 turns a variation off."""

    rotation_deg: float = 18.0
    """Standard deviation is a half of this; angles are cut at it."""
    scale: float = 0.25
    """Largest relative change of size, log-uniform."""
    stretch: float = 0.08
    """Largest relative change of one in-plane axis against the other."""
    thick_slice: float = 0.3
    """Average neighbouring slices, as a thicker slice would."""


def crop(
    example: Example, shape: tuple[int, int], spacing: float, rng: Generator, settings: Augmentation
) -> tuple[NDArray[np.float32], Allowed]:
    """One random crop on a ``spacing`` mm grid: network input (2, rows, columns), allowed classes (rows, columns)."""
    slice_ = int(example.telling[rng.integers(len(example.telling))])
    image = _thicken(example, slice_, rng) if rng.random() < settings.thick_slice else example.image[slice_]
    allowed = example.allowed[slice_]
    matrix = _in_plane(spacing, rng, settings) / np.asarray(example.spacing[1:])[:, None]
    centre = _centre(allowed, shape, spacing, np.asarray(example.spacing[1:]), rng)
    offset = centre - matrix @ ((np.asarray(shape) - 1) / 2.0)
    smooth = np.maximum(np.abs(np.diag(matrix)) ** 2 - 1.0, 0.0) ** 0.5 * 0.45
    blurred = ndimage.gaussian_filter(image.astype(np.float32), smooth, truncate=2.5) if smooth.max() > 0.2 else image
    patch = ndimage.affine_transform(blurred.astype(np.float32), matrix, offset, shape, order=1, mode="constant")
    labels = ndimage.affine_transform(allowed, matrix, offset, shape, order=0, mode="constant", cval=BACKGROUND)
    return normalise(vary(patch, spacing, rng, settings), spacing), labels


def vary(image: Image, spacing: float, rng: Generator, settings: Grey) -> Image:
    """Resolution, contrast, coil fall-off and noise of one image (rows, columns); comes back scaled to about 0-1."""
    low, high = np.percentile(image, (0.5, 99.5))
    image = np.clip((image - low) / max(high - low, 1e-6), 0.0, 1.3).astype(np.float32)
    if rng.random() < settings.blur:
        image = ndimage.gaussian_filter(image, rng.uniform(0.0, 1.2, size=2) * rng.integers(0, 2, size=2) / spacing)
    if rng.random() < settings.gamma:
        image = image ** float(np.exp(rng.uniform(np.log(0.5), np.log(2.0))))
    if rng.random() < settings.remap:
        knots = rng.uniform(0.0, 1.0, size=5)
        image = np.interp(image, np.linspace(0.0, 1.3, 6), [0.0, *knots]).astype(np.float32)
    if rng.random() < settings.invert:
        image = (1.0 - np.minimum(image, 1.0)) * np.clip(image / 0.05, 0.0, 1.0)  # air stays dark
    if rng.random() < settings.bias:
        image = image * _smooth_field(image.shape, rng)
    if rng.random() < settings.noise:
        sigma = rng.uniform(0.0, 0.08) * max(float(image.max()), 1e-3)
        real, imaginary = rng.normal(0.0, sigma, size=(2, *image.shape))
        image = np.hypot(image + real, imaginary)
    return image.astype(np.float32)


def _thicken(example: Example, slice_: int, rng: Generator) -> Image:
    """The slice averaged with its neighbours, up to 3 mm away."""
    reach = int(3.0 / example.spacing[0])
    width = int(rng.integers(0, reach + 1))
    near = example.image[max(slice_ - width, 0) : slice_ + width + 1]
    mean: Image = near.mean(axis=0, dtype=np.float32)
    return mean


def _in_plane(spacing: float, rng: Generator, settings: Augmentation) -> NDArray[np.float64]:
    """Crop pixels -> mm, rotated, scaled and stretched (2 x 2)."""
    angle = np.radians(
        np.clip(rng.normal(0.0, settings.rotation_deg / 2), -settings.rotation_deg, settings.rotation_deg)
    )
    scale = np.exp(rng.uniform(-settings.scale, settings.scale))
    stretch = np.exp(rng.uniform(-settings.stretch, settings.stretch))
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    scaled: NDArray[np.float64] = rotation @ np.diag([stretch, 1.0 / stretch]) * spacing * scale
    return scaled


def _centre(
    allowed: Allowed, shape: tuple[int, int], spacing: float, pixel: NDArray[np.float64], rng: Generator
) -> NDArray[np.float64]:
    """A crop centre in source pixels near a known pixel of a structure; each structure is as likely, however small."""
    structures = np.unique(allowed[certain(allowed) & (allowed != BACKGROUND)])
    if len(structures):
        known = np.argwhere(allowed == rng.choice(structures))
    else:
        known = np.argwhere((allowed != ANY) & (allowed & ~np.uint8(BACKGROUND) != 0))
    anchor = known[rng.integers(len(known))] if len(known) else np.asarray(allowed.shape) / 2.0
    jitter = rng.uniform(-0.25, 0.25, size=2) * np.asarray(shape) * spacing / pixel
    centre: NDArray[np.float64] = anchor + jitter
    return centre


def _smooth_field(shape: tuple[int, ...], rng: Generator) -> Image:
    """A positive, slowly varying field: the exponential of a random 4 x 4 grid, interpolated."""
    grid = rng.normal(0.0, rng.uniform(0.1, 0.6), size=(4, 4))
    zoom = [size / 4 for size in shape]
    field: Image = np.exp(ndimage.zoom(grid, zoom, order=1, mode="nearest", grid_mode=True)).astype(np.float32)
    return field
