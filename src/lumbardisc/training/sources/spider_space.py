"""SPIDER (van der Graaf et al. 2024): central T2-SPACE slices with discs, whole vertebrae and the canal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lumbardisc.training.partial import BACKGROUND, BODY, CANAL, DISC, LOWEST, SACRUM, Allowed
from lumbardisc.training.sources.example import Example, load_image, load_mask

_DISC, _VERTEBRA, _CANAL = 1, 2, 3
MINIMUM_DISC_VOXELS = 150


def read(folder: Path) -> Iterator[Example]:
    """Every case of the folder; arches are cut off at the canal's front, the sacrum is left undecided."""
    for path in sorted(folder.glob("*_mask.nii.gz")):
        case = path.name.removesuffix("_mask.nii.gz")
        image, spacing = load_image(folder / f"{case}.nii.gz")
        labels = load_mask(path)
        yield Example("spider_space", case.split("_")[0], case, image.astype(np.uint8), _allowed(labels), spacing)


def _allowed(labels: NDArray[np.generic]) -> Allowed:
    allowed = np.full(labels.shape, BACKGROUND, dtype=np.uint8)
    lowest = lowest_disc(labels == _DISC)
    top = np.nonzero(lowest.any(axis=(0, 2)))[0][0]
    allowed[:, top:] |= SACRUM
    allowed[labels == _DISC] = DISC
    allowed[lowest] = LOWEST
    allowed[bodies_only(labels == _VERTEBRA, labels == _CANAL)] = BODY
    allowed[labels == _CANAL] = CANAL
    return allowed


def lowest_disc(discs: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The component of a disc mask (slice, row, column) that lies lowest."""
    components, count = ndimage.label(discs, structure=np.ones((3, 3, 3)))
    sizes = ndimage.sum_labels(discs, components, range(1, count + 1))
    centres = ndimage.center_of_mass(discs, components, range(1, count + 1))
    large = [k for k in range(count) if sizes[k] >= MINIMUM_DISC_VOXELS]
    found: NDArray[np.bool_] = components == 1 + max(large, key=lambda k: centres[k][1])
    return found


def bodies_only(vertebrae: NDArray[np.bool_], canal: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whole vertebrae without what lies behind the front wall of the canal (pedicles, arches, processes).

    Both (slice, row, column). The front wall is taken per row as the median over the slices that show the canal.
    """
    columns = np.where(canal, np.arange(canal.shape[2]), np.inf).min(axis=2)
    columns[~np.isfinite(columns)] = np.nan
    known = np.isfinite(columns).any(axis=0)
    rows = np.nonzero(known)[0]
    front = np.interp(np.arange(canal.shape[1]), rows, np.nanmedian(columns[:, known], axis=0))
    bodies: NDArray[np.bool_] = vertebrae & (np.arange(canal.shape[2]) < front[:, None] + 1)
    return bodies
