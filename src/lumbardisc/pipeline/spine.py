"""The spine in an image: segmented and named, at another pixel size where the recorded one shows none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lumbardisc.anatomy.frames import DEPTH_MM, disc_frames
from lumbardisc.anatomy.labelling import Labelling, label_structures
from lumbardisc.errors import NoSpineError
from lumbardisc.inference import segmentation as classes
from lumbardisc.inference.segmentation import Segmentation, Segmenter
from lumbardisc.pipeline.clock import Clock
from lumbardisc.volume import Volume

OTHER_SIZES = (0.65, 1.5)
"""Factors on the recorded pixel size that are tried; the network bears what lies between them."""
PLAUSIBLE_DEPTH_MM = (25.0, 50.0)
"""Usual depth of a study's discs, where their pixel size had to be guessed."""
FEWEST_DISCS = 4
"""So many must be seen where the pixel size had to be guessed, or it may be something else than a spine."""

Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Spine:
    """What was found in an image in the working order.

    scale: of the pixels that it was found with, against the recorded ones. Where it is not 1, these are wrong, and
    with them every length.
    """

    labelling: Labelling
    scale: float = 1.0

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
            f"{recorded * self.scale:.2f} mm one is; correct the header or give --spacing, as no size can be trusted",
        )


def find_spine(segmenter: Segmenter, volume: Volume, clock: Clock, progress: Progress | None = None) -> Spine:
    """The spine in an image in the working order. progress: called with 0-1. Raises NoSpineError."""
    try:
        return _find(segmenter, volume, 1.0, clock, progress)
    except NoSpineError:
        for guess in OTHER_SIZES:
            for spine in _guessed(segmenter, volume, guess, clock):
                return spine
        raise


def _guessed(segmenter: Segmenter, volume: Volume, scale: float, clock: Clock) -> Iterator[Spine]:
    """The spine as it is seen once its discs have the usual depth, where a first guess shows any and they are discs."""
    try:
        first = _find(segmenter, volume, scale, clock)
        spine = _find(segmenter, volume, scale * DEPTH_MM / _depth_mm(first, volume), clock)
    except NoSpineError:
        return
    low, high = PLAUSIBLE_DEPTH_MM
    if low <= _depth_mm(spine, volume) <= high and len(spine.labelling.certainty) >= FEWEST_DISCS:
        yield spine


def _find(segmenter: Segmenter, volume: Volume, scale: float, clock: Clock, progress: Progress | None = None) -> Spine:
    slices, rows, columns = volume.spacing
    spacing = (slices, rows * scale, columns * scale)
    found = segmenter(volume.array, spacing[1:], progress)
    clock.lap("segmentation_s")
    labelling = _label(found, spacing)
    clock.lap("naming_s")
    return Spine(labelling, scale)


def _label(found: Segmentation, spacing: tuple[float, float, float]) -> Labelling:
    masks = [found.classes == kind for kind in (classes.DISC, classes.BODY, classes.SACRUM, classes.CANAL)]
    discs, bodies, sacrum, canal = masks
    return label_structures(discs, bodies, sacrum, canal, found.lowest, found.certainty, spacing)


def _depth_mm(spine: Spine, volume: Volume) -> float:
    """The usual depth of its discs, at the pixel size at which it was found."""
    pixel = (volume.spacing[1] * spine.scale, volume.spacing[2] * spine.scale)
    frames = disc_frames(spine.labelling.labels[spine.labelling.mid_slice], pixel)
    return next((frame.depth_mm for frame in frames.values()), DEPTH_MM)
