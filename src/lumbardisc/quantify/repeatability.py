"""How far a measure of an unchanged disc differs between two studies; docs/repeatability.md tells how that is known."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, sqrt

Z = 1.96
"""Of the normal distribution: what 95 % lie within."""


@dataclass(frozen=True)
class Repeatability:
    """The within-subject standard deviation of a measure, in its own unit, in two parts.

    in_patients: between two images of a patient of one day; how: they differ; discs: of how many patients.
    by_position: between two phantom studies of one spine that lies otherwise and has other noise. The first holds what
    another contrast or other slices do to an outline, the second what lying down anew does.
    """

    in_patients: float
    by_position: float
    how: str
    discs: int
    patients: int

    @property
    def error(self) -> float:
        """Standard error of one measurement. Both parts hold noise of the image, so it is rather too large."""
        return hypot(self.in_patients, self.by_position)

    @property
    def least_detectable(self) -> float:
        """1.96 sqrt(2) error: unchanged discs differ by more in 1 of 20 (Bland and Altman 1996, BMJ 313:744)."""
        return Z * sqrt(2.0) * self.error


_SIZES, _SIGNALS = ("T1 against T2, one slice", 680, 103), ("T2 against T2-SPACE, one slice", 49, 7)
_AREAS = ("T1 against T2, one slice", 695, 103)

# `python benchmarks/repeatability DATA` measures them
REPEATABILITY = {
    "height_mm": Repeatability(0.487, 0.146, *_SIZES),
    "height_anterior_mm": Repeatability(0.701, 0.202, *_SIZES),
    "height_middle_mm": Repeatability(0.632, 0.197, *_SIZES),
    "height_posterior_mm": Repeatability(0.554, 0.144, *_SIZES),
    "depth_mm": Repeatability(1.80, 0.492, *_SIZES),
    "disc_height_index": Repeatability(0.0235, 0.0083, *_SIZES),
    "area_mm2": Repeatability(17.3, 7.79, *_AREAS),
    "volume_mm3": Repeatability(573.0, 239.0, *_AREAS),  # in patients as the area, relative to its size
    "signal_ratio_csf": Repeatability(0.0523, 0.0193, *_SIGNALS),
    "nucleus_signal_ratio": Repeatability(0.0668, 0.00988, *_SIGNALS),
    "nucleus_annulus_contrast": Repeatability(0.159, 0.0459, "T2 against T2-SPACE, one slice", 51, 7),
}
