"""Which true disc is called what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbardisc.levels import DISCS
from lumbardisc.scoring.cases import Row

NOT_FOUND = "not found"


@dataclass(frozen=True, eq=False)
class Naming:
    """counts: (true levels, called), called by the names of ``called``, the last of which is ``NOT_FOUND``."""

    levels: tuple[str, ...]
    called: tuple[str, ...]
    counts: NDArray[np.int_]

    @property
    def right(self) -> float:
        """Share of the true discs that are found and called so."""
        named = sum(int(self.counts[row, self.called.index(name)]) for row, name in enumerate(self.levels))
        return named / int(self.counts.sum())


def naming(rows: Sequence[Row]) -> Naming:
    """rows: discs. A disc is called as the predicted one that covers most of it."""
    levels = tuple(level for level in DISCS if any(row.level == level for row in rows))
    called = tuple(level for level in DISCS if level in levels or any(row.called == level for row in rows))
    counts = np.zeros((len(levels), len(called) + 1), dtype=int)
    for row in rows:
        counts[levels.index(row.level), called.index(row.called) if row.called else -1] += 1
    return Naming(levels, (*called, NOT_FOUND), counts)
