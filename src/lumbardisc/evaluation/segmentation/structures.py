"""One label map against its truth, structure by structure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.evaluation.detection import Box
from lumbardisc.evaluation.overlap import Mask, dice, iou, precision, recall, volume_ratio
from lumbardisc.evaluation.segmentation.surface import TOLERANCE_MM, surface_distances
from lumbardisc.levels import CANAL, are_discs, is_disc
from lumbardisc.quantify.measure import measured_slice
from lumbardisc.quantify.regions import Region, Section, Spacing, regions
from lumbardisc.quantify.shape import shape

Labels = NDArray[np.integer[Any]]
NAN = float("nan")

OVERLAPS: Mapping[str, Callable[[Mask, Mask], float]] = {
    "dice": dice,
    "iou": iou,
    "precision": precision,
    "recall": recall,
    "volume_ratio": volume_ratio,
}
SIZES = ("volume_mm3", "height_mm")


@dataclass(frozen=True)
class Scored:
    """One structure of the truth. label: as in ``levels``. called: the predicted disc that lies there, 0 if none.

    values: the overlaps and distances of the structure that is called so; ``dice_any_name``: Dice of the disc that
    lies there, whatever it is called. predicted, true: ``SIZES`` of both, NaN where undefined.
    """

    label: int
    called: int
    values: Mapping[str, float]
    predicted: Mapping[str, float]
    true: Mapping[str, float]

    @property
    def missed(self) -> bool:
        """Whether nothing of it was found under its name."""
        return not self.values["dice"] > 0


def score(predicted: Labels, truth: Labels, spacing: Spacing, tolerance_mm: float = TOLERANCE_MM) -> list[Scored]:
    """Every structure of the truth, by label.

    Both (slice, row, column) on one grid, numbered as in ``levels``. spacing: mm (slice, row, column). One that was not
    predicted has overlaps of 0, but no precision and no distance.
    """
    found, true = regions(predicted), regions(truth)
    middle = middle_slice(truth)
    return [_score(predicted, truth, found, true, label, spacing, middle, tolerance_mm) for label in true]


def middle_slice(labels: Labels) -> int:
    """Index of the slice in the middle of the canal, or of the discs where no canal is labelled."""
    marks = labels == CANAL
    areas = (marks if marks.any() else _discs(labels) > 0).sum(axis=(1, 2))
    return round(float(np.average(np.arange(len(areas)), weights=areas))) if areas.any() else len(areas) // 2


def disc_boxes(labels: Labels, index: int) -> dict[int, Box]:
    """Boxes of the discs on a slice, by label: x0, y0, x1, y1, edges in pixels, column before row."""
    found = {label: region for label, region in regions(_discs(labels)).items() if region.on(index).any()}
    ends = {label: region.box(index) for label, region in found.items()}
    return {label: (left, top, right, bottom) for label, (top, left, bottom, right) in ends.items()}


def shift(scored: Sequence[Scored]) -> int:
    """By how many levels all discs that were found are named too high; 0 where they are not off by one number."""
    off = {one.called - one.label for one in scored if is_disc(one.label) and one.called}
    return off.pop() if len(off) == 1 and len(scored) > 1 else 0


def _discs(labels: Labels) -> Labels:
    """Labels of discs, 0 elsewhere."""
    return np.where(are_discs(labels), labels, 0)


def _score(
    predicted: Labels,
    truth: Labels,
    found: Mapping[int, Region],
    true: Mapping[int, Region],
    label: int,
    spacing: Spacing,
    middle: int,
    tolerance_mm: float,
) -> Scored:
    region = true[label]
    called = _called(predicted, region) if is_disc(label) else 0
    box = _box([region, *(found[one] for one in {label, called} if one in found)])
    there, given = truth[box] == label, predicted[box]
    own = given == label
    apart = surface_distances(own, there, spacing, tolerance_mm)
    values = {name: overlap(own, there) for name, overlap in OVERLAPS.items()}
    distances = {"hd95_mm": apart.hd95_mm, "assd_mm": apart.assd_mm, "nsd": apart.nsd}
    outline = {"dice_any_name": dice(given == called, there) if called else 0.0} if is_disc(label) else {}
    slice_ = measured_slice(region, middle)
    return Scored(
        label,
        called,
        {**values, **distances, **outline},
        _sizes(found, label, slice_, spacing),
        _sizes(true, label, slice_, spacing),
    )


def _called(predicted: Labels, region: Region) -> int:
    """The predicted disc that covers most of a true one, 0 where none does."""
    window = tuple(slice(at, at + size) for at, size in zip(region.corner, region.mask.shape, strict=True))
    inside = _discs(predicted[window])[region.mask]
    counts = np.bincount(inside[inside > 0], minlength=1)
    return int(counts.argmax())


def _box(structures: Sequence[Region]) -> tuple[slice, slice, slice]:
    """All slices, and the rows and columns that hold all of the structures."""
    firsts = np.min([one.corner for one in structures], axis=0)
    lasts = np.max([np.add(one.corner, one.mask.shape) for one in structures], axis=0)
    return slice(None), slice(int(firsts[1]), int(lasts[1])), slice(int(firsts[2]), int(lasts[2]))


def _sizes(structures: Mapping[int, Region], label: int, index: int, spacing: Spacing) -> dict[str, float]:
    """Volume, undefined on a single slice, and of a disc its height on one slice."""
    region = structures.get(label)
    if region is None:
        return dict.fromkeys(SIZES, NAN)
    volume = float(region.mask.sum()) * float(np.prod(spacing)) if region.shape[0] > 1 else NAN
    tall = is_disc(label) and region.on(index).any()
    height = shape(label, Section(index, structures, spacing))["height_mm"] if tall else NAN
    return {"volume_mm3": volume, "height_mm": height}
