"""A small study made of ellipses: a spine of discs and bodies before a canal, in any file order."""

from __future__ import annotations

from typing import Any

import numpy as np

from lumbardisc import levels
from lumbardisc.pipeline.study import Disc, Discs, Study
from lumbardisc.volume import AxisOrder, LabelMap, Volume

PLAIN = AxisOrder((0, 1, 2), (False, False, False))
AS_DICOM = AxisOrder((2, 1, 0), (True, False, False))  # columns, rows, slices; slices from right to left
# one step along (slice, row, column) in RAS: right, inferior, posterior
_DIRECTIONS = np.array([[1.0, 0, 0], [0, 0, -1.0], [0, -1.0, 0]])


def file_affine(shape: tuple[int, int, int], spacing: tuple[float, float, float], order: AxisOrder) -> np.ndarray:
    """Affine of the file whose working order has this shape and spacing and its first voxel at (10, 20, 30) mm."""
    steps, start = _DIRECTIONS * spacing, np.array([10.0, 20.0, 30.0])
    affine = np.eye(4)
    for working, (axis, flip) in enumerate(zip(order.axes, order.flips, strict=True)):
        affine[:3, axis] = -steps[working] if flip else steps[working]
        start = start + (shape[working] - 1) * steps[working] if flip else start
    affine[:3, 3] = start
    return affine


def spine(shape: tuple[int, int, int], discs: int) -> tuple[np.ndarray, np.ndarray]:
    """Image and label map in the working order: discs and bodies stacked upward from a sacrum, a canal behind."""
    slices, rows, columns = shape
    row, column = np.meshgrid(np.linspace(0, 1, rows), np.linspace(0, 1, columns), indexing="ij")
    labels = np.zeros((rows, columns), np.int16)
    axis = 0.42 + 0.1 * np.cos(4.5 * (row - 0.45))
    labels[np.abs(column - axis - 0.2) < 0.035] = levels.CANAL
    step = 0.8 / max(discs, 1)

    def ellipse(middle: float, height: float, width: float) -> np.ndarray:
        tilt = 0.35 * (middle - 0.45) * (column - axis)
        return np.abs((row - middle + tilt) / height) ** 4 + np.abs((column - axis) / width) ** 4 < 1

    labels[ellipse(0.95, 0.035, 0.1)] = levels.SACRUM
    for count in range(1, discs + 1):
        middle = 0.95 - (count - 0.5) * step
        labels[ellipse(middle - step / 2, 0.33 * step, 0.12)] = levels.SACRUM + count
        labels[ellipse(middle, 0.13 * step, 0.13)] = count
    tissue = np.where(labels > levels.SACRUM, 420, 150) + np.where(labels == levels.CANAL, 480, 0)
    tissue = np.where((labels > 0) & (labels < levels.SACRUM), 300 + 60 * (labels % 3), tissue)
    body = (column > 0.06) & (column < 0.97)
    noise = np.random.default_rng(1).normal(0, 25, (rows, columns))
    picture = np.where(body, tissue, 12) + np.abs(noise)
    inner = np.abs(np.arange(slices) - (slices - 1) / 2) <= max(slices / 4, 0.5)
    return np.repeat(picture[None], slices, 0), np.where(inner[:, None, None], labels[None], 0)


def values(count: int) -> dict[str, Any]:
    """Columns of a disc; numbers that rise with the level."""
    return {
        "level_confidence": 0.98 - 0.03 * count,
        "disc_from_bottom": count,
        "x_mm": -1.234567,
        "y_mm": -20.0,
        "z_mm": 35.0 * count,
        "x0": 100,
        "y0": 200,
        "x1": 140,
        "y1": 215,
        "slice": 3,
        "volume_mm3": 12345.678 - 700 * count,
        "volume_complete": count != 5,
        "area_mm2": 350.55,
        "height_mm": 9.876 - 0.4 * count,
        "height_anterior_mm": 11.2,
        "height_middle_mm": 10.1,
        "height_posterior_mm": float("nan") if count == 3 else 7.3,
        "depth_mm": 36.4,
        "disc_height_index": 0.3456,
        "signal_ratio_csf": 0.412,
        "nucleus_signal_ratio": 0.53,
        "volume_error_mm3": 321.09,
        "wedge_angle_deg": 8.046,
        "nucleus_annulus_contrast": 0.2,
    }


def make_study(
    name: str = "Beispiel-Rücken_01",
    shape: tuple[int, int, int] = (7, 72, 60),
    spacing: tuple[float, float, float] = (4.0, 3.3, 3.3),
    order: AxisOrder = AS_DICOM,
    discs: int = 6,
    flags: dict[int, tuple[str, ...]] | None = None,
    flags_of_study: tuple[str, ...] = (),
    **more: Any,
) -> Study:
    """A study in a file's own order; ``flags`` by disc count, ``more`` goes to Study as it is."""
    picture, labels = (order.undo(array) for array in spine(shape, discs))
    affine = file_affine(shape, spacing, order)
    middle = shape[0] // 2
    found = [Disc(levels.disc_name(n), n, values(n), (flags or {}).get(n, ())) for n in range(1, discs + 1)]
    parts: dict[str, Any] = {
        "mid_slice": shape[0] - 1 - middle if order.flips[0] else middle,
        "flags": flags_of_study,
        "spine": {"lordosis_l1_s1_deg": 47.25},
        "provenance": {"version": "0.1.0", "timings": {"network_s": 1.23456}},
    }
    return Study(name, Volume(picture, affine), LabelMap(labels, affine), Discs(tuple(found)), **(parts | more))
