"""Grids and voxel values as they come from files: made whole where that is honest, refused where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.errors import GeometryError, UnreadableError
from lumbardisc.volume import Affine, Array, Volume

Spacing = tuple[float, float, float]

LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
ASSUMED_THICKNESS_MM = 4.0  # the usual sagittal lumbar slice (SPIDER: 3.0-4.0 mm); only where a header says nothing
SPACING_RANGE_MM = (0.05, 20.0)
THICK_SLICE_RATIO = 2.0
FEW_VOXELS = 0.01
MAX_IMAGE_BYTES = 4 * 2**30  # plain voxels; a 2048 x 2048 x 400 stack of 16 bits has 3.1 GiB


@dataclass(frozen=True, eq=False)
class Image:
    """An image as its file gives it.

    array: scalar, 3 axes in the file's own order. affine: 4 x 4, voxel centres -> RAS mm; None where the format has no
    geometry and the axes are taken for the working order. warnings: one line each.
    """

    array: Array
    affine: Affine | None
    warnings: tuple[str, ...] = ()


def working_affine(spacing: Sequence[float]) -> Affine:
    """Affine of an array (slice, row, column) along right, inferior, posterior, with its first voxel at the origin."""
    slices, rows, columns = spacing
    affine = np.zeros((4, 4))
    affine[0, 0], affine[2, 1], affine[1, 2], affine[3, 3] = slices, -rows, -columns, 1.0
    return affine


def spacing_text(spacing: Sequence[float]) -> str:
    """``4 x 0.6 x 0.6 mm``."""
    return " x ".join(f"{size:.4g}" for size in spacing) + " mm"


def three_axes(array: Array, where: str) -> Array:
    """The array without its trailing axes of size 1, and with one where it has only 2 axes.

    Raises GeometryError for a series of volumes (4D) and UnreadableError for colours, vectors and complex numbers.
    """
    if array.dtype.names is not None:
        raise UnreadableError(f"{where}: has colour voxels, an MR image has grey ones; convert it to grey")
    if np.iscomplexobj(array):
        raise UnreadableError(f"{where}: has complex voxels; save its magnitude and pass that")
    if array.dtype.kind not in "uifb":
        raise UnreadableError(f"{where}: has voxels of type {array.dtype}, not numbers; convert it")
    sizes = " x ".join(map(str, array.shape))
    while array.ndim > 3 and array.shape[-1] == 1:
        array = array[..., 0]
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or 0 in array.shape:
        raise GeometryError(f"{where}: has {sizes} voxels; one 3D volume or one slice is read, split it and pass one")
    return array


def complete_slice_axis(affine: Affine) -> tuple[Affine, tuple[str, ...]]:
    """Gives a single slice whose header has no distance to the next one a usual one, along the slice's normal.

    affine: 4 x 4, index 2 runs across the slice. Returns it and a warning if it was changed.
    """
    if np.linalg.norm(affine[:3, 2]) > 1e-6:
        return affine, ()
    normal = np.cross(affine[:3, 0], affine[:3, 1])
    complete = affine.copy()
    complete[:3, 2] = normal / max(float(np.linalg.norm(normal)), 1e-12) * ASSUMED_THICKNESS_MM
    return complete, (f"the header has no slice thickness; {ASSUMED_THICKNESS_MM:g} mm was assumed",)


def to_volume(image: Image, spacing: Spacing | None, where: str) -> tuple[Volume, tuple[str, ...]]:
    """The image as a Volume that is fit for use, and all warnings.

    spacing: (slice, row, column) in mm as the user gave it; wins over the file's own.
    Raises GeometryError or UnreadableError with one line that names ``where``.
    """
    array, value_warnings = sound_values(image.array, where)
    try:
        volume = Volume(array, _affine(image, spacing, where))
    except GeometryError as error:
        raise GeometryError(f"{where}: {error}" if where not in str(error) else str(error)) from error
    volume, spacing_warnings = _with_spacing(volume, spacing)
    _check_spacing(volume, where)
    _check_sagittal(volume, where)
    return volume, (*image.warnings, *value_warnings, *spacing_warnings)


def sound_values(array: Array, where: str) -> tuple[Array, tuple[str, ...]]:
    """The array without NaN or infinity where few voxels had it. Raises UnreadableError otherwise, or if constant."""
    warnings: tuple[str, ...] = ()
    if array.dtype.kind == "f" and not (sound := np.isfinite(array)).all():
        share = 1.0 - sound.mean()
        if share >= FEW_VOXELS:
            raise UnreadableError(f"{where}: {share:.0%} of the voxels are NaN or infinite; export the image again")
        array = np.where(sound, array, array[sound].min())
        warnings = (f"{np.count_nonzero(~sound)} voxels were NaN or infinite; the lowest value took their place",)
    if array.min() == array.max():
        raise UnreadableError(f"{where}: every voxel has the same value ({array.flat[0]}); export the image again")
    return array, warnings


def _affine(image: Image, spacing: Spacing | None, where: str) -> Affine:
    if image.affine is not None:
        return image.affine
    if spacing is None:
        raise GeometryError(
            f"{where}: this format has no voxel size; give it in mm, e.g. --spacing 4,0.6,0.6 (slice, row, column)"
        )
    return working_affine(spacing)


def _with_spacing(volume: Volume, spacing: Spacing | None) -> tuple[Volume, tuple[str, ...]]:
    """The volume with the spacing that was asked for, directions and first voxel kept."""
    own = volume.sagittal().spacing
    if spacing is None or np.allclose(own, spacing, rtol=0.01):
        return volume, ()
    affine = volume.affine.copy()
    for axis, size in zip(volume.axis_order.axes, spacing, strict=True):
        affine[:3, axis] *= size / volume.spacing[axis]
    warning = f"--spacing {spacing_text(spacing)} took the place of the file's own {spacing_text(own)}"
    return Volume(volume.array, affine), (warning,)


def _check_spacing(volume: Volume, where: str) -> None:
    low, high = SPACING_RANGE_MM
    if not all(low <= size <= high for size in volume.spacing):
        raise GeometryError(
            f"{where}: a voxel of {spacing_text(volume.spacing)} is not one of a spine MR ({low:g} to {high:g} mm); "
            "repair the header or give --spacing SLICE,ROW,COL"
        )


def _check_sagittal(volume: Volume, where: str) -> None:
    """Refuses thick slices of another plane; a volume that is fine in all directions can be cut sagittally."""
    sizes: NDArray[Any] = np.asarray(volume.spacing)
    thick = int(np.argmax(sizes))
    if 1 in volume.shape and (min(volume.shape) < max(volume.shape)):
        thick = int(np.argmin(volume.shape))
    elif sizes[thick] <= THICK_SLICE_RATIO * np.sort(sizes)[1]:
        return
    plane = {0: "sagittal", 2: "coronal", 1: "axial"}[volume.axis_order.axes.index(thick)]
    if plane != "sagittal":
        count = volume.shape[thick]
        slices = "one slice" if count == 1 else f"{count} slices of {sizes[thick]:.3g} mm"
        raise GeometryError(f"{where}: is {plane} ({slices}); discs are read on sagittal slices, pass a sagittal image")
