"""Masks drawn from a formula, for tests whose answers are known on paper. mm, angles in degrees, posterior end up."""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Array = NDArray[np.float64]
Spacing = tuple[float, float, float]


def own_axes(
    shape: tuple[int, int], spacing: tuple[float, float], centre: tuple[float, float], tilt: float = 0.0
) -> Array:
    """(2, row, column): how far each pixel centre lies behind and above a centre (row, column in mm), tilted."""
    down, back = np.indices(shape) * np.reshape(spacing, (2, 1, 1)) - np.reshape(centre, (2, 1, 1))
    sine, cosine = np.sin(np.radians(tilt)), np.cos(np.radians(tilt))
    return np.stack([back * cosine - down * sine, -back * sine - down * cosine])


def rectangle(axes: Array, depth: float, height: float) -> Mask:
    """A rectangle along its own axes."""
    return (abs(axes[0]) <= depth / 2) & (abs(axes[1]) <= height / 2)


def trapezoid(axes: Array, depth: float, front: float, rear: float) -> Mask:
    """A wedge whose bisector is its own axis: ``front`` high at the anterior end, ``rear`` at the posterior."""
    height = (front + rear) / 2 + (rear - front) * axes[0] / depth
    return (abs(axes[0]) <= depth / 2) & (abs(axes[1]) <= height / 2)


def ellipse(axes: Array, depth: float, height: float) -> Mask:
    """An ellipse along its own axes."""
    return (2 * axes[0] / depth) ** 2 + (2 * axes[1] / height) ** 2 <= 1.0


def ellipsoid(shape: tuple[int, int, int], spacing: Spacing, centre: Spacing, size: Spacing) -> Mask:
    """An ellipsoid of full axes ``size``, voxel centres tested; all in (slice, row, column)."""
    offset = np.indices(shape) * np.reshape(spacing, (3, 1, 1, 1)) - np.reshape(centre, (3, 1, 1, 1))
    return ((2 * offset / np.reshape(size, (3, 1, 1, 1))) ** 2).sum(axis=0) <= 1.0


def upright_spine(slices: int = 13, spacing: Spacing = (4.0, 0.5, 0.5)) -> NDArray[np.int16]:
    """Labels of five discs (34 deep, 8 high), the bodies between (34 deep, 26 high), a sacrum that runs out of the
    image below, and a canal behind; every level is one box, 40 wide with elliptical sides, centred in the stack."""
    rows, columns = round(230 / spacing[1]), round(90 / spacing[2])
    labels = np.zeros((slices, rows, columns), dtype=np.int16)
    right, down, back = np.ogrid[:slices, :rows, :columns]
    across, down, back = (right - slices // 2) * spacing[0], down * spacing[1], back * spacing[2]
    column = (across / 20) ** 2 + ((back - 40.25) / 17) ** 2 <= 1.0
    for level in range(1, 6):
        middle = 200.25 - 34 * level
        labels[column & (abs(down - middle) <= 4)] = level
        labels[column & (abs(down - middle + 17) <= 13)] = 100 + level
    labels[column & (down > 170.25)] = 100
    labels[(abs(across) <= 8) & (abs(back - 66) <= 6) & (down > 5)] = 200
    return labels
