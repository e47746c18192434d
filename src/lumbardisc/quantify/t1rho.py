"""T1rho of a disc: the 1 cm2 region at the centre of its nucleus, its whole nucleus, and the phase that follows.

Region and phases are those of Li et al. 2024 (doi 10.1002/jmri.29499); docs/how-to/t1rho.md tells the numbers' meaning.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import erf, isnan, nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.quantify.nucleus import split
from lumbardisc.quantify.regions import Mask, Spacing

Array = NDArray[Any]

PHASE_LIMITS_MS = (110.0, 80.0)
"""Above the first is phase 1, below the second phase 3; both limits themselves belong to phase 2."""
ROI_MM2 = 100.0
"""Area of the region of interest; the paper does not tell its shape."""
NUCLEUS_WIDTH = 0.64
"""Share of the disc's width that holds the nucleus: that of its depth (see ``nucleus``)."""


def phase_of(mean_ms: float) -> int:
    """Phase of degeneration by the mean T1rho in the region of interest, Li et al. 2024.

    1 pre-degeneration, above 110 ms; 2 rapid degeneration, 80-110 ms; 3 late degeneration, below 80 ms.
    Raises ValueError for NaN, which has no phase.
    """
    if isnan(mean_ms):
        raise ValueError("an undefined T1rho has no phase")
    high, low = PHASE_LIMITS_MS
    return 1 if mean_ms > high else 2 if mean_ms >= low else 3


def phase_probabilities(mean_ms: float, se_ms: float) -> tuple[float, float, float]:
    """Probability that the true mean lies in phase 1, 2 and 3, its error taken as normal; NaN where undefined."""
    high, low = (_normal_above(mean_ms - limit, se_ms) for limit in PHASE_LIMITS_MS)
    return high, low - high, 1.0 - low


def central_roi(nucleus: Mask, pixel: tuple[float, float]) -> Mask:
    """The central 1 cm2 of a nucleus on one slice: a circle drawn out as the nucleus is.

    Pixels are taken from the centroid outward until the area is reached. Their distance is measured against the
    nucleus's own extent (Mahalanobis), so that an elliptic nucleus gets the ellipse of its own proportions, inside it.
    A nucleus that is smaller is taken whole; ``area_mm2`` tells.

    nucleus: (row, column). pixel: mm (row, column). Returns a mask of the same shape.
    """
    places = np.argwhere(nucleus)
    wanted = round(ROI_MM2 / (pixel[0] * pixel[1]))
    nearest = places[np.argsort(_distance(places * np.asarray(pixel)), kind="stable")[:wanted]]
    roi = np.zeros_like(nucleus, dtype=bool)
    roi[tuple(nearest.T)] = True
    return roi


def nucleus_of(image: Array, disc: Mask, spacing: Spacing) -> Mask:
    """The nucleus of a whole disc: that of ``split`` on each slice of the middle of the disc's width.

    image, disc: (slice, row, column). spacing: mm. An image of one value gives the nucleus by its place alone.
    """
    filled = np.flatnonzero(disc.any(axis=(1, 2)))
    beside = abs(np.arange(len(disc)) - filled.mean()) if filled.size else np.full(len(disc), np.inf)
    central = beside <= max(NUCLEUS_WIDTH * len(filled), 1.0) / 2.0
    return split(image, disc & central[:, None, None], spacing[1:]).nucleus


