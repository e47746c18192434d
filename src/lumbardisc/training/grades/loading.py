"""A graded image read from its file, with the mask of its discs where it has one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from lumbardisc import io
from lumbardisc.errors import InputError
from lumbardisc.io import Scan
from lumbardisc.levels import DISCS
from lumbardisc.training.grades.data import GradedImage
from lumbardisc.volume import Volume

NEAR = 0.5
"""Corners of an image and of its mask may lie this many pixels apart, which rounded headers do not reach."""


@dataclass(frozen=True, eq=False)
class LoadedImage:
    """scan: as ``io`` reads it. discs: (slice, row, column) in the working order, 1 = L5/S1, 0 elsewhere, if known."""

    scan: Scan
    discs: NDArray[np.int16] | None


def load(image: GradedImage) -> LoadedImage:
    """Read an image and its mask. Raises InputError with one line, for a mask on another grid or without discs too."""
    scan = load_scan(image)
    return LoadedImage(scan, None if image.mask is None else _discs(image, scan.volume.sagittal()))


def load_scan(image: GradedImage) -> Scan:
    """Read an image alone. Raises InputError with one line."""
    studies = io.find([image.path], spacing=image.spacing, contrast=image.contrast)
    if len(studies) > 1:
        names = ", ".join(study.name for study in studies)
        raise InputError(f"{image.path}: holds {len(studies)} studies ({names}); keep one, or name one by its own path")
    return studies[0].load()


def _discs(image: GradedImage, volume: Volume) -> NDArray[np.int16]:
    assert image.mask is not None
    mask = io.load_labels(image.mask).sagittal()
    if mask.shape != volume.shape:
        sizes = [" x ".join(map(str, one.shape)) for one in (mask, volume)]
        raise InputError(f"{image.mask}: has {sizes[0]} voxels, its image {image.path} {sizes[1]}; both need one grid")
    if image.spacing is None and (apart := _apart_mm(mask, volume)) > NEAR * min(volume.spacing[1:]):
        raise InputError(
            f"{image.mask}: lies up to {apart:.1f} mm away from its image {image.path}; resample it to the image's grid"
        )
    discs = mask.array - (image.lowest_disc - 1)
    discs[(discs < 1) | (discs > len(DISCS))] = 0
    if not discs.any():
        raise InputError(f"{image.mask}: holds no disc; label them from the bottom, L5/S1 = {image.lowest_disc}")
    return discs.astype(np.int16)


def _apart_mm(one: Volume, other: Volume) -> float:
    """How far apart two volumes of the same shape put a corner of the grid."""
    corners = list(product(*((0, size - 1) for size in one.shape)))
    return float(np.linalg.norm(one.world(corners) - other.world(corners), axis=1).max())
