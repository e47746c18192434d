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


CONTRASTS, SLICES = "T1 against T2 on one slice", "every other slice of T2-SPACE"

# `python benchmarks/repeatability DATA` gives these rows
REPEATABILITY = {
    "height_mm": Repeatability(0.4, 0.3, CONTRASTS, 0, 0),
    "height_anterior_mm": Repeatability(0.4, 0.3, CONTRASTS, 0, 0),
    "height_middle_mm": Repeatability(0.4, 0.3, CONTRASTS, 0, 0),
    "height_posterior_mm": Repeatability(0.4, 0.3, CONTRASTS, 0, 0),
    "depth_mm": Repeatability(1, 0.5, CONTRASTS, 0, 0),
    "disc_height_index": Repeatability(0.02, 0.01, CONTRASTS, 0, 0),
    "area_mm2": Repeatability(20, 10, CONTRASTS, 0, 0),
    "volume_mm3": Repeatability(500, 300, CONTRASTS, 0, 0),
    "signal_ratio_csf": Repeatability(0.02, 0.02, CONTRASTS, 0, 0),
    "nucleus_signal_ratio": Repeatability(0.02, 0.02, CONTRASTS, 0, 0),
    "nucleus_annulus_contrast": Repeatability(0.02, 0.02, CONTRASTS, 0, 0),
}
