"""Volume of a disc from its areas on parallel slices, how sure it is, and whether the disc was seen whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lumbardisc.quantify.regions import Region

# A disc may end on the outermost slice if its area there is below this share of its largest. What lies beyond the
# section of an ellipsoid with a quarter of the largest area is a cap of 1.3 % of the volume.
TAPERED = 0.25


@dataclass(frozen=True)
class Extent:
    """volume_mm3 and its standard error (NaN on a single slice), and whether the field of view cuts the disc."""

    volume_mm3: float
    error_mm3: float
    complete: bool
    cut: bool


def extent(disc: Region, spacing: tuple[float, float, float]) -> Extent:
    """Volume of a disc. spacing: mm (slice, row, column), the slice distance with any gap between slices."""
    cut = bool(_cut_in_plane(disc) or _cut_by_stack(disc))
    if disc.shape[0] == 1:
        return Extent(np.nan, np.nan, complete=False, cut=_cut_in_plane(disc))
    volume, error = cavalieri(disc.areas * spacing[1] * spacing[2], spacing[0])
    return Extent(volume, error, complete=not cut, cut=cut)


def cavalieri(areas: ArrayLike, distance: float) -> tuple[float, float]:
    """Volume and its standard error from the areas of equidistant parallel sections.

    V = T (A1 + ... + An). Where the first section falls by chance this is unbiased for any shape, the partly filled
    outermost slices included, while rules that join areas by lines or parabolas have to guess the ends
    (Gundersen and Jensen 1987, J Microsc 147:229-263). Their variance from the same sections is
    T^2 (3 a - 4 b + c) / 12 with a = sum Ai Ai, b = sum Ai Ai+1, c = sum Ai Ai+2. It holds for structures that end
    abruptly; for those that taper it is too large (for an ellipsoid several times). It is the error of sampling by
    slices alone, not that of the segmentation.

    areas: mm2 in slice order. distance: T, mm. Returns (mm3, mm3).
    """
    area = np.asarray(areas, dtype=np.float64)
    a, b, c = (float(area[lag:] @ area[: len(area) - lag]) for lag in range(3))
    return float(distance * area.sum()), distance * float(np.sqrt(max(3.0 * a - 4.0 * b + c, 0.0) / 12.0))


def _cut_in_plane(disc: Region) -> bool:
    """Whether the disc runs into the border of the image on any slice."""
    _, rows, columns = disc.mask.shape
    _, top, left = disc.corner
    return top == 0 or left == 0 or top + rows == disc.shape[1] or left + columns == disc.shape[2]


def _cut_by_stack(disc: Region) -> bool:
    """Whether the disc is still large on the first or the last slice of the stack."""
    areas = disc.areas
    return bool(max(areas[0], areas[-1]) > TAPERED * areas.max())
