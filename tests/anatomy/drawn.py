"""A hand-drawn spine: boxes for discs and bodies, every size and place known."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

SPACING = (4.0, 1.0, 1.0)


@dataclass
class DrawnSpine:
    """Masks (slice, row, column) of 1 mm pixels and 4 mm slices.

    From the bottom: sacrum, then disc, body, disc, ... Each disc is 8 mm high, each body 24 mm, both 34 mm deep.
    """

    discs: int = 5
    slices: int = 7
    shape: tuple[int, int] = (260, 120)
    with_sacrum: bool = True
    lowest_speaks: bool = True
    skip: tuple[int, ...] = ()
    masks: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        size = (self.slices, *self.shape)
        self.masks = {name: np.zeros(size, dtype=bool) for name in ("discs", "bodies", "sacrum", "canal")}
        self.lowest = np.zeros(size, dtype=np.uint8)
        self.certainty = np.full(size, 230, dtype=np.uint8)
        foot = self.shape[0] - 30
        if self.with_sacrum:
            self.masks["sacrum"][1:-1, foot : foot + 26, 40:74] = True
        for count in range(1, self.discs + 1):
            rows = self.rows_of_disc(count)
            if count not in self.skip:
                self.masks["discs"][1:-1, rows, 40:74] = True
            self.masks["bodies"][1:-1, rows.start - 24 : rows.start, 40:74] = True
        if self.lowest_speaks:
            self.lowest[:, self.rows_of_disc(1)] = 240
        self.masks["canal"][2:-2, 5:-5, 78:90] = True

    def rows_of_disc(self, count: int) -> slice:
        """Rows of the ``count``-th disc from the bottom."""
        top = self.shape[0] - 30 - 8 - (count - 1) * 32
        return slice(top, top + 8)

    def centre_row(self, count: int) -> float:
        """Row of a disc's centre, mm."""
        return self.rows_of_disc(count).start + 3.5
