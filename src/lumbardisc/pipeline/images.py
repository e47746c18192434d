"""The images of a study and the discs in them: the main one, and companions of another contrast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lumbardisc.errors import InputError
from lumbardisc.io.scan import Scan, Source
from lumbardisc.levels import is_disc
from lumbardisc.pipeline.contrast import contrast_from_image
from lumbardisc.pipeline.spine import Spine
from lumbardisc.volume import Volume

Labels = NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class LabelledImage:
    """One image in the working order, and what was found in it.

    labels: (slice, row, column), see ``levels``. contrast: of ``io.CONTRASTS``, or None where nothing tells it.
    """

    name: str
    volume: Volume
    labels: Labels
    mid_slice: int
    contrast: str | None


def main_image(scan: Scan, name: str, find: Callable[[Volume], Spine]) -> LabelledImage:
    """A scan with the discs that ``find`` sees in it. Raises NoSpineError."""
    volume = scan.volume.sagittal()
    labels, mid_slice = _found(find(volume))
    return LabelledImage(name, volume, labels, mid_slice, scan.contrast or contrast_from_image(volume.array, labels))


def companions(
    scan: Scan, main: LabelledImage, find: Callable[[Volume], Spine]
) -> tuple[list[LabelledImage], list[str]]:
    """The companions of a scan, and a line for each that cannot be used."""
    images, unused = [], []
    for source in scan.companions:
        try:
            images.append(companion_image(source, main, scan.placed, find))
        except InputError as error:
            unused.append(f"{source.name} could not be used: {error}")
    return images, unused


def companion_image(
    source: Source, main: LabelledImage, placed: bool, find: Callable[[Volume], Spine]
) -> LabelledImage:
    """A companion with the discs of ``main`` where both lie in one space, else with those that ``find`` sees in it.

    placed: whether the file of ``main`` says where it lies. Raises InputError where the companion cannot be read, or
    has to show its spine by itself and does not.
    """
    scan = source.load()
    volume = scan.volume.sagittal()
    labels, mid_slice = (placed and scan.placed and carry_over(main, volume)) or _found(find(volume))
    contrast = scan.contrast or contrast_from_image(volume.array, labels)
    return LabelledImage(source.name, volume, labels, mid_slice, contrast)


def carry_over(main: LabelledImage, volume: Volume) -> tuple[Labels, int] | None:
    """The labels of ``main`` on the grid of ``volume``, and its slice nearest to the mid-sagittal one.

    Every voxel gets the label of the voxel of ``main`` that is nearest in space. None where that slice shows no disc.
    """
    to_main = np.linalg.inv(main.volume.affine) @ volume.affine
    labels = ndimage.affine_transform(
        main.labels, to_main[:3, :3], to_main[:3, 3], volume.shape, order=0, mode="grid-constant"
    )
    middle = [main.mid_slice, *np.argwhere(main.labels)[:, 1:].mean(axis=0)]
    index = round(float(volume.indices(main.volume.world(middle))[0]))
    shown = 0 <= index < len(labels) and any(is_disc(label) for label in np.unique(labels[index]).tolist())
    return (labels, index) if shown else None


def _found(spine: Spine) -> tuple[Labels, int]:
    return spine.labelling.labels, spine.labelling.mid_slice
