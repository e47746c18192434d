"""Slices with outlined discs: a folder of images and masks, or a data set of ``SOURCES`` that outlines discs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lumbardisc import io
from lumbardisc.errors import InputError, UsageError
from lumbardisc.io.images import suffix_of
from lumbardisc.levels import DISCS
from lumbardisc.training.grades import cells
from lumbardisc.training.sources.example import load_mask

MASK = "_mask"
DISC_LABELS = {"spider_space": (1,)}
"""Data sets whose masks hold other structures too, and their labels of discs; all others have those of ``levels``."""
UNKNOWN_PIXEL = (1.0, 1.0, 1.0)
"""For pictures, which carry no voxel size: only proportions matter here, and their pixels are taken as square."""


@dataclass(frozen=True, eq=False)
class MaskedSlices:
    """Sagittal slices of one case. image, mask: (slice, row, column); pixel: (row, column) mm."""

    source: str
    patient: str
    case: str
    image: NDArray[np.generic]
    mask: NDArray[np.bool_]
    pixel: tuple[float, float]

    def central(self, count: int) -> list[int]:
        """Indices of up to ``count`` slices, evenly spread over the middle half of the stack; one gives the middle."""
        number = len(self.image)
        return sorted({int(k) for k in np.linspace(number / 4, 3 * number / 4, 2 * count + 1)[1::2]})


def read_masks(source: str, folder: Path, patients: Collection[str] = ()) -> list[MaskedSlices]:
    """All cases of a folder of CASE and CASE_mask files, in the order of their names.

    Of a mask, 1 and the other disc labels of ``levels`` are disc, so that the label maps of `analyze` will do as they
    are; of a data set in ``DISC_LABELS`` those that stand there. A case is called PATIENT or PATIENT_ANYTHING: one of
    ``patients``, those that have grades, where its name begins so, else what stands before the first underscore.
    Raises InputError, and UsageError where none is found.
    """
    if not folder.is_dir():
        raise UsageError(f"masks.{source}: {folder} is no folder; give one with CASE and CASE{MASK} image files")
    cases = list(_folder(source, folder, patients))
    if not cases:
        raise UsageError(f"masks.{source}: no file called CASE{MASK} in {folder}")
    return cases


def _folder(source: str, folder: Path, patients: Collection[str]) -> Iterator[MaskedSlices]:
    files = {path.name[: -len(suffix)]: path for path in sorted(folder.iterdir()) if (suffix := suffix_of(path.name))}
    for name, path in files.items():
        case = name.removesuffix(MASK)
        if name == case:
            continue
        if case not in files:
            raise InputError(f"{path}: there is no image {case} beside it; name an image CASE and its mask CASE{MASK}")
        yield _read(source, owner(case, patients), case, files[case], path)


def owner(case: str, patients: Collection[str]) -> str:
    """Whose a case is; names are compared as the tables of grades do."""
    parts = case.split("_")
    names = [cells.patient("_".join(parts[:count])) for count in range(len(parts), 0, -1)]
    return next((name for name in names if name in patients), names[-1])


def _read(source: str, patient: str, case: str, image_path: Path, mask_path: Path) -> MaskedSlices:
    spacing = UNKNOWN_PIXEL if image_path.suffix.lower() in (".png", ".tif", ".tiff") else None
    volume = io.find([image_path], spacing=spacing)[0].load().volume.sagittal()
    labels = load_mask(mask_path)
    if labels.shape != volume.array.shape:
        raise InputError(f"{mask_path}: is {labels.shape}, its image {volume.array.shape}; both need the same grid")
    mask = np.isin(labels, DISC_LABELS.get(source, range(1, len(DISCS) + 1)))
    return MaskedSlices(source, patient, case, volume.array, mask, volume.spacing[1:])
