"""How strongly the detector's training slices are varied."""

from __future__ import annotations

from dataclasses import dataclass, field

from lumbardisc.training.augment import Grey


@dataclass(frozen=True)
class Views:
    """How strongly slices are varied; 0 turns a variation off."""

    rotation_deg: float = 10.0
    """Largest angle either way."""
    scale: float = 0.3
    """Largest relative change of size, log-uniform."""
    stretch: float = 0.1
    """Largest relative change of one in-plane axis against the other."""
    shift: float = 0.12
    """Largest shift, as a share of the side."""
    grey: Grey = field(default=Grey(remap=0.15))
    """Contrast, coil fall-off, blur and noise."""
