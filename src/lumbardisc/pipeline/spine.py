"""The spine in an image: segmented and named, at another pixel size where the recorded one shows none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from lumbardisc.anatomy.frames import DEPTH_MM, disc_frames
from lumbardisc.anatomy.labelling import Labelling, Structures, find_structures, name_structures
from lumbardisc.anatomy.second_reading import SecondReading, match_boxes
from lumbardisc.errors import NoSpineError
from lumbardisc.inference import segmentation as classes
from lumbardisc.inference.detection import Detector
from lumbardisc.inference.segmentation import Segmentation, Segmenter
from lumbardisc.pipeline.clock import Clock
from lumbardisc.volume import Volume

OTHER_SIZES = (0.65, 1.5)
"""Factors on the recorded pixel size that are tried; the network bears what lies between them."""
PLAUSIBLE_DEPTH_MM = (20.0, 50.0)
FEWEST_DISCS = 4
"""What must be seen where the pixel size had to be guessed, or it may be something else than a spine."""
Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class SecondReader:
    """A detector that reads the names of the discs again. by_boxes: whether its names are taken, not those of both."""

    detector: Detector
    by_boxes: bool = False

    def read(self, seen: Structures, image: NDArray[Any]) -> SecondReading:
        """What it says of the discs. image: (slice, row, column); the mid-sagittal slice is looked at."""
        found = self.detector(image[seen.mid_slice], seen.spacing[1:])
        return match_boxes(found, seen.chain, seen.components[seen.mid_slice])


@dataclass(frozen=True, eq=False)
class Spine:
    """What was found in an image in the working order.

    scale: of the pixels that it was found with, against the recorded ones. Where it is not 1, these are wrong, and
    with them every length. reading: what the detector saw on the mid-sagittal slice, None where it was not asked.
    """

    labelling: Labelling
    scale: float = 1.0
    reading: SecondReading | None = None
    by_boxes: bool = False

    @property
    def flags(self) -> tuple[str, ...]:
        """What to be careful of in the whole study."""
        return () if self.scale == 1.0 else ("spacing_doubtful",)

    def warnings(self, volume: Volume) -> tuple[str, ...]:
        """The same in words. volume: the image, in any order."""
        if self.scale == 1.0:
            return ()
        recorded = volume.sagittal().spacing[1]
        return (
            f"with pixels of {recorded:.2f} mm, as recorded, no spine is seen, but with about "
            f"{recorded * self.scale:.2f} mm one is; correct the header or give --spacing",
        )


def find_spine(
    segmenter: Segmenter,
    volume: Volume,
    clock: Clock,
    progress: Progress | None = None,
    second: SecondReader | None = None,
) -> Spine:
    """The spine in an image in the working order. progress: called with 0-1. Raises NoSpineError."""
    try:
        return _find(segmenter, volume, 1.0, clock, progress, second)
    except NoSpineError:
        scale = _other_scale(segmenter, _middle_slice(volume), clock)
        if scale is None:
            raise
        return _find(segmenter, volume, scale, clock, progress, second)


def _middle_slice(volume: Volume) -> Volume:
    """What other sizes are tried on: discs are wide enough to be on it."""
    middle = len(volume.array) // 2
    return Volume(volume.array[middle : middle + 1], volume.affine)


def _other_scale(segmenter: Segmenter, volume: Volume, clock: Clock) -> float | None:
    """The scale of pixels at which most discs of a plausible depth are seen; None where they are too few."""
    seen = [spine for guess in OTHER_SIZES for spine in _tried(segmenter, volume, guess, clock)]
    low, high = PLAUSIBLE_DEPTH_MM
    sized = [(len(spine.labelling.certainty), _depth_mm(spine, volume), spine.scale) for spine in seen]
    fit = [(count, -abs(depth - DEPTH_MM), scale) for count, depth, scale in sized if low <= depth <= high]
    count, _, scale = max(fit, default=(0, 0.0, 1.0))
    return scale if count >= FEWEST_DISCS else None


def _tried(segmenter: Segmenter, volume: Volume, scale: float, clock: Clock) -> Iterator[Spine]:
    """What is seen at a scale, and then at the one that gives the discs seen the usual depth."""
    try:
        first = _find(segmenter, volume, scale, clock)
        yield first
        yield _find(segmenter, volume, scale * DEPTH_MM / _depth_mm(first, volume), clock)
    except NoSpineError:
        return


def _find(
    segmenter: Segmenter,
    volume: Volume,
    scale: float,
    clock: Clock,
    progress: Progress | None = None,
    second: SecondReader | None = None,
) -> Spine:
    slices, rows, columns = volume.spacing
    spacing = (slices, rows * scale, columns * scale)
    found = segmenter(volume.array, spacing[1:], progress)
    clock.lap("segmentation_s")
    seen = _structures(found, spacing)
    clock.lap("naming_s")
    if second is None:
        reading, by_boxes = None, False
    else:
        reading, by_boxes = second.read(seen, volume.array), second.by_boxes
        clock.lap("cross_check_s")
    labelling = name_structures(seen, reading, by_boxes=by_boxes)
    clock.lap("naming_s")
    return Spine(labelling, scale, reading, by_boxes)


def _structures(found: Segmentation, spacing: tuple[float, float, float]) -> Structures:
    masks = [found.classes == kind for kind in (classes.DISC, classes.BODY, classes.SACRUM, classes.CANAL)]
    discs, bodies, sacrum, canal = masks
    return find_structures(discs, bodies, sacrum, canal, found.lowest, found.certainty, spacing)


def _depth_mm(spine: Spine, volume: Volume) -> float:
    """The usual depth of its discs, at the pixel size at which it was found."""
    pixel = (volume.spacing[1] * spine.scale, volume.spacing[2] * spine.scale)
    frames = disc_frames(spine.labelling.labels[spine.labelling.mid_slice], pixel)
    return next((frame.depth_mm for frame in frames.values()), DEPTH_MM)
