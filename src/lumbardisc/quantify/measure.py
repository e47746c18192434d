"""Everything that is measured of one study's discs and spine, by column name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.errors import GeometryError
from lumbardisc.levels import CANAL, is_disc
from lumbardisc.quantify.curvature import curvature
from lumbardisc.quantify.extent import Extent, extent
from lumbardisc.quantify.regions import Region, Section, Spacing, regions
from lumbardisc.quantify.shape import shape
from lumbardisc.quantify.signal import fluid_is_bright, sample, signal

Array = NDArray[Any]
Value = float | int | bool


@dataclass(frozen=True, eq=False)
class Measurements:
    """discs: columns by disc label number, lowest first (units in the names, undefined is NaN). spine: values of the
    whole spine. flags: per disc, ``cut_by_fov`` and ``off_mid_slice``."""

    discs: dict[int, dict[str, Value]]
    spine: dict[str, float]
    flags: dict[int, tuple[str, ...]]


def measure(image: Array, labels: Array, spacing: Spacing, mid_slice: int, *, affine: Array) -> Measurements:
    """Measure every disc of a label map. docs/measurements.md tells what each number means.

    image: (slice, row, column), any real type. labels: the same shape, integers as in ``levels``. spacing: mm (slice,
    row, column), slice distance with gaps. mid_slice: index of the mid-sagittal slice. affine: 4 x 4, indices of the
    working order -> RAS mm. Boxes and slice indices are those of the working order.
    Raises GeometryError where image and labels do not fit together or mid_slice is not one of the slices.
    """
    _check(image, labels, mid_slice)
    structures = regions(labels)
    discs = {label: region for label, region in structures.items() if is_disc(label)}
    slices = {label: measured_slice(disc, mid_slice) for label, disc in discs.items()}
    extents = {label: extent(disc, spacing) for label, disc in discs.items()}
    sections = {index: Section(index, structures, spacing) for index in {mid_slice, *slices.values()}}
    canal = structures.get(CANAL)
    samples = {label: sample(image, disc, canal, slices[label], spacing) for label, disc in discs.items()}
    bright = fluid_is_bright(samples.values())
    rows = {
        label: {
            **_place(disc, slices[label], affine),
            **_size(extents[label]),
            "area_mm2": float(disc.areas[slices[label]]) * spacing[1] * spacing[2],
            **shape(label, sections[slices[label]]),
            **signal(samples[label], spacing, bright),
        }
        for label, disc in discs.items()
    }
    flags = {label: _flags(extents[label], slices[label] == mid_slice) for label in discs}
    return Measurements(rows, curvature(sections[mid_slice]), flags)


def measured_slice(disc: Region, mid_slice: int) -> int:
    """The mid-sagittal slice, or where the disc is not on it (scoliosis), the slice with most of the disc."""
    return mid_slice if disc.on(mid_slice).any() else int(np.argmax(disc.areas))


def _check(image: Array, labels: Array, mid_slice: int) -> None:
    if image.ndim != 3 or image.shape != labels.shape:
        raise GeometryError(f"the image {image.shape} and its labels {labels.shape} are not two volumes of one grid")
    if not 0 <= mid_slice < len(image):
        raise GeometryError(f"mid-sagittal slice {mid_slice} is not one of the {len(image)} slices")


def _place(disc: Region, index: int, affine: Array) -> dict[str, Value]:
    """Centroid of the whole disc (RAS mm), its pixel box on the measured slice, and that slice."""
    x, y, z = affine[:3, :3] @ (np.argwhere(disc.mask).mean(axis=0) + disc.corner) + affine[:3, 3]
    top, left, bottom, right = disc.box(index)
    box = {"x0": left, "y0": top, "x1": right, "y1": bottom, "slice": index}
    return {"x_mm": float(x), "y_mm": float(y), "z_mm": float(z), **{name: int(at) for name, at in box.items()}}


def _size(found: Extent) -> dict[str, Value]:
    """Volume, how sure and how whole it is."""
    return {
        "volume_mm3": found.volume_mm3,
        "volume_error_mm3": found.error_mm3,
        "volume_complete": found.complete,
    }


def _flags(found: Extent, on_mid_slice: bool) -> tuple[str, ...]:
    told = {"cut_by_fov": found.cut, "off_mid_slice": not on_mid_slice}
    return tuple(name for name, holds in told.items() if holds)
