"""How crops of discs are varied for training; apart from what does it, so that settings load without PyTorch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CropAugmentation:
    """How strongly crops are varied: standard deviations, and for ``mirror`` and ``blur`` probabilities per crop."""

    rotation: float = 0.1
    """Rotation, radian."""
    scale: float = 0.08
    """Logarithm of the size."""
    stretch: float = 0.04
    """Logarithm of the size of each axis by itself."""
    shift: float = 0.03
    """Shift along each axis, as a share of the crop's size."""
    mirror: float = 0.5
    """Upside down; the endplates change places."""
    gamma: float = 0.25
    """Logarithm of the power that grey values are raised to."""
    slope: float = 0.25
    """Change of brightness from the middle to an edge, as coils have it."""
    noise: float = 0.06
    """Largest noise, as a share of the grey scale."""
    blur: float = 0.25
    """Averaging over 3 x 3 pixels."""
