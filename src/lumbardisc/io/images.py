"""Image files by suffix: one row per format turns bytes into a Scan or a LabelMap."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from lumbardisc.errors import InputError, UnreadableError
from lumbardisc.io.blobs import Blob
from lumbardisc.io.grid import Image, Spacing, to_volume, working_affine
from lumbardisc.io.lines import reason
from lumbardisc.io.metaimage import read_metaimage
from lumbardisc.io.nifti import read_nifti, read_nifti_volumes
from lumbardisc.io.nrrd import read_nrrd
from lumbardisc.io.quiet import quiet
from lumbardisc.io.raster import read_png, read_tiff
from lumbardisc.io.scan import Scan
from lumbardisc.volume import LabelMap

T = TypeVar("T")


@dataclass(frozen=True)
class Format:
    """How files of one suffix are read. placed: whether they carry a voxel size. header: whether they may be text that
    names the files with the voxels.

    read: gets the bytes of a blob; whatever it raises beside InputError is told as damage of the file.
    """

    read: Callable[[Blob, bytes], Image]
    placed: bool = True
    header: bool = False


FORMATS = {
    ".nii": Format(read_nifti),
    ".nii.gz": Format(read_nifti),
    ".mha": Format(read_metaimage),
    ".mhd": Format(read_metaimage, header=True),
    ".nrrd": Format(read_nrrd),
    ".nhdr": Format(read_nrrd, header=True),
    ".png": Format(read_png, placed=False),
    ".tif": Format(read_tiff, placed=False),
    ".tiff": Format(read_tiff, placed=False),
}


def suffix_of(name: str) -> str | None:
    """The suffix of ``FORMATS`` that a file name ends with, None if it has none of them."""
    fitting = [suffix for suffix in FORMATS if name.lower().endswith(suffix)]
    return max(fitting, key=len, default=None)


def parts(blob: Blob) -> tuple[Blob, ...]:
    """All files that an image file is read from: itself, and those beside it whose names its header holds."""
    if blob.member or not _format(blob).header:
        return (blob,)
    try:
        header = blob.path.read_bytes()
        named = [path for path in sorted(blob.path.parent.iterdir()) if path.name.encode() in header and path.is_file()]
    except OSError:  # told when it is read
        named = []
    return (blob, *map(Blob, named))


def load_image(blob: Blob, spacing: Spacing | None, contrast: str | None) -> Scan:
    """Reads one image file. spacing: (slice, row, column) in mm, for formats without one, or in place of the file's.

    Raises InputError with one clear line.
    """
    data, image = _read(blob, _format(blob).read)
    return _scan(blob, data, image, spacing, contrast)


def load_volumes(blob: Blob, spacing: Spacing | None) -> list[Scan]:
    """Reads every volume of an image file, several where it is a 4D NIfTI one; see ``load_image``."""
    kind = _format(blob)
    read = read_nifti_volumes if kind.read is read_nifti else lambda blob, data: [kind.read(blob, data)]
    data, images = _read(blob, read)
    return [_scan(blob, data, image, spacing, None) for image in images]


def load_labels(path: Path) -> LabelMap:
    """Reads a label map of any of ``FORMATS`` in its own index order; one without a voxel size gets 1 mm.

    Raises InputError; values that are no whole numbers of 32 bits are refused.
    """
    blob = Blob(path)
    _, image = _read(blob, _format(blob).read)
    labels = np.rint(image.array)
    if not np.array_equal(labels, image.array):
        raise UnreadableError(f"{path}: holds values that are no whole numbers; pass a label map, not an image")
    if labels.size and max(-float(labels.min()), float(labels.max())) > np.iinfo(np.int32).max:
        raise UnreadableError(f"{path}: holds numbers beyond 32 bits; pass a label map, not an image")
    affine = working_affine((1.0, 1.0, 1.0)) if image.affine is None else image.affine
    return LabelMap(labels.astype(np.int32), affine)


def _scan(blob: Blob, data: bytes, image: Image, spacing: Spacing | None, contrast: str | None) -> Scan:
    volume, warnings = to_volume(image, spacing, str(blob))
    digest, placed = hashlib.sha256(data).hexdigest(), image.affine is not None
    return Scan(volume, contrast=contrast, warnings=warnings, sha256=digest, placed=placed)


def _format(blob: Blob) -> Format:
    suffix = suffix_of(blob.name)
    if suffix is None:
        raise UnreadableError(f"{blob}: is of no format that is read here ({', '.join(FORMATS)}, DICOM); convert it")
    return FORMATS[suffix]


def _read(blob: Blob, read: Callable[[Blob, bytes], T]) -> tuple[bytes, T]:
    """The bytes of a file and what ``read`` makes of them."""
    data = blob.read()
    if not data:
        raise UnreadableError(f"{blob}: is empty; copy or download it again")
    try:
        with quiet():
            return data, read(blob, data)
    except InputError:
        raise
    except Exception as error:  # of any type: what format libraries raise for damaged files is not documented
        told = f"is truncated or damaged ({reason(error)})"
        raise UnreadableError(f"{blob}: {told}; copy or export it again") from error
