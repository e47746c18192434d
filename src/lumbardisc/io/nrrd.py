"""NRRD files: attached (.nrrd) or a header with its data beside it (.nhdr), read with pynrrd."""

from __future__ import annotations

import bz2
from collections.abc import Mapping
from io import BytesIO
from math import prod
from typing import Any

import numpy as np

from lumbardisc.errors import GeometryError, UnreadableError
from lumbardisc.io.blobs import Blob
from lumbardisc.io.deflated import GZIP, inflated
from lumbardisc.io.grid import (
    ASSUMED_THICKNESS_MM,
    MAX_IMAGE_BYTES,
    Image,
    complete_slice_axis,
    three_axes,
    working_affine,
)
from lumbardisc.io.lines import printable
from lumbardisc.volume import Affine, Array

# What turns a NRRD space into RAS: http://teem.sourceforge.net/nrrd/format.html#space
_TO_RAS = {
    "right-anterior-superior": (1.0, 1.0, 1.0, 1.0),
    "left-anterior-superior": (-1.0, 1.0, 1.0, 1.0),
    "left-posterior-superior": (-1.0, -1.0, 1.0, 1.0),
}
_LONG = {"ras": "right-anterior-superior", "las": "left-anterior-superior", "lps": "left-posterior-superior"}

_GZIP, _BZIP2 = ("gzip", "gz"), ("bzip2", "bz2")
_NOT_SPATIAL = ("list", "vector", "color", "matrix", "complex", "point", "normal", "gradient", "quaternion", "time")


def read_nrrd(blob: Blob, data: bytes) -> Image:
    """One volume in the file's own order (i, j, k), i fastest; its space turned into RAS mm.

    A file without a space has no place in the patient: a volume is taken to run to the left, forward and upward, a
    single slice to be sagittal, rows downward, columns backward. Raises UnreadableError or GeometryError.
    """
    header, array = parse(blob, data)
    for kind, count in zip(header.get("kinds", ()), array.shape, strict=False):
        if count > 1 and any(word in kind.lower() for word in _NOT_SPATIAL):
            raise UnreadableError(f"{blob}: has {count} values per voxel ({kind}); pass one grey volume")
    if "space" in header or "space directions" in header:
        affine, warnings = complete_slice_axis(placed(header, array.ndim, blob))
        return Image(three_axes(array, str(blob)), affine, warnings)
    return _unplaced(header, array, blob)


def parse(blob: Blob, data: bytes) -> tuple[Mapping[str, Any], Array]:
    """Header and voxels, i fastest; a data file only from the header's own folder."""
    import nrrd

    if data[:4] != b"NRRD":
        raise UnreadableError(f"{blob}: is not a NRRD file, whatever its name says; convert it or correct the name")
    stream = BytesIO(data)
    header = nrrd.read_header(stream)
    names = [header.pop(key, None) for key in ("data file", "datafile")]
    name = next(filter(None, names), None)
    count = prod(map(int, header["sizes"]))
    if not 0 < count <= MAX_IMAGE_BYTES:
        raise GeometryError(f"{blob}: promises {count} voxels; pass one lumbar volume")
    plain = _plain(header, BytesIO(blob.read_beside(str(name))) if name else stream)
    raw = {"line skip": 0, "lineskip": 0} | ({"encoding": "raw"} if header["encoding"] in (*_GZIP, *_BZIP2) else {})
    return header, nrrd.read_data({**header, **raw}, BytesIO(plain), index_order="F")


def _plain(header: Mapping[str, Any], stream: BytesIO) -> bytes:
    """What follows the header, unpacked and no more of it than an image can have: pynrrd would unpack it all.

    Lines are skipped before, bytes after.
    """
    lines = int(header.get("line skip", header.get("lineskip", 0)))
    if lines < 0 or any(not stream.readline() for _ in range(lines)):
        raise ValueError(f"there are no {lines} lines to skip")
    if header["encoding"] in _GZIP:
        return b"".join(inflated(stream.read(), GZIP, MAX_IMAGE_BYTES))
    if header["encoding"] in _BZIP2:
        return bz2.BZ2Decompressor().decompress(stream.read(), MAX_IMAGE_BYTES)
    return stream.read()


def placed(header: Mapping[str, Any], axes: int, blob: Blob) -> Affine:
    """RAS affine of a file with a space; the axes that run through the patient are its first ones."""
    space = str(header.get("space", "left-posterior-superior")).lower()
    to_ras = _TO_RAS.get(_LONG.get(space, space))
    if to_ras is None:
        raise GeometryError(
            f"{blob}: its space is '{printable(space):.40}', not the patient's; save it as RAS, LAS or LPS"
        )
    directions = np.asarray(header.get("space directions", ()), dtype=np.float64)
    if directions.shape != (axes, 3) or not np.isfinite(directions[:3]).all():
        raise GeometryError(f"{blob}: has no usable 'space directions'; repair the header or convert the image again")
    affine = np.eye(4)
    affine[:3, :3] = np.vstack([directions, np.zeros((3, 3))])[:3].T
    affine[:3, 3] = np.asarray(header.get("space origin", (0.0, 0.0, 0.0)), dtype=np.float64)
    return np.diag(to_ras) @ affine


def _unplaced(header: Mapping[str, Any], array: Array, blob: Blob) -> Image:
    """A file with voxel sizes at most."""
    spacings = np.asarray(header.get("spacings", ()), dtype=np.float64)
    if len(spacings) != array.ndim or not np.isfinite(spacings).all():
        raise GeometryError(f"{blob}: has no voxel sizes; save it with 'space directions' or 'spacings'")
    if array.ndim == 2:
        warning = f"no orientation: taken as a sagittal slice, {ASSUMED_THICKNESS_MM:g} mm thick"
        affine = working_affine((ASSUMED_THICKNESS_MM, spacings[1], spacings[0]))
        return Image(three_axes(array, str(blob)).transpose(2, 1, 0), affine, (warning,))
    warning = "the header has no orientation; its axes were taken to run to the left, forward and upward"
    volume = three_axes(array, str(blob))
    return Image(volume, np.diag([-spacings[0], spacings[1], spacings[2], 1.0]), (warning,))
