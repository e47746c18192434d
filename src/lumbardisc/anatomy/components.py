"""Disc candidates: connected regions of the disc class, joined across slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]
Spacing = tuple[float, float, float]

# In a slice voxels touch by side or corner; across slices, which are far apart, only the one straight above counts.
_TOUCHING = np.stack([np.eye(3)[[1]].T * np.eye(3)[1], np.ones((3, 3)), np.eye(3)[[1]].T * np.eye(3)[1]])

MINIMUM_AREA_MM2 = 30.0


@dataclass(frozen=True)
class Candidate:
    """A region that may be a disc, or a part of one.

    index: its number in the component map. centre: (slice, row, column) mm from the first voxel. area_mm2: on its
    largest slice. volume_mm3: over all slices. lowest: how far it speaks for being L5/S1, 0-1. certainty: mean
    probability of the class, 0-1.
    """

    index: int
    centre: tuple[float, float, float]
    area_mm2: float
    volume_mm3: float
    lowest: float
    certainty: float


def find_candidates(
    discs: Mask, lowest: NDArray[np.uint8], certainty: NDArray[np.uint8], spacing: Spacing
) -> tuple[NDArray[np.int32], list[Candidate]]:
    """The component map (slice, row, column) and its candidates, from the top down; specks are left out.

    discs: mask of the disc class. lowest, certainty: 0-255 per voxel, see ``inference.Segmentation``.
    """
    components, count = ndimage.label(discs, structure=_TOUCHING)
    boxes = ndimage.find_objects(components)
    found = [
        _measure(index, components[box] == index, lowest[box], certainty[box], box, spacing)
        for index, box in zip(range(1, count + 1), boxes, strict=True)
    ]
    large = [candidate for candidate in found if candidate.area_mm2 >= MINIMUM_AREA_MM2]
    return components.astype(np.int32), sorted(large, key=lambda candidate: candidate.centre[1])


def _measure(
    index: int,
    mask: Mask,
    lowest: NDArray[np.uint8],
    certainty: NDArray[np.uint8],
    box: Sequence[slice],
    spacing: Spacing,
) -> Candidate:
    places = np.nonzero(mask)
    centre = [(float(place.mean()) + part.start) * size for place, part, size in zip(places, box, spacing, strict=True)]
    area = float(mask.sum(axis=(1, 2)).max()) * spacing[1] * spacing[2]
    return Candidate(
        index,
        (centre[0], centre[1], centre[2]),
        area,
        float(mask.sum()) * float(np.prod(spacing)),
        float(lowest[mask].mean()) / 255.0,
        float(certainty[mask].mean()) / 255.0,
    )
