"""Sub-pixel outlines of masks in a sagittal slice, in mm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Two pixels let the smoothing and the contour close round a mask that fills its whole box.
_MARGIN = 2


def outline(mask: Mask, spacing: tuple[float, float]) -> Points:
    """The outline of the largest piece of a mask, with the pixel staircase smoothed away.

    The mask is smoothed with the binomial kernel (1, 2, 1) / 4 along each axis and cut at one half by marching squares
    (Lorensen and Cline 1987, in 2D). This kernel leaves every straight edge along a pixel axis exactly where it was, as
    long as the structure is at least two pixels thick; a border of radius R pixels moves inward by about 0.25 / R
    pixels. Structures that are thinner are outlined without smoothing.

    mask: (row, column). spacing: mm along (row, column).
    Returns (n, 2) points, (row, column) in mm with the centre of pixel (0, 0) at the origin, first point = last point;
    (0, 2) for an empty mask.
    """
    if not mask.any():
        return np.empty((0, 2))
    raw = np.pad(mask, _MARGIN).astype(np.float64)
    smooth = _largest_contour(_binomial(_binomial(raw, 0), 1))
    # What is one pixel thin vanishes under the kernel: its raw contour is the better answer.
    points = smooth if 2.0 * area(smooth) > mask.sum() else _largest_contour(raw)
    return np.asarray((points - _MARGIN) * np.asarray(spacing))


def area(points: Points) -> float:
    """Area inside a closed outline (the shoelace formula), in the square of the points' unit."""
    row, column = points.T
    return float(abs(np.sum(row[:-1] * column[1:] - row[1:] * column[:-1])) / 2.0)


def _binomial(image: Points, axis: int) -> Points:
    """(1, 2, 1) / 4 along an axis; the border wraps, which a margin of background makes harmless."""
    smooth: Points = (np.roll(image, 1, axis) + 2.0 * image + np.roll(image, -1, axis)) / 4.0
    return smooth


def _largest_contour(image: Points) -> Points:
    """The contour at one half that encloses the most; (0, 2) where there is none."""
    from skimage.measure import find_contours

    found: list[Points] = find_contours(image, 0.5)
    return max(found, key=area, default=np.empty((0, 2)))
