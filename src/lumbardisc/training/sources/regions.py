"""What labelled vertebral bodies tell of the pixels round them: disc cores, and where no disc can be."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.morphology import convex_hull_image

from lumbardisc.training.partial import ANY, BACKGROUND, BODY, CANAL, DISC, LOWEST, SACRUM, Allowed

Mask = NDArray[np.bool_]


def around_bodies(bodies: Mapping[int, Mask], spacing: float, *, tolerance_mm: float = 0.0) -> Allowed:
    """Allowed classes of one slice from its bodies.

    bodies: count from the sacrum (0 = S1, 1 = L5, ...) -> mask (rows, columns). tolerance_mm: how far the outlines may
    be off; pixels nearer than that to an outline stay undecided between the structure and its surroundings.
    """
    counts = sorted(bodies)
    allowed = _by_height(bodies, counts)
    near = np.zeros(allowed.shape, dtype=bool)
    for lower, upper in pairwise(counts):
        if upper > lower + 1:  # the bodies between do not show on this slice, what lies there is not known
            near |= _rows_from(bodies[upper], bodies[lower])
            continue
        between = gap(bodies[lower], bodies[upper])
        kind = LOWEST if lower == 0 else DISC
        reach = ndimage.binary_dilation(between, iterations=_pixels(4.0, spacing))
        near |= reach
        allowed[reach] = (allowed[reach] & ~np.uint8(LOWEST | DISC)) | kind
        allowed[ndimage.binary_erosion(between, iterations=_pixels(1.8, spacing))] = kind
    extent = _rows_between(bodies, counts, allowed.shape)
    allowed[extent & ~near] &= ~np.uint8(DISC | LOWEST)
    for count in counts:
        _paint(allowed, bodies[count], SACRUM if count == 0 else BODY, _pixels(tolerance_mm, spacing))
    return allowed


def _by_height(bodies: Mapping[int, Mask], counts: list[int]) -> Allowed:
    """What the rows tell: no sacrum above L5's middle, no upper disc below its foot, nothing about T12 and up."""
    shape = bodies[counts[0]].shape
    rows = np.arange(shape[0])[:, None]
    allowed = np.full(shape, ANY & ~BODY, dtype=np.uint8)
    top = np.nonzero(bodies[counts[-1]].any(axis=1))[0][0]
    allowed[np.broadcast_to(rows <= top, shape)] |= BODY
    if 1 in bodies:
        body_rows = np.nonzero(bodies[1].any(axis=1))[0]
        allowed[np.broadcast_to(rows < body_rows.mean(), shape)] &= ~np.uint8(SACRUM | LOWEST)
        allowed[np.broadcast_to(rows > body_rows[-1], shape)] &= ~np.uint8(DISC)
    if 0 in bodies:
        allowed &= ~np.uint8(SACRUM)
    return allowed


def _rows_from(upper: Mask, lower: Mask) -> Mask:
    """The rows between two bodies and of them."""
    rows = np.nonzero((upper | lower).any(axis=1))[0]
    between = np.zeros_like(upper)
    between[rows[0] : rows[-1] + 1] = True
    return between


def gap(lower: Mask, upper: Mask) -> Mask:
    """Between two facing endplates: the hull of the facing halves, the bodies left out."""
    lower_half = lower & (np.arange(lower.shape[0])[:, None] <= np.nonzero(lower)[0].mean())
    upper_half = upper & (np.arange(upper.shape[0])[:, None] >= np.nonzero(upper)[0].mean())
    between: Mask = convex_hull_image(lower_half | upper_half) & ~lower & ~upper
    return between


def _rows_between(bodies: Mapping[int, Mask], counts: list[int], shape: tuple[int, ...]) -> Mask:
    """Rows from the top of the highest body downward in which every disc is known."""
    rows = np.arange(shape[0])[:, None]
    top = np.nonzero(bodies[counts[-1]].any(axis=1))[0][0]
    # Where S1 is not labelled the lowest disc may begin anywhere under L5; under S1 there is none.
    foot = int(np.nonzero(bodies[counts[0]])[0].mean()) if counts[0] > 0 else shape[0]
    return np.broadcast_to((rows > top) & (rows < foot), shape).copy()


def _paint(allowed: Allowed, mask: Mask, kind: int, tolerance: int) -> None:
    """Set a structure; within ``tolerance`` pixels of its outline the surroundings stay possible."""
    if tolerance == 0:
        allowed[mask] = kind
        return
    inner = ndimage.binary_erosion(mask, iterations=tolerance)
    ring = ndimage.binary_dilation(mask, iterations=tolerance) & ~inner
    allowed[ring] |= kind | BACKGROUND | CANAL
    allowed[inner] = kind


def _pixels(length_mm: float, spacing: float) -> int:
    return round(length_mm / spacing)
