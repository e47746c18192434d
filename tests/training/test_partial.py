"""Bit masks of allowed classes, by hand."""

from __future__ import annotations

import numpy as np

from lumbardisc.training.partial import ANY, BACKGROUND, BODY, DISC, LOWEST, certain, from_prediction


def test_certain_is_exactly_one_class() -> None:
    allowed = np.array([[DISC, DISC | BODY, ANY, 0]], dtype=np.uint8)
    assert certain(allowed).tolist() == [[True, False, False, False]]


def test_prediction_only_decides_among_allowed_classes() -> None:
    probabilities = np.array([0.05, 0.6, 0.3, 0.05, 0.0, 0.0], dtype=np.float32)[:, None, None]
    assert from_prediction(np.full((1, 1), ANY, np.uint8), probabilities, 0.5) == DISC
    assert from_prediction(np.full((1, 1), LOWEST | BACKGROUND, np.uint8), probabilities, 0.8) == LOWEST
    assert from_prediction(np.full((1, 1), ANY, np.uint8), probabilities, 0.7) == ANY
