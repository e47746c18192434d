"""What degeneration does to a disc: what is typical of each Pfirrmann grade, and how single discs differ from it.

Nucleus T2 of grades I-IV: mean values of 494 discs in an ECR poster (210, 129, 84, 51 ms), close to Marinelli 2010
(108 ms for grade II, 53 ms for grade IV). Annulus T2: the anterior values of the same poster. Heights follow
Pfirrmann 2001 (normal in I and II, collapsed in V) and Salamat 2016 (only grade V is clearly lower). Proteoglycan
content, values of grade V and all T1 and densities are chosen to go on in the same direction.

A disc's wear is continuous and its grade is the nearest whole number, as a reader rounds what he sees. Tissue follows
the wear; shape follows the grade. Nucleus T1rho rises linearly with proteoglycan (Johannessen 2006; r = 0.85 in
Mulligan 2015), placed so that grades fall into the phases of Li 2024 (> 110 ms before, 80-110 ms during, < 80 ms after
rapid degeneration). How much discs of the same wear differ is set so that correlations come near those of the
literature; docs/phantom-t1rho.md has both, measured.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lumbardisc.phantom.tissue import Tissue

_SOURCE = "see the first lines of degeneration.py"
_T1RHO_BASE_MS, _T1RHO_SLOPE_MS = 32.0, 128.0  # T1rho without proteoglycan, and what a healthy nucleus has besides
# how much discs of the same wear differ: relative standard deviations, cut off at two of them
_PROTEOGLYCAN, _MATRIX, _UNSEEN = 0.17, 0.21, 0.05
_T2_SHARE, _T2_OWN = 0.3, 0.04  # T2 follows what moves T1rho in this part, and has scatter of its own
_T1_SHARE, _T1_OWN = 0.37, 0.03


@dataclass(frozen=True)
class Degeneration:
    """What is typical of one grade, or true of one disc.

    height: share of the healthy height that is left. border: width of the nucleus border, relative to the nucleus
    (larger is blurrier). cleft: darkness of the horizontal band. uneven: signal inhomogeneity of the nucleus.
    bulge_mm, osteophyte_mm: beyond the endplates' rims. modic_chance: of changes in the marrow beside the disc.
    proteoglycan: content of the nucleus, 1 for a healthy young one. nucleus_t1_ms: at 1.5 T.
    """

    grade: int
    height: float
    border: float
    cleft: float
    uneven: float
    bulge_mm: float
    osteophyte_mm: float
    modic_chance: float
    proteoglycan: float
    nucleus_t1_ms: float
    nucleus_t2_ms: float
    nucleus_t1rho_ms: float
    nucleus_density: float
    annulus_t2_ms: float

    @property
    def wedge(self) -> float:
        """Share of the healthy angle between the endplates that is left; it outlasts the height."""
        return float(self.height**0.5)

    @property
    def nucleus(self) -> Tissue:
        """The nucleus as a tissue; T1 shortens as water is lost."""
        t1, t2 = self.nucleus_t1_ms, self.nucleus_t2_ms
        times = (t1, 1.15 * t1), (t2, t2), 0.65 * t2
        return Tissue(f"nucleus, grade {self.grade}", *times, self.nucleus_t1rho_ms, self.nucleus_density, _SOURCE)

    @property
    def annulus(self) -> Tissue:
        """The inner annulus as a tissue."""
        t2, t1rho = self.annulus_t2_ms, self.annulus_t2_ms + 12.0
        return Tissue(f"annulus, grade {self.grade}", (850, 980), (t2, t2), 0.6 * t2, t1rho, 0.7, _SOURCE)


def t1rho_of(proteoglycan: float) -> float:
    """Typical T1rho (ms) of a nucleus with this relative content of proteoglycan."""
    return _T1RHO_BASE_MS + _T1RHO_SLOPE_MS * proteoglycan


def _typical(
    grade: int,
    height: float,
    border: float,
    cleft: float,
    uneven: float,
    shape: tuple[float, float, float],
    proteoglycan: float,
    t2_ms: float,
    density: float,
    annulus_t2_ms: float,
) -> Degeneration:
    """One grade; T1 and T1rho of the nucleus follow from its T2 and proteoglycan."""
    times = 900.0 + 2.6 * t2_ms, t2_ms, t1rho_of(proteoglycan)
    return Degeneration(grade, height, border, cleft, uneven, *shape, proteoglycan, *times, density, annulus_t2_ms)


GRADES = {
    row.grade: row
    for row in (
        _typical(1, 1.00, 0.18, 0.00, 0.02, (0.4, 0.0, 0.00), 1.02, 210.0, 0.97, 54.0),
        _typical(2, 0.97, 0.28, 0.45, 0.08, (0.7, 0.0, 0.00), 0.84, 129.0, 0.93, 50.0),
        _typical(3, 0.91, 0.55, 0.30, 0.14, (1.2, 0.5, 0.10), 0.58, 84.0, 0.86, 45.0),
        _typical(4, 0.78, 0.90, 0.10, 0.18, (1.9, 1.4, 0.35), 0.34, 51.0, 0.76, 37.0),
        _typical(5, 0.48, 1.20, 0.00, 0.20, (2.4, 2.6, 0.65), 0.24, 40.0, 0.66, 34.0),
    )
}
_FOLLOW_WEAR = (
    *("border", "cleft", "uneven", "proteoglycan", "nucleus_t1_ms", "nucleus_t2_ms", "nucleus_density"),
    "annulus_t2_ms",
)


def grade_of(wear: float) -> int:
    """The Pfirrmann grade of a wear: the nearest whole number from 1 to 5."""
    return int(np.clip(np.rint(wear), 1, 5))


def draw_degeneration(wear: float, rng: np.random.Generator) -> Degeneration:
    """One disc of this wear (0.5 to 5.5, whole numbers typical of the grades), different from others of the same wear.

    Less proteoglycan or a poorer matrix (collagen, bound water) shortens T1rho most, T1 and T2 less; the rest is each
    time's own.
    """
    typical = GRADES[grade_of(wear)]
    between = {name: _at(wear, name) for name in _FOLLOW_WEAR}
    proteoglycan, matrix, unseen, own_t1, own_t2 = np.clip(rng.standard_normal(5), -2.0, 2.0)
    more, state = _PROTEOGLYCAN * proteoglycan, _PROTEOGLYCAN * proteoglycan + _MATRIX * matrix
    t1rho = t1rho_of(between["proteoglycan"] * (1.0 + state)) * (1.0 + _UNSEEN * unseen)
    between["proteoglycan"] *= 1.0 + more
    between["nucleus_t1_ms"] *= 1.0 + _T1_SHARE * state + _T1_OWN * own_t1
    between["nucleus_t2_ms"] *= 1.0 + _T2_SHARE * state + _T2_OWN * own_t2
    drawn: dict[str, Any] = {name: float(value) for name, value in between.items()}
    return replace(typical, nucleus_t1rho_ms=float(t1rho), **drawn)


def _at(wear: float, name: str) -> float:
    """A typical value between the grades, as far up or down as grades go."""
    return float(np.interp(wear, list(GRADES), [getattr(row, name) for row in GRADES.values()]))
