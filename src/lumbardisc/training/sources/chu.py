"""Chu et al. 2015 (Zenodo 22304): T2 TSE volumes with vertebral bodies, 1 = L5 upward."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.training.partial import ANY, BODY, Allowed
from lumbardisc.training.sources.example import Example, load_image, load_mask
from lumbardisc.training.sources.regions import around_bodies

SPECK = 30
"""A label of fewer pixels on a slice is no body there."""


def read(folder: Path, source: str = "vertebrae_t2") -> Iterator[Example]:
    """Every case of the folder. On a slice without any labelled body there is none."""
    for path in sorted(folder.glob("*_vertebrae.nii.gz")):
        case = path.name.removesuffix("_vertebrae.nii.gz")
        image, spacing = load_image(folder / f"{case}.nii.gz")
        bodies = load_mask(path)
        allowed = np.stack([_allowed(slice_, spacing[1]) for slice_ in bodies])
        yield Example(source, case, case, image.astype(np.uint8), allowed, spacing)


def _allowed(labels: NDArray[Any], spacing: float) -> Allowed:
    counts = [int(label) for label in np.unique(labels) if label and (labels == label).sum() > SPECK]
    if not counts:
        return np.full(labels.shape, ANY & ~BODY, dtype=np.uint8)
    return around_bodies({count: labels == count for count in counts}, spacing)
