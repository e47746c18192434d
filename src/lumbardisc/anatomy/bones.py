"""Vertebral bodies and sacrum get their numbers from the discs they lie between."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lumbardisc.anatomy.chain import ChainDisc, spine_direction
from lumbardisc.anatomy.components import Mask, Spacing
from lumbardisc.levels import SACRUM, VERTEBRAE

SACRUM_REACH_MM = 45.0
"""S1 ends before this far below the centre of L5/S1."""
BEYOND = 1.1
"""How far over the highest disc a body may lie, in steps from disc to disc."""
TELLING = 0.75
"""Share of the way below a disc that must lie in the image for the bone there to count as evidence."""
SMALLEST_MM2 = 20.0
ASIDE_MM = 30.0
"""No vertebral body lies farther than this from the line through the disc centres (its middle, that is)."""

Points = NDArray[np.float64]


def sacrum_below(chain: Sequence[ChainDisc], bodies: Mask, sacrum: Mask, spacing: Spacing) -> list[float]:
    """Per disc, the share of sacrum in the bone right below it (to 30 mm along the spine).

    NaN where there is none, and where the image ends so soon that what is seen of the bone does not tell.
    """
    return [_share_below(chain, index, bodies, sacrum, spacing) for index in range(len(chain))]


def _share_below(chain: Sequence[ChainDisc], index: int, bodies: Mask, sacrum: Mask, spacing: Spacing) -> float:
    centre = np.asarray(chain[index].centre[1:])
    way = spine_direction(chain, index)
    across = np.array([-way[1], way[0]])
    along, aside = np.meshgrid(np.arange(4.0, 30.0), np.arange(-10.0, 11.0, 2.0))
    points = centre + along.reshape(-1, 1) * way + aside.reshape(-1, 1) * across
    pixels = np.rint(points / np.asarray(spacing[1:])).astype(int)
    inside = ((pixels >= 0) & (pixels < bodies.shape[1:])).all(axis=1)
    if inside.mean() < TELLING:
        return float("nan")
    rows, columns = pixels[inside].T
    body, bone = float(bodies[:, rows, columns].sum()), float(sacrum[:, rows, columns].sum())
    return bone / (body + bone) if body + bone > 0.05 * len(points) else float("nan")


def number_bones(
    chain: Sequence[ChainDisc], counts: Sequence[int], bodies: Mask, sacrum: Mask, spacing: Spacing
) -> NDArray[np.int16]:
    """Label numbers (slice, row, column) of bodies and sacrum; bone that lies off the spine gets 0.

    chain: lowest first, numbered by ``counts`` (all at least 1). Regions are taken slice by slice; one that reaches
    over several levels (fused or poorly parted bodies) is divided at the discs.
    """
    labels = np.zeros(bodies.shape, dtype=np.int16)
    pixel = np.asarray(spacing[1:])
    for index in np.nonzero((bodies | sacrum).any(axis=(1, 2)))[0]:
        regions, number = ndimage.label(bodies[index] | sacrum[index])
        for region, box in zip(range(1, number + 1), ndimage.find_objects(regions), strict=True):
            rows, columns = np.nonzero(regions[box] == region)
            if len(rows) * pixel.prod() < SMALLEST_MM2:
                continue
            rows, columns = rows + box[0].start, columns + box[1].start
            labels[index, rows, columns] = _number_region(chain, counts, np.stack([rows, columns], axis=1) * pixel)
    return labels


def _number_region(chain: Sequence[ChainDisc], counts: Sequence[int], points: Points) -> NDArray[np.int16]:
    """Label of every point (points, 2) mm of one region: the commonest, unless no label has most of it."""
    sample = points[:: max(1, len(points) // 400)]
    labels = _number_points(chain, counts, sample)
    values, sizes = np.unique(labels, return_counts=True)
    if sizes.max() >= 0.8 * len(labels):
        return np.full(len(points), values[sizes.argmax()], dtype=np.int16)
    return _number_points(chain, counts, points)


def _number_points(chain: Sequence[ChainDisc], counts: Sequence[int], points: Points) -> NDArray[np.int16]:
    """Label of every point by where it falls along the line through the disc centres."""
    places, distances = along_spine(chain, points)
    labels = np.zeros(len(points), dtype=np.int16)
    for index, count in enumerate(counts):
        upper = counts[index + 1] if index + 1 < len(counts) else count + 1
        reach = (places >= index) & (places < index + (1 if index + 1 < len(counts) else BEYOND))
        body = count + np.floor((places - index) * (upper - count)).astype(int)
        labels[reach] = SACRUM + np.clip(body[reach], 1, min(upper - 1, len(VERTEBRAE)))
    below = places < 0
    step = _step_mm(chain)
    labels[below & (places * step > -SACRUM_REACH_MM)] = SACRUM + counts[0] - 1
    return np.where(np.median(distances) < ASIDE_MM, labels, np.int16(0)).astype(np.int16)


def along_spine(chain: Sequence[ChainDisc], points: Points) -> tuple[Points, Points]:
    """Place of each point (points, 2) mm along the line of discs, and its distance from the line in mm.

    The place is 0 at the lowest disc, 1 at the next one; the line goes on straight beyond its ends.
    """
    line = np.array([disc.centre[1:] for disc in chain])
    if len(line) == 1:
        line = np.stack([line[0], line[0] - np.array([_step_mm(chain), 0.0])])
    nearest = np.full(len(points), np.inf)
    places = np.zeros(len(points))
    for index, (start, end) in enumerate(pairwise(line)):
        way = end - start
        part = (points - start) @ way / (way @ way)
        low = -np.inf if index == 0 else 0.0
        high = np.inf if index == len(line) - 2 else 1.0
        part = np.clip(part, low, high)
        distance = np.hypot(*(points - start - part[:, None] * way).T)
        closer = distance < nearest
        nearest[closer], places[closer] = distance[closer], index + part[closer]
    return places, nearest


def _step_mm(chain: Sequence[ChainDisc]) -> float:
    """Usual distance from disc to disc, mm."""
    ways = np.diff([disc.centre[1:] for disc in chain], axis=0)
    return float(np.median(np.hypot(*ways.T))) if len(ways) else 36.0
