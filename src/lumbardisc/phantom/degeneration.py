"""What each Pfirrmann grade does to a disc: height, bulge, signal of nucleus and annulus, the border between them.

Nucleus T2 of grades I-IV: mean values of 494 discs in an ECR poster (210, 129, 84, 51 ms), close to Marinelli 2010
(108 ms for grade II, 53 ms for grade IV). Annulus T2: the anterior values of the same poster. Nucleus T1rho: chosen
inside the phases of Li 2024 (> 110 ms before, 80-110 ms during, < 80 ms after rapid degeneration). Heights follow
Pfirrmann 2001 (normal in I and II, collapsed in V) and Salamat 2016 (only grade V is clearly lower). Values of grade V
and all T1 and densities are chosen to go on in the same direction.
"""

from __future__ import annotations

from dataclasses import dataclass

from lumbardisc.phantom.tissue import Tissue

_SOURCE = "see the first lines of degeneration.py"


@dataclass(frozen=True)
class Degeneration:
    """One grade.

    height: share of the healthy height that is left. border: width of the nucleus border, relative to the nucleus
    (larger is blurrier). cleft: darkness of the horizontal band. uneven: signal inhomogeneity of the nucleus.
    bulge_mm, osteophyte_mm: beyond the endplates' rims. modic_chance: of changes in the marrow beside the disc.
    """

    grade: int
    height: float
    border: float
    cleft: float
    uneven: float
    bulge_mm: float
    osteophyte_mm: float
    modic_chance: float
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
        t1 = 900.0 + 2.6 * self.nucleus_t2_ms
        times = (t1, 1.15 * t1), (self.nucleus_t2_ms, self.nucleus_t2_ms), 0.65 * self.nucleus_t2_ms
        return Tissue(f"nucleus, grade {self.grade}", *times, self.nucleus_t1rho_ms, self.nucleus_density, _SOURCE)

    @property
    def annulus(self) -> Tissue:
        """The inner annulus as a tissue."""
        t2, t1rho = self.annulus_t2_ms, self.annulus_t2_ms + 12.0
        return Tissue(f"annulus, grade {self.grade}", (850, 980), (t2, t2), 0.6 * t2, t1rho, 0.7, _SOURCE)


GRADES = {
    row.grade: row
    for row in (
        Degeneration(1, 1.00, 0.18, 0.00, 0.02, 0.4, 0.0, 0.00, 210.0, 150.0, 0.97, 54.0),
        Degeneration(2, 0.97, 0.28, 0.45, 0.08, 0.7, 0.0, 0.00, 129.0, 125.0, 0.93, 50.0),
        Degeneration(3, 0.91, 0.55, 0.30, 0.14, 1.2, 0.5, 0.10, 84.0, 96.0, 0.86, 45.0),
        Degeneration(4, 0.78, 0.90, 0.10, 0.18, 1.9, 1.4, 0.35, 51.0, 70.0, 0.76, 37.0),
        Degeneration(5, 0.48, 1.20, 0.00, 0.20, 2.4, 2.6, 0.65, 40.0, 58.0, 0.66, 34.0),
    )
}
