"""Images with label maps of their discs, as `lumbardisc data phantom` writes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lumbardisc import io
from lumbardisc.errors import InputError
from lumbardisc.levels import is_disc
from lumbardisc.training.detection.boxes import Box
from lumbardisc.training.detection.sources.case import BoxedCase, box_of


def read(folder: Path) -> Iterator[BoxedCase]:
    """``CASE.nii.gz`` with ``truth/CASE.nii.gz`` on the same grid (1 = L5/S1, upward); the patient is what stands
    before the first underscore. Raises InputError."""
    paths = sorted((folder / "truth").glob("*.nii.gz"))
    if not paths:
        raise InputError(f"{folder}: holds no label map truth/CASE.nii.gz; make some with `lumbardisc data phantom`")
    for path in paths:
        case = path.name.removesuffix(".nii.gz")
        scan = io.find([folder / path.name])[0].load()
        volume, labels = scan.volume.sagittal(), io.load_labels(path).sagittal().array
        if labels.shape != volume.array.shape:
            raise InputError(f"{path}: has {labels.shape} voxels, its image {volume.array.shape}; write it again")
        contrast = scan.contrast or next((name for name in io.CONTRASTS if case.endswith(f"_{name}")), None)
        boxes = {index: _boxes(section) for index, section in enumerate(labels)}
        yield BoxedCase(
            "masks", case.split("_")[0], case, contrast, volume.array, volume.spacing, boxes, whole=True, certain=True
        )


def _boxes(section: np.ndarray) -> dict[int, Box]:
    return {int(label): box_of(section == label) for label in np.unique(section) if is_disc(int(label))}
