"""The discs of a slice from a binary mask: counted from the bottom, and each cut out upright with its mask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from torch import nn

from lumbardisc.anatomy.chain import find_chain
from lumbardisc.anatomy.components import find_candidates
from lumbardisc.anatomy.frames import DiscFrame, disc_frames
from lumbardisc.anatomy.numbering import level_steps
from lumbardisc.levels import DISCS
from lumbardisc.preprocess.crops import COLUMNS_PER_DEPTH, cut
from lumbardisc.preprocess.intensity import Image, windowed
from lumbardisc.training.disc_mask import segment

SHAPE = (128, 256)
"""Rows and columns of a crop (Ding 2024, section 1.5)."""
DEPTH_SHARE = 0.7
"""A disc of usual depth spans this share of the columns; what is left shows where it ends."""
_SLICE_MM = 4.0
"""Stands for the distance of slices where one slice is looked at alone."""


@dataclass(frozen=True, eq=False)
class Crop:
    """image (0-1), mask: (slice, row, column) of ``SHAPE``, the disc upright, rows downward, columns backward."""

    image: Image
    mask: NDArray[np.bool_]


def count_discs(probability: Image, pixel: tuple[float, float]) -> NDArray[np.int32]:
    """Labels of one slice (row, column): 1 = the lowest disc, counted upward; specks and strays are background.

    The chain of discs is found as in the main job (``anatomy.chain``), with everything that is not disc taken for bone;
    where the distance tells that a disc was missed, its number is left out.
    """
    mask = (probability > 0.5)[None]
    spacing = (_SLICE_MM, *pixel)
    certainty = np.rint(probability[None] * 255).astype(np.uint8)
    components, candidates = find_candidates(mask, np.zeros_like(certainty), certainty, spacing)
    chain = find_chain(candidates, ~mask, spacing)
    counts = (1 + np.cumsum([0, *level_steps(chain)])).tolist() if chain else []
    labels = np.zeros(probability.shape, dtype=np.int32)
    for disc, count in zip(chain, counts, strict=True):
        if count <= len(DISCS):
            labels[np.isin(components[0], [part.index for part in disc.parts])] = count
    return labels


def find_crops(
    network: nn.Module, image: NDArray[np.generic], pixel: tuple[float, float], size: int, slices: int
) -> dict[int, Crop]:
    """Disc from the bottom -> its crop, of the discs found on the middle slice of a stack (slice, row, column).

    network: segments squares of ``size``. slices: 1, or 3 with the neighbours; at the end of a stack (or in a stack of
    one slice) the slice stands in for the neighbour that is not there.
    """
    middle = len(image) // 2
    shown = np.clip(np.arange(middle - slices // 2, middle + slices // 2 + 1), 0, len(image) - 1)
    found = {int(k): segment(network, image[k], pixel, size) for k in np.unique(shown)}
    labels = count_discs(found[middle], pixel)
    shown_grey = np.stack([windowed(image[k]) for k in shown])
    masks = np.stack([found[int(k)] > 0.5 for k in shown])
    return {
        disc: _crop(shown_grey, _of_disc(masks, labels == disc), pixel, frame)
        for disc, frame in disc_frames(labels, pixel).items()
    }


def _of_disc(masks: NDArray[np.bool_], disc: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """On each slice, the regions of the mask that overlap the disc of the middle slice."""
    regions = [ndimage.label(mask)[0] for mask in masks]
    return np.stack([np.isin(one, np.setdiff1d(one[disc], [0])) for one in regions])


def _crop(image: Image, mask: NDArray[np.bool_], pixel: tuple[float, float], frame: DiscFrame) -> Crop:
    depth = frame.depth_mm * COLUMNS_PER_DEPTH / (DEPTH_SHARE * SHAPE[1])

    def upright(values: NDArray[np.generic]) -> Image:
        return np.stack([cut(one, pixel, frame.centre_mm, frame.angle_deg, depth, SHAPE) for one in values])

    return Crop(upright(image), upright(mask.astype(np.float32)) > 0.5)


def network_input(crop: Crop, masked: bool) -> Image:
    """(slice, row, column): the crop, black outside its mask where ``masked``."""
    return crop.image * crop.mask if masked else crop.image


def found_in(crops: Mapping[int, Crop]) -> str:
    """For notes: the discs that were found."""
    return ", ".join(str(disc) for disc in sorted(crops)) or "none"
