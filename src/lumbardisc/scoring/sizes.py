"""Predicted and true sizes of discs side by side: Bland-Altman, concordance, ICC."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lumbardisc.evaluation.agreement.compare import Finding, SideBySide, compare
from lumbardisc.evaluation.segmentation.structures import SIZES
from lumbardisc.scoring.cases import Row

SIDES = ("predicted", "true")
FEWEST = 3
"""Discs that both sides measure, below which nothing is said of their agreement."""


def sizes(rows: Sequence[Row]) -> dict[SideBySide, tuple[Finding, ...]]:
    """Volume and height of the discs that both sides have; missed ones have no size to compare."""
    patients = np.array([row.patient for row in rows])
    sides = [
        SideBySide(
            name,
            "continuous",
            SIDES,
            patients,
            np.array([(r.scored.predicted[name], r.scored.true[name]) for r in rows]),
        )
        for name in SIZES
    ]
    return {side: tuple(compare(side)) for side in sides if len(side.read_by((0, 1))[0]) >= FEWEST}
