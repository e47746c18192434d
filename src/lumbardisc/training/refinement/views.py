"""How strongly crops of discs are varied."""

from __future__ import annotations

from dataclasses import dataclass, field

from lumbardisc.training.augment import Grey


@dataclass(frozen=True)
class DiscViews:
    """How strongly crops of discs are varied."""

    shift_mm: float = 2.5
    """Standard deviation of the disc's place, along rows and columns."""
    rotation_deg: float = 8.0
    """Standard deviation of its tilt."""
    scale: float = 0.2
    """Largest relative change of size, log-uniform."""
    stretch: float = 0.1
    """Largest relative change of one axis against the other."""
    apart: tuple[int, ...] = (0, 1, 1, 2)
    """How many slices away the neighbours are taken, each as likely; 0 shows the slice itself three times."""
    grey: Grey = field(default=Grey(blur=0.5, bias=0.6, remap=0.3, invert=0.0, gamma=0.6, noise=0.5))
    """How strongly grey values are varied."""
