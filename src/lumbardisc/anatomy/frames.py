"""Where a disc lies on a sagittal slice, and which way it faces: the frame its crop is cut in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects

from lumbardisc.anatomy.contours import Points, outline
from lumbardisc.anatomy.endplates import across_deg, long_axis_deg
from lumbardisc.levels import is_disc
from lumbardisc.preprocess.crops import cut
from lumbardisc.preprocess.intensity import Image

LARGEST_TILT_DEG = 25.0
"""A disc's long axis is believed this far from the normal of the spine; a collapsed or cut disc may have any."""
DEPTH_MM = 35.0
"""Depth that is taken where no disc is seen whole: a usual lumbar disc."""

BESIDE = 0.6
"""A slice beside the measured one is looked at too where it shows at least this share of the area there."""


@dataclass(frozen=True)
class DiscFrame:
    """One disc on one slice.

    centre_mm: (row, column) of the middle of its outline, pixel centre (0, 0) at the origin. angle_deg: of its
    antero-posterior axis, positive where the posterior end is the higher one. depth_mm: the usual depth of the
    *study's* discs, so that all its crops have one scale.
    """

    centre_mm: tuple[float, float]
    angle_deg: float
    depth_mm: float


def disc_frames(labels: NDArray[np.integer], pixel: tuple[float, float]) -> dict[int, DiscFrame]:
    """Frames of the discs on one slice, by label. labels: (row, column), see ``levels``. pixel: (row, column) mm."""
    outlines = {label: points for label, points in _outlines(labels, pixel) if len(points) > 3}
    centres = {label: points.min(axis=0) / 2.0 + points.max(axis=0) / 2.0 for label, points in outlines.items()}
    normals = _spine_normals(centres)
    angles = {label: _tilt(long_axis_deg(points), normals[label]) for label, points in outlines.items()}
    depths = [float(np.ptp(points @ _backward(angles[label]))) for label, points in outlines.items()]
    depth = float(np.median(depths)) if depths else DEPTH_MM
    return {
        label: DiscFrame((float(centres[label][0]), float(centres[label][1])), angles[label], depth)
        for label in outlines
    }


def _outlines(labels: NDArray[np.integer], pixel: tuple[float, float]) -> Iterator[tuple[int, Points]]:
    """Outlines of the discs on a slice by label, in mm."""
    for label, box in enumerate(find_objects(labels), start=1):
        if box is not None and is_disc(label):
            corner = np.multiply([box[0].start, box[1].start], pixel)
            yield label, outline(labels[box] == label, pixel) + corner


def disc_crops(
    image: NDArray[np.generic],
    labels: NDArray[np.integer],
    pixel: tuple[float, float],
    mid_slice: int,
    shape: tuple[int, int],
) -> dict[int, list[Image]]:
    """Crops of every disc by label: on the mid-sagittal slice first, then on the slices beside it that show it well.

    A disc that is not on the mid-sagittal slice (scoliosis) is cut where most of it is. image, labels: (slice, row,
    column) in the working order. pixel: (row, column) mm. shape: rows and columns of a crop, see ``preprocess.crops``.
    """
    found: dict[int, list[Image]] = {}
    frames: dict[int, dict[int, DiscFrame]] = {}
    for label, areas in _areas(labels):
        for index in _slices(areas, mid_slice):
            if index not in frames:
                frames[index] = disc_frames(labels[index], pixel)
            if frame := frames[index].get(label):
                crop = cut(image[index], pixel, frame.centre_mm, frame.angle_deg, frame.depth_mm, shape)
                found.setdefault(label, []).append(crop)
    return found


def _areas(labels: NDArray[np.integer]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Pixels of every disc on each slice, by label."""
    for label, box in enumerate(find_objects(labels), start=1):
        if box is not None and is_disc(label):
            areas = np.zeros(len(labels), dtype=np.int64)
            areas[box[0]] = (labels[box] == label).sum(axis=(1, 2))
            yield label, areas


def _slices(areas: NDArray[np.integer], mid_slice: int) -> list[int]:
    """The slice a disc is measured on and the two beside it, where they show enough of it. areas: pixels per slice."""
    middle = mid_slice if areas[mid_slice] else int(areas.argmax())
    near = [index for index in (middle, middle - 1, middle + 1) if 0 <= index < len(areas)]
    return [index for index in near if areas[index] >= BESIDE * areas[middle]]


def _spine_normals(centres: Mapping[int, NDArray[np.float64]]) -> dict[int, float]:
    """At each disc, the angle of the direction across the line from the disc below to the disc above."""
    order = sorted(centres)
    if len(order) < 2:
        return dict.fromkeys(order, 0.0)
    return {
        label: across_deg(centres[order[min(i + 1, len(order) - 1)]], centres[order[max(i - 1, 0)]])
        for i, label in enumerate(order)
    }


def _tilt(axis_deg: float, normal_deg: float) -> float:
    turned = (axis_deg - normal_deg + 90.0) % 180.0 - 90.0
    return normal_deg + float(np.clip(turned, -LARGEST_TILT_DEG, LARGEST_TILT_DEG))


def _backward(angle_deg: float) -> NDArray[np.float64]:
    return np.array([-np.sin(np.radians(angle_deg)), np.cos(np.radians(angle_deg))])
