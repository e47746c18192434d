"""What is odd about labels and voxel sizes, though they can be learnt from: a hint that something went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lumbardisc.levels import CANAL, SACRUM, body_name, disc_name, is_body, is_disc
from lumbardisc.volume import Volume

THICKEST_MM, COARSEST_MM, SKEWEST = 8.0, 1.5, 1.5
"""Slice spacing, pixel size, and ratio of pixel sides beyond which a sagittal lumbar image is unusual."""
PIECE = 0.25
"""A second piece of at least this share of the largest is no speck."""
FAR_MM = 15.0
"""Pieces of one structure farther apart than this are two structures."""

Labels = NDArray[np.int32]


def oddities(volume: Volume, labels: Labels) -> tuple[str, ...]:
    """One line each. volume, labels: (slice, row, column), our numbers."""
    return (*_spacing(volume), *_pieces(labels, volume.spacing), *_order(labels))


def name_of(label: int) -> str:
    """What a number of ours is called."""
    if label in (SACRUM, CANAL):
        return "sacrum" if label == SACRUM else "spinal canal"
    return disc_name(label) if is_disc(label) else body_name(label - SACRUM) if is_body(label) else str(label)


def _spacing(volume: Volume) -> Iterator[str]:
    slices, row, column = volume.spacing
    if len(volume.array) > 1 and slices > THICKEST_MM:
        yield f"odd spacing: slices {slices:.3g} mm apart"
    if max(row, column) > COARSEST_MM or max(row, column) > SKEWEST * min(row, column):
        yield f"odd spacing: pixels of {row:.3g} x {column:.3g} mm"


def _pieces(labels: Labels, spacing: tuple[float, float, float]) -> Iterator[str]:
    """Discs and bodies that lie in two places: often all discs under one number."""
    for index, box in enumerate(ndimage.find_objects(labels), start=1):
        if box is None or not (is_disc(index) or is_body(index)):
            continue
        pieces, count = ndimage.label(labels[box] == index, structure=np.ones((3, 3, 3)))
        sizes = np.bincount(pieces.ravel())[1:]
        large = 1 + np.flatnonzero(sizes >= PIECE * sizes.max())
        rows = sorted(row * spacing[1] for _, row, _ in ndimage.center_of_mass(pieces > 0, pieces, large))
        if count > 1 and any(b - a > FAR_MM for a, b in pairwise(rows)):
            yield f"{name_of(index)} (label {index}) lies in {len(large)} places; does one number stand for several?"


def _order(labels: Labels) -> Iterator[str]:
    """Discs, and bodies, must follow one another upward."""
    for kind, is_kind in (("disc", is_disc), ("vertebra", is_body)):
        rows = {label: row for label, row in _heights(labels).items() if is_kind(label)}
        for lower, upper in pairwise(sorted(rows)):
            if rows[upper] >= rows[lower]:
                yield (
                    f"{name_of(upper)} lies below {name_of(lower)}: {kind} numbers do not run upward; is the image "
                    "upside down, or another convention meant?"
                )
                break


def _heights(labels: Labels) -> Mapping[int, float]:
    """Mean row of every structure."""
    present = [int(label) for label in np.unique(labels) if label]
    return {k: row for k, (_, row, _) in zip(present, ndimage.center_of_mass(labels > 0, labels, present), strict=True)}
