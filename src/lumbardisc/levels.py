"""The only table of level names, label numbers and colours.

Discs are counted upward from the sacrum: 1 = L5/S1, 2 = L4/L5, ... Bodies are 100 + the same count: 101 = L5,
102 = L4, ... The sacrum (S1) is 100 and the spinal canal 200.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SACRUM = 100
CANAL = 200
VERTEBRAE = ("L5", "L4", "L3", "L2", "L1", *(f"T{number}" for number in range(12, 0, -1)))
DISCS = tuple(f"{upper}/{lower}" for upper, lower in zip(VERTEBRAE, ("S1", *VERTEBRAE[:-1]), strict=True))


@dataclass(frozen=True)
class Label:
    """One row of the look-up table: the number in the label map, the name and an RGB colour (0-255)."""

    index: int
    name: str
    color: tuple[int, int, int]


_DISC_COLORS = (
    (230, 85, 60),
    (240, 165, 45),
    (245, 220, 75),
    (120, 195, 80),
    (60, 175, 165),
    (70, 130, 215),
    (145, 95, 205),
)
_BODY_COLORS = (
    (205, 160, 145),
    (215, 190, 150),
    (220, 212, 165),
    (175, 200, 160),
    (155, 195, 190),
    (160, 180, 210),
    (185, 170, 205),
)


def disc_name(count: int) -> str:
    """Name of the ``count``-th disc from the bottom (1 = L5/S1). Raises IndexError above T1/T2 or below 1."""
    if count < 1:
        raise IndexError(f"discs are counted from 1 = L5/S1, not {count}")
    return DISCS[count - 1]


def disc_label(name: str) -> int:
    """Label number of a disc by name (``"L5/S1"`` -> 1). Raises ValueError for an unknown name."""
    return DISCS.index(name) + 1


def body_name(count: int) -> str:
    """Name of the ``count``-th vertebral body above the sacrum (1 = L5)."""
    if count < 1:
        raise IndexError(f"bodies are counted from 1 = L5, not {count}")
    return VERTEBRAE[count - 1]


def body_label(name: str) -> int:
    """Label number of a vertebral body by name (``"L5"`` -> 101)."""
    return SACRUM + VERTEBRAE.index(name) + 1


def is_disc(label: int) -> bool:
    """Whether a label number is a disc's."""
    return 1 <= label <= len(DISCS)


def are_discs(labels: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Where an array of label numbers, of any shape, holds a disc's."""
    return (labels >= 1) & (labels <= len(DISCS))


def is_body(label: int) -> bool:
    """Whether a label number is a vertebral body's (the sacrum is not counted)."""
    return SACRUM < label <= SACRUM + len(VERTEBRAE)


def table() -> tuple[Label, ...]:
    """The whole look-up table, in order of label number."""
    discs = [Label(i + 1, name, _DISC_COLORS[i % 7]) for i, name in enumerate(DISCS)]
    bodies = [Label(SACRUM + i + 1, name, _BODY_COLORS[i % 7]) for i, name in enumerate(VERTEBRAE)]
    return (*discs, Label(SACRUM, "S1", (150, 120, 110)), *bodies, Label(CANAL, "spinal canal", (90, 170, 235)))
