"""Discs drawn more finely: each is cut out of each slice that shows it, and its outline drawn anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lumbardisc.anatomy.frames import DiscFrame, disc_frames
from lumbardisc.inference.refinement import Refiner
from lumbardisc.levels import are_discs
from lumbardisc.pipeline.spine import Spine
from lumbardisc.preprocess.crops import Placement, place
from lumbardisc.preprocess.disc_planes import disc_planes, slices_beside
from lumbardisc.preprocess.intensity import Image
from lumbardisc.volume import Volume

Labels = NDArray[np.int16]
PLAUSIBLE = (0.5, 2.0)
"""Areas of the new outline, as a multiple of the old one's, beyond which the old one stays."""


@dataclass(frozen=True, eq=False)
class _Seen:
    """A disc on one slice, and where its crop lies."""

    index: int
    label: int
    placement: Placement


def refine_spine(refiner: Refiner, spine: Spine, volume: Volume) -> Spine:
    """The spine with the outlines of its discs drawn anew. volume: the image it was found in, in the working order.

    Grades go on looking at the discs as first found, which is how they were learnt.
    """
    labels = refine_discs(refiner, volume.array, spine.labelling.labels, volume.spacing[1:])
    return replace(spine, labelling=replace(spine.labelling, labels=labels))


def refine_discs(refiner: Refiner, image: NDArray[np.generic], labels: Labels, pixel: tuple[float, float]) -> Labels:
    """``labels`` with the outlines of their discs drawn anew; what else they hold stays, but where a disc now reaches.

    image, labels: (slice, row, column) in the working order, see ``levels``. pixel: (row, column) mm. A disc keeps its
    slices, and its outline on a slice where the new one is implausible.
    """
    seen = list(_seen(refiner, labels, pixel))
    crops = (disc_planes(image, slices_beside(one.index, len(image)), one.placement) for one in seen)
    refined = labels.copy()
    for one, probabilities in zip(seen, refiner(crops), strict=True):
        _draw(refined[one.index], labels[one.index], one, probabilities, refiner.threshold)
    return refined


def placement_of(frame: DiscFrame, pixel: tuple[float, float], step: float, shape: tuple[int, int]) -> Placement:
    """Where a disc's crop lies. step: pixel of the crop as a share of the study's usual disc depth."""
    return place(pixel, frame.centre_mm, frame.angle_deg, step * frame.depth_mm, shape)


def _seen(refiner: Refiner, labels: Labels, pixel: tuple[float, float]) -> Iterator[_Seen]:
    for index, section in enumerate(labels):
        for label, frame in disc_frames(section, pixel).items():
            yield _Seen(index, label, placement_of(frame, pixel, refiner.step, refiner.shape))


def _draw(refined: Labels, labels: Labels, one: _Seen, probabilities: Image, threshold: float) -> None:
    """Put one disc into ``refined`` (row, column); other discs keep their pixels."""
    window, values = one.placement.paste(probabilities, labels.shape)
    before, now = labels[window] == one.label, refined[window]
    free = before | ~are_discs(now)
    drawn = _touching((values > threshold) & free, before) | (before & np.isnan(values))
    if PLAUSIBLE[0] <= drawn.sum() / before.sum() <= PLAUSIBLE[1]:
        now[before] = 0
        now[drawn] = one.label


def _touching(mask: NDArray[np.bool_], seed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The connected regions of a mask, by side or corner, that have a pixel of ``seed``."""
    regions, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    kept: NDArray[np.bool_] = np.isin(regions, regions[seed & mask])
    return kept
