"""NIfTI-1 and -2 files, read with either of their two affines and written with both."""

from __future__ import annotations

import gzip
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from lumbardisc.errors import GeometryError, OutputError, UnreadableError
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
from lumbardisc.volume import Affine, Array, LabelMap, Volume

SCANNER = 1  # NIfTI xform code: scanner anatomical, as opposed to aligned, Talairach, MNI
_UNITS_TO_MM = {"meter": 1000.0, "micron": 0.001}
_HEADER_SIZES = (348, 540)  # sizeof_hdr of NIfTI-1 and NIfTI-2


def read_nifti(blob: Blob, data: bytes) -> Image:
    """One volume in the file's own order (i, j, k), RAS mm.

    The sform is used where there is one, else the qform; where they disagree a warning says so. A file with neither is
    taken as the standard says (its axes along -R, A, S), a single slice without either as a sagittal one.
    Raises UnreadableError or GeometryError.
    """
    return _image(_parse(blob, _unzipped(blob, data)), blob)


def read_nifti_volumes(blob: Blob, data: bytes) -> list[Image]:
    """Every volume along the last axis of a 4D file, each as ``read_nifti`` gives it; the one volume of another."""
    import nibabel

    whole = _parse(blob, _unzipped(blob, data))
    parts = nibabel.four_to_three(whole) if len(whole.shape) == 4 else [whole]
    return [_image(part, blob) for part in parts]


def _image(image: Any, blob: Blob) -> Image:
    """One volume with its affine and what there is to tell about it."""
    array = three_axes(_voxels(image), str(blob))
    affine, warnings = _affine(image, blob)
    if affine is None and array.shape[2] == 1:
        array, affine = array.transpose(2, 0, 1), working_affine(_slice_spacing(image.header))
        warnings = ("the header has no orientation; the slice was taken as sagittal, rows downward, columns backward",)
    elif affine is None:
        affine = image.header.get_base_affine()
        warnings = ("the header has no orientation; its axes were taken to run to the left, forward and upward",)
    unit = _UNITS_TO_MM.get(image.header.get_xyzt_units()[0], 1.0)
    affine, more = complete_slice_axis(np.diag([unit, unit, unit, 1.0]) @ affine)
    return Image(array, affine, (*warnings, *more))


def save_nifti(volume: Volume, path: Path) -> None:
    """Writes a volume to ``path`` (.nii or .nii.gz), sform and qform both set as scanner coordinates.

    A LabelMap is written as 16-bit integers, an image in its own type (64-bit types as 32-bit). Written beside and then
    renamed, so a file is whole or absent. Raises OutputError.
    """
    import nibabel

    kind = np.int16 if isinstance(volume, LabelMap) else _storable(volume.array.dtype)
    image = nibabel.Nifti1Image(np.asarray(volume.array, dtype=kind), volume.affine)
    image.header.set_xyzt_units("mm")
    image.set_sform(volume.affine, SCANNER)
    image.set_qform(volume.affine, SCANNER)
    whole = image.to_bytes()
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(gzip.compress(whole, compresslevel=4, mtime=0) if path.suffix == ".gz" else whole)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(f"{path}: cannot be written ({error.strerror}); check the folder and the disk") from error


def _storable(kind: np.dtype[Any]) -> np.dtype[Any]:
    """The type itself, or the 32-bit one that other programs read as well."""
    narrow = {"float64": np.float32, "float16": np.float32, "int64": np.int32, "uint64": np.uint32, "bool": np.uint8}
    return np.dtype(narrow.get(kind.name, kind))


def _unzipped(blob: Blob, data: bytes) -> bytes:
    """Plain bytes, told by content and not by name; no more of them than an image can have."""
    if data[:2] != b"\x1f\x8b":
        return data
    plain = b"".join(inflated(data, GZIP, MAX_IMAGE_BYTES))
    if len(plain) > MAX_IMAGE_BYTES:
        raise UnreadableError(f"{blob}: unpacks to more than {MAX_IMAGE_BYTES / 2**30:g} GiB; pass one lumbar volume")
    return plain


