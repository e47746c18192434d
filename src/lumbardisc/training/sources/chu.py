"""Chu et al. 2015 (Zenodo 22304): T2 TSE volumes with vertebral bodies, 1 = L5 upward."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.training.partial import Allowed
from lumbardisc.training.sources.example import Example, load_image, load_mask
from lumbardisc.training.sources.regions import around_bodies

MINIMUM_BODIES = 3


def read(folder: Path, source: str = "vertebrae_t2") -> Iterator[Example]:
    """Every case of the folder; slices that show fewer than three bodies are left out."""
    for path in sorted(folder.glob("*_vertebrae.nii.gz")):
        case = path.name.removesuffix("_vertebrae.nii.gz")
        image, spacing = load_image(folder / f"{case}.nii.gz")
        bodies = load_mask(path)
        shown = [k for k in range(len(bodies)) if _present(bodies[k]) >= MINIMUM_BODIES]
        allowed = np.stack([_allowed(bodies[k], spacing[1]) for k in shown])
        yield Example(source, case, case, image[shown].astype(np.uint8), allowed, spacing)


def _present(labels: NDArray[Any]) -> int:
    return sum(1 for label in np.unique(labels) if label and (labels == label).sum() > 150)


def _allowed(labels: NDArray[Any], spacing: float) -> Allowed:
    counts = [int(label) for label in np.unique(labels) if label and (labels == label).sum() > 30]
    return around_bodies({count: labels == count for count in counts}, spacing)
