"""Numbers as text: sensible digits by unit, nothing at all for what is undefined."""

from __future__ import annotations

import math

import numpy as np

from lumbardisc.pipeline.study import Value

# decimals by the unit a column's name ends in: finer than the error of any MR measurement, and no finer
_DECIMALS = {"mm": 2, "mm2": 1, "mm3": 1, "deg": 2, "ms": 2}


def decimals(column: str) -> int:
    """How many decimals a column is written with; ratios, indices and probabilities have three."""
    return _DECIMALS.get(column.rpartition("_")[2], 3)


def text(column: str, value: Value | None, fewer: int = 0) -> str:
    """A value as text: ``""`` where undefined, ``true``/``false``, floats rounded (``fewer`` decimals less)."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, float):
        return "" if value is None else str(value)
    places = max(decimals(column) - fewer, 0)
    # adding zero turns -0.0 into 0.0
    return f"{round(value, places) + 0.0:.{places}f}" if math.isfinite(value) else ""
