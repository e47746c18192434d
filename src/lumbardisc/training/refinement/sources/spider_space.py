"""Central T2-SPACE slices of SPIDER as volumes, with the disc masks (1 = disc)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lumbardisc.conventions import to_ours
from lumbardisc.training.refinement.discs import OutlinedDiscs
from lumbardisc.training.sources.example import load_image, load_mask


def read(folder: Path) -> Iterator[OutlinedDiscs]:
    """Every volume with its discs, numbered from the lowest upward."""
    for path in sorted(folder.glob("*_mask.nii.gz")):
        case = path.name.removesuffix("_mask.nii.gz")
        image, spacing = load_image(folder / f"{case}.nii.gz")
        labels = to_ours(load_mask(path), "merged:1").astype(np.uint8)
        yield OutlinedDiscs("spider_space", case.split("_")[0], case, "t2_space", image, labels, spacing)
