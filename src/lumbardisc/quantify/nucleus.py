"""Where the nucleus ends and the annulus begins in a disc: by place in the disc, then by signal where it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.anatomy.contours import outline
from lumbardisc.anatomy.endplates import borders, long_axis_deg
from lumbardisc.quantify.regions import MIN_PIXELS, Mask

Array = NDArray[Any]

# Fractions of the depth, 0 anterior and 1 posterior. The nucleus of healthy L4/L5 discs takes 64 % of the depth behind
# an anterior annulus of 20.5 % (Zhong et al. 2014, Medicine 93:e333). The core lies well inside it.
_CORE_CENTRE, _CORE_HALF = 0.525, 0.275
_REACH = (0.12, 0.90)
# Beyond these the pixels share the signal of endplates, ligaments and fat: neither nucleus nor annulus.
_INNER_HEIGHT, _INNER_DEPTH = 0.75, (0.04, 0.96)
# Otsu's separability (between-class over total variance): 0.64 for one normal class, 0.75 for a uniform spread.
_SEPARABLE = 0.70
# Bright pieces that fill less of the core are noise, and those that fill the rest of the disc nearly as densely are
# the slope of a coil's sensitivity or a mask that runs into fat.
_MIN_OF_CORE, _MIN_DENSITY_RATIO = 0.25, 2.0


@dataclass(frozen=True, eq=False)
class Split:
    """Masks of nucleus and annulus, of the shape of the disc's mask. by_signal: whether a signal border was found
    (false: the nucleus is where it would be in a healthy disc)."""

    nucleus: Mask
    annulus: Mask
    by_signal: bool


def split(image: Array, mask: Mask, spacing: tuple[float, float]) -> Split:
    """Nucleus and annulus of a disc on its central sagittal slices.

    Every pixel is placed by its fraction of the disc's depth and height on its own slice. An ellipse behind the middle
    is the core. Otsu's threshold (1979, IEEE Trans SMC 9:62-66) over the inner disc, all slices together, gives
    the bright class, after a light smoothing that stays inside the disc; its pieces that meet the core are the
    nucleus, if the two classes are separable and the pieces fill enough of the core and much less of the rest.
    Otherwise (grade V, T1) the core itself is. The annulus is the rest of the inner disc
    outside the core; a rim along the endplates and at both ends belongs to neither.

    image, mask: (slice, row, column). spacing: mm (row, column). Gain and offset of the signal do not matter.
    """
    depth, height = _places(mask, spacing)
    inner = mask & (abs(height) <= _INNER_HEIGHT) & (depth >= _INNER_DEPTH[0]) & (depth <= _INNER_DEPTH[1])
    core = inner & (((depth - _CORE_CENTRE) / _CORE_HALF) ** 2 + (height / _INNER_HEIGHT) ** 2 <= 1.0)
    within_reach = inner & (depth >= _REACH[0]) & (depth <= _REACH[1])
    bright = _bright_core(_smooth(image, mask), inner, within_reach, core)
    nucleus = core if bright is None else bright
    return Split(nucleus, inner & ~core & ~nucleus, by_signal=bright is not None)


def otsu(values: Array) -> tuple[float, float]:
    """Otsu's threshold, exact on the values themselves, and its separability (0-1; NaN if all values are equal).

    Values above the threshold are the bright class.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    if len(ordered) < 2 or ordered[0] == ordered[-1]:
        return np.nan, np.nan
    share = np.arange(1, len(ordered)) / len(ordered)
    below = np.cumsum(ordered - ordered.mean())[:-1] / len(ordered)
    between = below**2 / (share * (1.0 - share))
    best = int(np.argmax(between))
    return float(ordered[best]), float(between[best] / ordered.var())


def _places(mask: Mask, spacing: tuple[float, float]) -> tuple[Array, Array]:
    """Fraction of the depth and of the height (see ``Borders.within``) of every pixel of the mask; NaN elsewhere."""
    depth, height = np.full(mask.shape, np.nan), np.full(mask.shape, np.nan)
    for index, section in enumerate(mask):
        if section.sum() >= MIN_PIXELS:
            points = outline(section, spacing)
            pixels = np.argwhere(section) * np.asarray(spacing)
            depth[index][section], height[index][section] = borders(points, long_axis_deg(points)).within(pixels)
    return depth, height


def _bright_core(image: Array, inner: Mask, within_reach: Mask, core: Mask) -> Mask | None:
    """The bright pieces that meet the core, or None where they do not stand out."""
    from scipy.ndimage import label

    threshold, separability = otsu(image[inner])
    if not (core.any() and separability >= _SEPARABLE):
        return None
    pieces, _ = label(within_reach & (image > threshold))
    nucleus: Mask = np.isin(pieces, pieces[core & (pieces > 0)]) & (pieces > 0)
    filled, spilled = (nucleus[part].sum() / max(part.sum(), 1) for part in (core, inner & ~core))
    return nucleus if filled >= max(_MIN_OF_CORE, _MIN_DENSITY_RATIO * spilled) else None


def _smooth(image: Array, mask: Mask) -> Array:
    """Binomial smoothing in the slice that takes in nothing from outside the mask; 0 outside."""
    from scipy.ndimage import convolve1d

    def binomial(values: Array) -> Array:
        return convolve1d(convolve1d(values, (1.0, 2.0, 1.0), axis=1), (1.0, 2.0, 1.0), axis=2)  # type: ignore[no-any-return]

    weight = mask.astype(np.float64)
    return np.where(mask, binomial(image * weight) / np.maximum(binomial(weight), 1.0), 0.0)
