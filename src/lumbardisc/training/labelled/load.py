"""A case read: image and labels on one grid, in our numbers, with what is odd about them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lumbardisc import io
from lumbardisc.errors import GeometryError, InputError
from lumbardisc.io.grid import ASSUMED_THICKNESS_MM, SPACING_RANGE_MM, working_affine
from lumbardisc.io.scan import Scan
from lumbardisc.io.segments import SUFFIX, load_segments
from lumbardisc.training.detection import labelimg
from lumbardisc.training.grades.words import some
from lumbardisc.training.labelled.case import Case, Labelled
from lumbardisc.training.labelled.files import stem
from lumbardisc.training.labelled.find import Found
from lumbardisc.training.labelled.grid import mirrored, on_grid
from lumbardisc.training.labelled.meaning import Meant, by_convention, by_names, guessed
from lumbardisc.training.labelled.oddities import oddities
from lumbardisc.training.labelled.structures import code_of
from lumbardisc.training.labelled.tables import json_of
from lumbardisc.volume import LabelMap, Volume

Spacing = tuple[float, float, float]
SIDECAR = "spacing.json"
"""Voxel sizes of a folder of TIFF stacks: ``{"spacing_mm": [slice, row, column]}``; of one stack: ``NAME.json``."""


@dataclass(frozen=True)
class Reader:
    """Reads the cases of one folder. convention: of numbers that come without names. spacing: for TIFF and PNG, mm."""

    convention: str | None = None
    spacing: Spacing | None = None

    @classmethod
    def of(cls, found: Found, convention: str | None = None, spacing: Spacing | None = None) -> Reader:
        """The reader for a folder; where nothing tells the convention it is guessed from all its label maps together.

        Raises InputError where it cannot be guessed, UsageError for an unknown one.
        """
        mute = [case.labels for case in found.cases if case.labels and _is_mute(case)]
        if convention is None and mute:
            convention = guessed({value for path in mute for value in _values(path)}, str(found.folder))
        return cls(convention, spacing)

    def read(self, case: Case) -> Labelled:
        """Raises InputError with one line for what cannot be learnt from."""
        if case.image is None:
            raise InputError(f"{case.labels}: there is no image for these labels; put it where its name fits")
        if case.labels is None:
            raise InputError(f"{case.image}: there are no labels for this image; add them, or take the image away")
        if case.labels.suffix.lower() in labelimg.FORMATS:
            return _boxed(case, case.image, case.labels)
        scan = _scan(case.image, self.spacing or _sidecar(case.image))
        volume = scan.volume.sagittal()
        meant = self._meant(case, case.labels, scan)
        if not meant.labels.any():
            told = f"nothing that is known among {some(meant.unknown)}" if meant.unknown else "no labelled voxel"
            raise InputError(f"{case.labels}: holds {told}; label discs, vertebrae, sacrum or canal by name or number")
        unknown = (f"unknown labels, left out: {some(meant.unknown)}",) if meant.unknown else ()
        warnings = (*scan.warnings, *unknown, *oddities(volume, meant.labels))
        return Labelled(case, volume, meant.labels, meant.whole, {}, _digest(volume), warnings)

    def _meant(self, case: Case, path: Path, scan: Scan) -> Meant:
        """The labels of a case on its image's grid, in our numbers."""
        if path.name.lower().endswith(SUFFIX):
            labels, names = _segments(path)
            return by_names(_gridded(labels, scan, path, case, part=True), names)
        array = _gridded(io.load_labels(path), scan, path, case, part=False)
        if self.convention is None and case.names is not None:
            return by_names(array, case.names)
        convention = self.convention or case.convention
        assert convention is not None
        return by_convention(array, convention)


def _is_mute(case: Case) -> bool:
    """Whether nothing but the numbers of a label map tells what they mean."""
    named = case.names is not None or case.convention is not None
    boxes = case.labels is not None and case.labels.suffix.lower() in labelimg.FORMATS
    return not named and not boxes and not str(case.labels).lower().endswith(SUFFIX)


def _values(path: Path) -> set[int]:
    """The numbers of a label map; none of one that cannot be read, which is told when its case is."""
    try:
        return set(io.load_labels(path).present)
    except InputError:
        return set()


def _scan(path: Path, spacing: Spacing | None) -> Scan:
    sources = io.find([path], spacing=spacing)
    if len(sources) > 1:
        raise InputError(f"{path}: holds {len(sources)} studies; keep one")
    return sources[0].load()


def _sidecar(image: Path) -> Spacing | None:
    for path in (image.with_name(f"{stem(image)}.json"), image.with_name(SIDECAR)):
        sizes = json_of(path).get("spacing_mm") if path.is_file() else None
        if sizes is not None:
            return _spacing(sizes, path)
    return None


def _spacing(sizes: object, path: Path) -> Spacing:
    try:
        slice_mm, row_mm, column_mm = map(float, sizes)  # type: ignore[call-overload]
        if not all(SPACING_RANGE_MM[0] <= size <= SPACING_RANGE_MM[1] for size in (slice_mm, row_mm, column_mm)):
            raise ValueError
    except (TypeError, ValueError):
        raise InputError(
            f"{path}: spacing_mm needs three sizes in mm, like [4.0, 0.6, 0.6] (slice, row, column)"
        ) from None
    return slice_mm, row_mm, column_mm


def _gridded(labels: LabelMap, scan: Scan, path: Path, case: Case, *, part: bool) -> NDArray[np.int32]:
    """In the working order, on the image's grid. part: whether they may cover a part of it, as Slicer cuts them."""
    assert case.image is not None
    if not scan.placed:
        labels = LabelMap(labels.array, scan.volume.affine)
    elif axes := mirrored(labels, scan.volume):
        raise InputError(
            f"{path}: runs the other way {' and '.join(axes)} than its image {case.image.name}, by their headers; "
            "copy the image's header, then look at both together"
        )
    return on_grid(labels.sagittal(), scan.volume.sagittal(), path, case.image, part=part)


def _segments(path: Path) -> tuple[LabelMap, Mapping[int, str]]:
    """Raises InputError where two known segments overlap: which of them a voxel is of would be chance."""
    segments = load_segments(path)
    for one, other, voxels in segments.overlaps:
        if code_of(one) != code_of(other) and None not in (code_of(one), code_of(other)):
            raise InputError(
                f"{path}: segments '{one}' and '{other}' overlap in {voxels} voxels; "
                "in Slicer's Segment Editor, Masking, let one overwrite the other"
            )
    return segments.labels, segments.names


def _boxed(case: Case, image: Path, labels: Path) -> Labelled:
    """LabelImg's boxes on the middle slice."""
    slice_ = labelimg.read_slice(case.name, image, labels)
    try:
        volume = Volume(slice_.image[None], working_affine((ASSUMED_THICKNESS_MM, *slice_.pixel)))
    except GeometryError as error:
        raise InputError(f"{image}: {error}") from None
    nothing = np.zeros(volume.shape, dtype=np.int32)
    return Labelled(case, volume, nothing, whole=False, boxes=slice_.boxes, digest=_digest(volume), warnings=())


def _digest(volume: Volume) -> str:
    array = np.ascontiguousarray(volume.array)
    return hashlib.sha256(f"{array.shape}".encode() + array.astype(np.float32).tobytes()).hexdigest()
