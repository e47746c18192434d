"""The tissues: relaxation times, proton density and fat, each row with its source; and mixtures of them.

T1 and T2 are given at (1.5 T, 3 T); T2*, T1rho and proton density for both. Times in ms, proton density relative to
water. "chosen" marks a value we set so that contrast looks as in clinical images, where no measurement is claimed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Tissue:
    """One pure tissue. ``fat``: its protons precess at the fat frequency. ``flowing``: spin echoes miss it."""

    name: str
    t1_ms: tuple[float, float]
    t2_ms: tuple[float, float]
    t2_star_ms: float
    t1rho_ms: float
    density: float
    source: str
    fat: bool = False
    flowing: bool = False

    def t1(self, field_t: float) -> float:
        """T1 in ms, at 1.5 T or 3 T, whichever is nearer."""
        return self.t1_ms[field_t > 2.2]

    def t2(self, field_t: float) -> float:
        """T2 in ms, at 1.5 T or 3 T, whichever is nearer."""
        return self.t2_ms[field_t > 2.2]


AIR = Tissue("air", (1000, 1000), (10, 10), 1, 10, 0.0, "no protons")
BONE = Tissue("cortical bone", (400, 400), (1, 1), 0.5, 1, 0.2, "chosen: T2 too short for the echo times used here")
LIGAMENT = Tissue("ligament", (800, 900), (12, 12), 6, 15, 0.6, "chosen: dense collagen, dark on every sequence")
FAT = Tissue("fat", (288, 371), (165, 133), 30, 110, 1.0, "Gold 2004 (T1, T2); T2*, T1rho chosen", fat=True)
RED_MARROW = Tissue("red marrow", (900, 1050), (50, 48), 8, 50, 0.75, "chosen so that 40 % fat gives de Bazelaire 2004")
YELLOW_MARROW = Tissue("yellow marrow", (288, 365), (165, 133), 12, 110, 1.0, "Gold 2004 (T1, T2)", fat=True)
MUSCLE = Tissue("muscle", (1130, 1420), (35, 32), 25, 38, 0.85, "Gold 2004 (T1, T2); the rest chosen")
CSF = Tissue("cerebrospinal fluid", (4200, 4163), (2000, 2000), 400, 1500, 1.0, "Lin 2001 (T1 at 3 T); T2 chosen")
CORD = Tissue("spinal cord", (745, 993), (74, 78), 45, 85, 0.75, "Stanisz 2005 (T1, T2); the rest chosen")
BLOOD = Tissue("flowing blood", (1441, 1932), (290, 275), 60, 150, 0.9, "Stanisz 2005 (T1, T2)", flowing=True)
VEIN = Tissue(
    "slow venous blood", (1441, 1932), (120, 90), 30, 100, 0.8, "Stanisz 2005 (T1); T2 of venous blood chosen"
)
KIDNEY = Tissue("kidney", (966, 1142), (87, 76), 45, 90, 0.85, "de Bazelaire 2004 (cortex)")
BOWEL = Tissue("bowel wall and content", (1000, 1200), (60, 55), 25, 70, 0.8, "chosen")
SKIN = Tissue("skin", (700, 850), (30, 28), 10, 35, 0.7, "chosen")
OEDEMA = Tissue("oedematous marrow", (1300, 1500), (95, 90), 25, 100, 0.9, "chosen: Modic type 1, long T1 and T2")
SCLEROSIS = Tissue("sclerotic bone", (700, 800), (15, 15), 4, 20, 0.3, "chosen: Modic type 3, dark on T1 and T2")

STEADY = (
    *(AIR, BONE, LIGAMENT, FAT, RED_MARROW, YELLOW_MARROW, MUSCLE, CSF, CORD, BLOOD, VEIN),
    *(KIDNEY, BOWEL, SKIN, OEDEMA, SCLEROSIS),
)

Mixture = Mapping[Tissue, float]


def mix(first: Mixture | Tissue, second: Mixture | Tissue, part: float) -> Mixture:
    """``1 - part`` of the first and ``part`` of the second."""
    total: dict[Tissue, float] = {}
    for mixture, weight in ((first, 1.0 - part), (second, part)):
        for tissue, share in ({mixture: 1.0} if isinstance(mixture, Tissue) else mixture).items():
            total[tissue] = total.get(tissue, 0.0) + weight * share
    return total


@dataclass(frozen=True)
class Ramp:
    """Consecutive rows of a palette that lead from one mixture to another."""

    first: int
    steps: int

    def rows(self, part: ArrayLike) -> NDArray[np.uint8]:
        """Palette rows at ``part`` of the way (clipped to 0-1), the shape of ``part``."""
        rows: NDArray[np.uint8] = (np.clip(part, 0.0, 1.0) * (self.steps - 1) + (self.first + 0.5)).astype(np.uint8)
        return rows


@dataclass
class Palette:
    """All mixtures that occur in one phantom, at most 256, so that a rendered point is one byte."""

    mixtures: list[Mixture] = field(default_factory=list)

    def add(self, mixture: Mixture | Tissue) -> int:
        """Append one row and return its number."""
        self.mixtures.append({mixture: 1.0} if isinstance(mixture, Tissue) else mixture)
        if len(self.mixtures) > 256:
            raise ValueError("a palette has at most 256 rows; use ramps with fewer steps")
        return len(self.mixtures) - 1

    def ramp(self, stops: Sequence[tuple[float, Mixture | Tissue]], steps: int) -> Ramp:
        """Append evenly spaced rows through ``stops``: (position from 0 to 1, mixture), in order."""
        rows = [self.add(_between(stops, step / (steps - 1))) for step in range(steps)]
        return Ramp(rows[0], steps)


def _between(stops: Sequence[tuple[float, Mixture | Tissue]], position: float) -> Mixture:
    """The mixture at one position of a list of stops."""
    last = next(i for i in range(1, len(stops)) if position <= stops[i][0] + 1e-9)
    (start, first), (end, second) = stops[last - 1 : last + 1]
    return mix(first, second, (position - start) / (end - start))
