"""Overlap of two masks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def dice(predicted: Mask, truth: Mask) -> float:
    """2 |A and B| / (|A| + |B|) (Dice 1945), any equal shapes; NaN where both are empty."""
    total = int(predicted.sum()) + int(truth.sum())
    return 2.0 * int((predicted & truth).sum()) / total if total else float("nan")


def iou(predicted: Mask, truth: Mask) -> float:
    """|A and B| / |A or B| (Jaccard 1912), any equal shapes; NaN where both are empty."""
    union = int((predicted | truth).sum())
    return int((predicted & truth).sum()) / union if union else float("nan")
