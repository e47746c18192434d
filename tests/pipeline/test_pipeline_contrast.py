"""The weighting told from the image: fluid against marrow."""

from __future__ import annotations

import numpy as np
import pytest

from lumbardisc.levels import CANAL, SACRUM, body_label
from lumbardisc.pipeline.contrast import contrast_from_image

LABELS = np.zeros((1, 4, 6), dtype=np.int16)
LABELS[..., :2], LABELS[..., 2], LABELS[..., 3] = body_label("L5"), 1, CANAL
LABELS[..., 4] = SACRUM
BODIES = np.isin(LABELS, body_label("L5"))


def image(marrow: float, fluid: float) -> np.ndarray:
    """What is neither marrow of a body nor canal would speak for the opposite."""
    drawn = np.full(LABELS.shape, 5000.0 if fluid < marrow else 0.0)
    drawn[BODIES], drawn[LABELS == CANAL] = marrow, fluid
    return drawn


@pytest.mark.parametrize(
    ("marrow", "fluid", "expected"),
    [(100, 126, "t2"), (100, 900, "t2"), (0, 50, "t2"), (100, 84, "t1"), (100, 0, "t1"), (100, 100, None)],
)
def test_fluid_against_marrow(marrow: float, fluid: float, expected: str | None) -> None:
    assert contrast_from_image(image(marrow, fluid), LABELS) == expected
    assert contrast_from_image(image(marrow, fluid).astype(np.uint16), LABELS) == expected


def test_the_dark_cauda_equina_does_not_hide_the_fluid() -> None:
    drawn = image(100, 400)
    drawn[0, :2, 3] = 20  # half of the canal
    assert contrast_from_image(drawn, LABELS) == "t2"


@pytest.mark.parametrize("missing", [CANAL, body_label("L5")])
def test_without_both_there_is_no_guess(missing: int) -> None:
    assert contrast_from_image(image(100, 900), np.where(np.isin(LABELS, missing), 0, LABELS)) is None
