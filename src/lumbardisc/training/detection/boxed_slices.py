"""From the cases of a data set to boxed slices: known boxes as they are, the rest from the segmentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from lumbardisc.errors import NoSpineError
from lumbardisc.inference.detection import intersection_over_union
from lumbardisc.inference.segmentation import Segmenter
from lumbardisc.io.grid import working_affine
from lumbardisc.levels import is_disc
from lumbardisc.pipeline.clock import Clock
from lumbardisc.pipeline.spine import find_spine
from lumbardisc.training.detection.boxes import Box, BoxedSlice
from lumbardisc.training.detection.sources.case import BoxedCase, box_of
from lumbardisc.volume import Volume

REACH_MM = 10.0
"""Slices this near to the mid-sagittal one show the discs nearly as it does."""
_SAME = 0.2
"""Overlap from which two boxes are of one disc; a box between endplates is not as tight as one round a disc."""
_SURE = 0.9
"""Names of the segmentation's own that are less sure are not learnt from."""
_SMALLEST_MM2 = 40.0


class Unusable(Exception):  # noqa: N818 (a case is left out, nothing failed)
    """Why a case cannot be learnt from."""


def boxed_slices(case: BoxedCase, segmenter: Segmenter) -> list[BoxedSlice]:
    """The slices of a case near its middle, with a box round every disc. Raises Unusable."""
    if case.whole and case.certain:
        return [_slice(case, index, case.boxes[index]) for index in _near(case, _busiest(case))]
    found, mid_slice, sure = _found(case, segmenter)
    if case.whole:
        return [_slice(case, 0, _agreed(case.boxes[0], found.get(0, {})))]
    shift = _shift(case.boxes, found)
    if shift is None and not sure:
        raise Unusable("what the segmentation names is not sure, and nothing else names it")
    slices = [_slice(case, index, _renamed(found[index], shift or 0)) for index in _near(case, mid_slice)]
    return [one for one in slices if one.boxes]


def _found(case: BoxedCase, segmenter: Segmenter) -> tuple[dict[int, dict[int, Box]], int, bool]:
    """Boxes of the segmentation per slice, the mid-sagittal slice, and whether its names are sure."""
    volume = Volume(case.image, working_affine(case.spacing))
    try:
        labelling = find_spine(segmenter, volume, Clock()).labelling
    except NoSpineError:
        if case.whole:
            return {}, 0, False
        raise Unusable("the segmentation sees no spine") from None
    pixel = case.spacing[1] * case.spacing[2]
    boxes = {index: _boxes(section, pixel) for index, section in enumerate(labelling.labels)}
    return boxes, labelling.mid_slice, min(labelling.confidence.values()) >= _SURE


def _boxes(labels: NDArray[np.integer], pixel_mm2: float) -> dict[int, Box]:
    masks = {int(label): labels == label for label in np.unique(labels) if is_disc(int(label))}
    return {label: box_of(mask) for label, mask in masks.items() if mask.sum() * pixel_mm2 >= _SMALLEST_MM2}


def _busiest(case: BoxedCase) -> int:
    """The middle one of the slices that show the most discs."""
    most = max(len(boxes) for boxes in case.boxes.values())
    full = [index for index, boxes in case.boxes.items() if len(boxes) == most]
    return full[len(full) // 2]


def _near(case: BoxedCase, middle: int) -> range:
    reach = int(REACH_MM // case.spacing[0])
    return range(max(middle - reach, 0), min(middle + reach + 1, len(case.image)))


def _agreed(published: Mapping[int, Box], found: Mapping[int, Box]) -> Mapping[int, Box]:
    """Published boxes, unless what the segmentation sees at the same places is consistently called otherwise."""
    shift = _shift({0: published}, {0: found})
    if shift:
        raise Unusable(f"its boxes count {shift:+d} against what the segmentation sees; one of both is wrong")
    return published


def _shift(known: Mapping[int, Mapping[int, Box]], found: Mapping[int, Mapping[int, Box]]) -> int | None:
    """What has to be added to the labels found to get those known, by most of the boxes that match; None for none."""
    votes = Counter(
        label - other
        for index, boxes in known.items()
        for label, box in boxes.items()
        for other, seen in found.get(index, {}).items()
        if overlap(box, seen) > _SAME
    )
    return votes.most_common(1)[0][0] if votes else None


def overlap(first: Box, second: Box) -> float:
    """Intersection over union."""
    return float(intersection_over_union(np.array([first]), np.array([second]))[0, 0])


def _renamed(boxes: Mapping[int, Box], shift: int) -> dict[int, Box]:
    return {label + shift: box for label, box in boxes.items() if label + shift > 0}


def _slice(case: BoxedCase, index: int, boxes: Mapping[int, Box]) -> BoxedSlice:
    name = case.case if len(case.image) == 1 else f"{case.case}:{index}"
    return BoxedSlice(case.source, case.patient, name, case.contrast, case.image[index], case.spacing[1:], boxes)


def usable(cases: Iterator[BoxedCase], segmenter: Segmenter, notes: list[str]) -> Iterator[BoxedSlice]:
    """The slices of all cases; a line goes to ``notes`` for every case that is left out."""
    for case in cases:
        try:
            yield from boxed_slices(case, segmenter)
        except Unusable as error:
            notes.append(f"{case.source} {case.case}: left out: {error}")
