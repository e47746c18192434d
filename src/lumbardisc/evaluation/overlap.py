"""Overlap of two masks, of any equal shapes."""

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


def precision(predicted: Mask, truth: Mask) -> float:
    """|A and B| / |A|: how much of what was predicted is true; NaN where nothing was predicted."""
    found = int(predicted.sum())
    return int((predicted & truth).sum()) / found if found else float("nan")


def recall(predicted: Mask, truth: Mask) -> float:
    """|A and B| / |B|: how much of the truth was predicted; NaN where there is no truth."""
    return precision(truth, predicted)


def volume_ratio(predicted: Mask, truth: Mask) -> float:
    """|A| / |B|: above 1 too much was predicted, below 1 too little; NaN where there is no truth."""
    there = int(truth.sum())
    return int(predicted.sum()) / there if there else float("nan")
