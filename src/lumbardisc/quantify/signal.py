"""Signal of a disc, its nucleus and its annulus, against cerebrospinal fluid in the canal at the same level."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.quantify.nucleus import split
from lumbardisc.quantify.regions import Mask, Region, Spacing

Array = NDArray[Any]

# Signals come from the slices this near to the one that is measured: three thick slices, or eleven of 1 mm.
HALF_SLAB_MM = 5.0
# The canal counts this far above and below the disc.
CANAL_MARGIN_MM = 5.0
# Fewer canal pixels are no sample of the fluid.
_MIN_CANAL_PIXELS = 12
# The median of the brightest quarter, and of the darkest.
_BRIGHT, _DARK = 87.5, 12.5


@dataclass(frozen=True, eq=False)
class Sample:
    """The central slices of a disc. image, disc: (slice, row, column). canal: pixel values of the canal beside it."""

    image: Array
    disc: Mask
    canal: Array


def sample(image: Array, disc: Region, canal: Region | None, index: int, spacing: Spacing) -> Sample:
    """The slices within ``HALF_SLAB_MM`` of the measured one, and the canal within ``CANAL_MARGIN_MM`` of the disc."""
    reach = int(HALF_SLAB_MM // spacing[0])
    slices = range(max(index - reach, 0), min(index + reach + 1, disc.shape[0]))
    _, rows, columns = (slice(begin, begin + size) for begin, size in zip(disc.corner, disc.mask.shape, strict=True))
    mask = np.stack([disc.on(each) for each in slices])
    return Sample(image[slices.start : slices.stop, rows, columns], mask, _beside(image, disc, canal, slices, spacing))


def fluid_is_bright(samples: Iterable[Sample]) -> bool:
    """Whether fluid is bright, as in T2, or dark, as in T1: told by the canal against the discs (medians).

    True where there is no canal to tell by.
    """
    known = [each for each in samples if each.canal.size]
    if not known:
        return True
    canal = np.concatenate([each.canal for each in known])
    discs = np.concatenate([each.image[each.disc] for each in known])
    return bool(np.median(canal) > np.median(discs))


def csf(canal: Array, bright: bool) -> float:
    """Signal of cerebrospinal fluid from the pixels of the canal, NaN for too few.

    The canal holds fluid, nerve roots and epidural fat. The median of its brightest quarter (the 87.5th percentile)
    is fluid where fluid is bright; where it is dark, the median of the darkest quarter (the 12.5th).
    """
    if canal.size < _MIN_CANAL_PIXELS:
        return np.nan
    return float(np.percentile(canal, _BRIGHT if bright else _DARK))


def signal(found: Sample, spacing: Spacing, bright: bool) -> dict[str, float]:
    """Signal columns of a disc, NaN where undefined. bright: see ``fluid_is_bright``.

    Means in the image's own units; ratios to fluid as in Luoma et al. 2001 (Spine 26:680-686), which cancel the gain
    of the scanner; ``nucleus_annulus_contrast`` = (N - A) / (N + A).
    """
    parts = split(found.image, found.disc, spacing[1:])
    whole, nucleus, annulus = (_mean(found.image[mask]) for mask in (found.disc, parts.nucleus, parts.annulus))
    fluid = csf(found.canal, bright)
    return {
        "signal_mean": whole,
        "csf_signal": fluid,
        "signal_ratio_csf": _ratio(whole, fluid),
        "nucleus_signal_mean": nucleus,
        "annulus_signal_mean": annulus,
        "nucleus_signal_ratio": _ratio(nucleus, fluid),
        "nucleus_annulus_contrast": _ratio(nucleus - annulus, nucleus + annulus),
    }


def _beside(image: Array, disc: Region, canal: Region | None, slices: range, spacing: Spacing) -> Array:
    """Values of the canal on some slices, at the height of the disc."""
    if canal is None:
        return np.empty(0)
    margin = round(CANAL_MARGIN_MM / spacing[1])
    top, left = canal.corner[1:]
    begin = max(disc.corner[1] - margin, top)
    end = min(disc.corner[1] + disc.mask.shape[1] + margin, top + canal.mask.shape[1])
    rows, columns = slice(begin, max(begin, end)), slice(left, left + canal.mask.shape[2])
    masks = [canal.on(each)[rows.start - top : rows.stop - top] for each in slices]
    values: Array = image[slices.start : slices.stop, rows, columns][np.stack(masks)]
    return values


def _mean(values: Array) -> float:
    return float(values.mean()) if values.size else np.nan


def _ratio(part: float, whole: float) -> float:
    """NaN where the whole is not a positive signal."""
    return part / whole if whole > 0.0 else np.nan
