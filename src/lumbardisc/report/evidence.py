"""What a grader saw of a disc and what moved its grade, as pictures."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

HIGHER, LOWER = (255, 140, 0), (45, 125, 255)  # orange and blue stay apart for colour-blind eyes
STRONGEST = 0.7  # opacity of the strongest evidence
_LEAST = 1e-6


def full_scale(maps: Iterable[NDArray[np.float32]]) -> float:
    """The strength of evidence that is drawn strongest, one for all discs of a study, so that their maps compare."""
    return max((float(np.percentile(np.abs(one), 99)) for one in maps), default=0.0) or _LEAST


def crop_png(crop: NDArray[np.float32]) -> bytes:
    """Grey values 0-1 as a grey PNG."""
    return _png(np.rint(np.clip(np.nan_to_num(crop), 0.0, 1.0) * 255).astype(np.uint8))


def evidence_png(evidence: NDArray[np.float32], scale: float) -> bytes:
    """A clear PNG to lie over the crop: orange speaks for a higher grade, blue for a lower one, strength is opacity."""
    strength = np.clip(np.nan_to_num(evidence) / scale, -1.0, 1.0)
    picture = np.empty((*evidence.shape, 4), dtype=np.uint8)
    picture[..., :3] = np.where(strength[..., None] > 0, HIGHER, LOWER)
    picture[..., 3] = np.rint(np.abs(strength) * STRONGEST * 255)
    return _png(picture)


def _png(pixels: NDArray[Any]) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format="png", compress_level=9)
    return out.getvalue()