@dataclass(frozen=True)
class DiscT1rho:
    """T1rho of one disc, in ms; field by field the columns of ``discs.csv``. Undefined is NaN.

    t1rho_*: in the region of interest, with the standard error of the mean from the voxels' own, the region's area and
    the share of its voxels that can be trusted. t1rho_nucleus_*: the nucleus on the same slice. t1rho_nucleus_3d_*:
    all of it. phase: 1, 2, 3 or NaN. phase_margin_ms: distance of the mean from the nearest limit. phase_p1 ...
    phase_p3: see ``phase_probabilities``.
    """

    t1rho_mean_ms: float
    t1rho_median_ms: float
    t1rho_min_ms: float
    t1rho_max_ms: float
    t1rho_mean_se_ms: float
    t1rho_roi_mm2: float
    t1rho_trusted: float
    phase: float
    phase_margin_ms: float
    phase_p1: float
    phase_p2: float
    phase_p3: float
    t1rho_nucleus_mean_ms: float
    t1rho_nucleus_median_ms: float
    t1rho_nucleus_min_ms: float
    t1rho_nucleus_max_ms: float
    t1rho_nucleus_3d_mean_ms: float
    t1rho_nucleus_3d_median_ms: float
    t1rho_nucleus_3d_min_ms: float
    t1rho_nucleus_3d_max_ms: float

    def columns(self) -> dict[str, float | int | bool | str]:
        """By column name; the phase as a whole number where there is one."""
        return {**asdict(self), "phase": self.phase if isnan(self.phase) else int(self.phase)}


def disc_t1rho(
    t1rho: Array,
    se: Array,
    nucleus: Mask,
    index: int,
    spacing: Spacing,
    *,
    unbiased: Array | None = None,
    trusted: Mask | None = None,
) -> DiscT1rho:
    """T1rho of one disc, measured on the slice ``index``.

    t1rho: map in ms (slice, row, column), NaN where it does not count. unbiased: the same for means, by default t1rho
    itself; se: the standard error of what the mean is taken of. nucleus: mask; all of one shape.
    spacing: mm (slice, row, column). trusted: the voxels that can be trusted by themselves, which the least and the
    greatest value are taken from; by default those that count. Doubtful ones may count for means all the same: noise
    makes a voxel doubtful where it comes out long, and a mean without those is too short.
    The standard error of the mean takes the noise of each voxel as its own. It tells nothing of where the region lies.
    """
    certain = np.isfinite(t1rho) & (True if trusted is None else trusted)
    for_means = t1rho if unbiased is None else unbiased
    maps, (section, pixel) = (for_means, t1rho, certain), (nucleus[index], spacing[1:])
    roi = central_roi(section, pixel)
    errors = se[index][roi & np.isfinite(t1rho[index])]
    values = _over("t1rho", *(map_[index][roi] for map_ in maps))
    mean = values["t1rho_mean_ms"]
    error = float(np.sqrt((errors**2).sum()) / errors.size) if errors.size else nan
    return DiscT1rho(
        **values,
        t1rho_mean_se_ms=error,
        t1rho_roi_mm2=float(roi.sum() * pixel[0] * pixel[1]),
        t1rho_trusted=float(certain[index][roi].mean()) if roi.any() else nan,
        phase=nan if isnan(mean) else phase_of(mean),
        phase_margin_ms=min(abs(mean - limit) for limit in PHASE_LIMITS_MS),
        **{f"phase_p{phase}": share for phase, share in enumerate(phase_probabilities(mean, error), start=1)},
        **_over("t1rho_nucleus", *(map_[index][section] for map_ in maps)),
        **_over("t1rho_nucleus_3d", *(map_[nucleus] for map_ in maps)),
    )


def _over(name: str, for_means: Array, values: Array, certain: Mask) -> dict[str, float]:
    """Mean and median where values are defined, least and greatest of those that are certain, by column name."""
    counted = np.isfinite(values)
    known, extremes = values[counted], values[certain]
    return {
        f"{name}_mean_ms": float(for_means[counted].mean()) if known.size else nan,
        f"{name}_median_ms": float(np.median(known)) if known.size else nan,
        f"{name}_min_ms": float(extremes.min()) if extremes.size else nan,
        f"{name}_max_ms": float(extremes.max()) if extremes.size else nan,
    }


def _normal_above(distance: float, se: float) -> float:
    """Probability that a normal variable ``distance`` above a limit, with this standard error, is truly above it."""
    return 0.5 * (1.0 + erf(distance / (sqrt(2.0) * (se or 1e-9))))


def _distance(points: Array) -> Array:
    """Squared Mahalanobis distance of points (n, 2) from their mean; of too few to have an extent, the plain one."""
    away = points - points.mean(axis=0) if len(points) else points
    spread = away.T @ away
    squares: Array = (away @ np.linalg.pinv(spread) * away).sum(axis=1)
    return squares