def _parse(blob: Blob, data: bytes) -> Any:
    """The nibabel image of a NIfTI-1 or NIfTI-2 file's bytes."""
    import nibabel

    size = {int.from_bytes(data[:4], order) for order in ("little", "big")} if len(data) >= 4 else set()
    if not size.intersection(_HEADER_SIZES):
        raise UnreadableError(f"{blob}: is not a NIfTI file, whatever its name says; convert it or correct the name")
    kind = nibabel.Nifti2Image if 540 in size else nibabel.Nifti1Image
    image = kind.from_bytes(data)
    _check_size(image.header, len(data), blob)
    return image


def _check_size(header: Any, there: int, blob: Blob) -> None:
    """Raises UnreadableError where the header promises more than there is: nibabel would set aside all of it."""
    wanted = prod(map(int, header.get_data_shape())) * int(header.get_data_dtype().itemsize)
    if not 0 < wanted <= there:
        raise UnreadableError(f"{blob}: is truncated ({there} bytes of {wanted}); copy or download it again")


def _voxels(image: Any) -> Array:
    """The scaled voxels; 64-bit ones, which scaling makes, as 32-bit."""
    array: Array = np.asanyarray(image.dataobj)
    return array.astype(np.float32) if array.dtype == np.float64 else array


def _affine(image: Any, blob: Blob) -> tuple[Affine | None, tuple[str, ...]]:
    """The affine to use, None where the file has neither, and what there is to tell about it."""
    sform, qform = image.get_sform(coded=True)[0], _qform(image)
    if sform is not None and qform is not None:
        apart = _largest_distance(sform, qform, image.shape)
        if _singular(sform, image.shape) and not _singular(qform, image.shape):
            return qform, ("the sform is singular; the qform was used",)
        if apart > 0.5 * min(np.linalg.norm(sform[:3, :2], axis=0)):
            return sform, (f"sform and qform disagree by up to {apart:.1f} mm; the sform was used",)
    affine = sform if sform is not None else qform
    if affine is not None and _singular(affine, image.shape):
        raise GeometryError(f"{blob}: the affine is singular (a voxel size is zero or axes fall together); repair it")
    return affine, ()


def _qform(image: Any) -> Affine | None:
    """The qform where it is set and its quaternion can be one."""
    try:
        qform: Affine | None = image.get_qform(coded=True)[0]
    except ValueError:  # a quaternion longer than 1
        return None
    return qform


def _singular(affine: Affine, shape: tuple[int, ...]) -> bool:
    """Whether axes that have more than one voxel are of no length, or any two fall together."""
    used = [axis for axis, count in enumerate((*shape, 1, 1, 1)[:3]) if count > 1]
    columns = affine[:3, used]
    lengths = np.linalg.norm(columns, axis=0)
    if not np.isfinite(affine).all() or (lengths < 1e-6).any():
        return True
    return bool(np.linalg.matrix_rank(columns / lengths, tol=1e-3) < len(used))


def _largest_distance(one: Affine, other: Affine, shape: tuple[int, ...]) -> float:
    """How far apart, in mm, two affines put a corner of the grid."""
    ends = [(0, count - 1) for count in (*shape, 1, 1)[:3]]
    corners = np.stack(np.meshgrid(*ends, indexing="ij"), axis=-1).reshape(-1, 3)
    difference = one - other
    return float(np.linalg.norm(corners @ difference[:3, :3].T + difference[:3, 3], axis=1).max())


def _slice_spacing(header: Any) -> tuple[float, float, float]:
    """(slice, row, column) in mm of a single slice whose header has sizes but no orientation."""
    row, column, *thickness = (float(size) for size in header.get_zooms()[:3])
    return (thickness or [ASSUMED_THICKNESS_MM])[0], row, column
