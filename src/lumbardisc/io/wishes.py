"""What a user sets for all inputs, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from lumbardisc.errors import UsageError
from lumbardisc.io.grid import SPACING_RANGE_MM, Spacing
from lumbardisc.io.scan import CONTRASTS


@dataclass(frozen=True)
class Wishes:
    """What the user set for all inputs."""

    series: str | None
    spacing: Spacing | None
    contrast: str | None


def checked_spacing(spacing: Sequence[float] | None) -> Spacing | None:
    low, high = SPACING_RANGE_MM
    if spacing is None:
        return None
    if len(spacing) != 3 or not all(isfinite(size) and low <= size <= high for size in spacing):
        given = ",".join(f"{size:g}" for size in spacing)
        raise UsageError(
            f"--spacing {given}: needs three sizes in mm between {low:g} and {high:g} (slice, row, column), "
            "e.g. --spacing 4,0.6,0.6"
        )
    slices, rows, columns = (float(size) for size in spacing)
    return slices, rows, columns


def checked_contrast(contrast: str | None) -> str | None:
    if contrast is None or contrast in CONTRASTS:
        return contrast
    raise UsageError(f"--contrast {contrast}: is not one of {', '.join(CONTRASTS)}")
