"""Motion between the images of one series: found, told, and taken out where there is any.

SimpleITK does the search (the extra ``registration``); it is imported when it is needed and not before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lumbardisc.errors import GeometryError, InputError, UsageError

Array = NDArray[Any]
Spacing = tuple[float, float, float]

NEEDED_PIXELS = 0.25
"""Motion below this is not taken out: finding it is no surer, and interpolation blurs as much."""

_SMOOTH_MM = (3.0, 1.0)  # first the way, then the place
_BINS = 32
_SAMPLES = 60_000
# Euler angles about column, row and slice, then shifts along them: all of them, or those within the slice
_RIGID, _IN_PLANE = (1, 1, 1, 1, 1, 1), (0, 0, 1, 1, 1, 0)
_NEARLY_ISOTROPIC, _MIN_SLICES = 2.0, 8


@dataclass(frozen=True)
class Motion:
    """How the patient moved since the first image. shift_mm: (slice, row, column) at the middle of the stack.

    turn_deg: angle of the rotation about it. pixels: root mean square of the way that tissue went, in pixels.
    """

    shift_mm: Spacing
    turn_deg: float
    pixels: float

    @property
    def needed(self) -> bool:
        """Whether the image has to be moved back."""
        return self.pixels >= NEEDED_PIXELS


STILL = Motion((0.0, 0.0, 0.0), 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Aligned:
    """Images on the first one's place, and how each had moved. An image that did not need it is the one given."""

    images: tuple[Array, ...]
    motions: tuple[Motion, ...]


def can_register() -> bool:
    """Whether SimpleITK is installed."""
    return find_spec("SimpleITK") is not None


def align(images: Sequence[Array], spacing: Spacing) -> Aligned:
    """Bring the images of a series onto the first, as rigid bodies.

    Mutual information of 32 bins (Mattes et al. 2003, IEEE Trans Med Imaging 22:120-128) is made large: it bears that
    each tissue loses brightness at its own rate, which moves the optimum of a correlation. All six ways to move are
    searched where slices are nearly as thin as pixels; thick slices move together within their plane, because what
    leaves a thick slice cannot be interpolated. Voxels that come from outside an image are 0.

    images: each (slice, row, column), one shape. spacing: mm (slice, row, column).
    Raises UsageError where SimpleITK is missing, GeometryError where shapes differ, InputError where an image shows
    nothing to go by.
    """
    if not can_register():
        raise UsageError('registration needs SimpleITK, which is not installed; pip install "lumbardisc[registration]"')
    shapes = sorted({image.shape for image in images})
    if len(shapes) != 1 or len(shapes[0]) != 3:
        raise GeometryError(f"images of shape {' and '.join(map(str, shapes))}: those of a series share one 3D grid")
    for number, image in enumerate(images, start=1):
        if not np.ptp(image) > 0:
            raise InputError(f"image {number} of the series shows nothing to register by; leave it out")
    moved = [_align(images[0], image, spacing, number) for number, image in enumerate(images[1:], start=2)]
    return Aligned((images[0], *(image for image, _ in moved)), (STILL, *(motion for _, motion in moved)))


def _align(reference: Array, image: Array, spacing: Spacing, number: int) -> tuple[Array, Motion]:
    """One image on the place of the reference, and its motion."""
    try:
        transform = _search(reference, image, spacing)
    except RuntimeError as error:  # what SimpleITK raises
        reason = str(error).strip().splitlines()[-1]
        raise InputError(
            f"image {number} of the series cannot be registered to the first ({reason}); look at both, or go without"
        ) from None
    motion = _motion(transform, reference, spacing)
    return (_resampled(image, spacing, transform) if motion.needed else image), motion


def _search(reference: Array, image: Array, spacing: Spacing) -> Any:
    """The transform from points of the reference to those of the image (mm; column, row, slice)."""
    import SimpleITK

    transform = SimpleITK.Euler3DTransform()
    transform.SetCenter([(size - 1) / 2 * step for size, step in zip(reference.shape, spacing, strict=True)][::-1])
    method = SimpleITK.ImageRegistrationMethod()
    method.SetMetricAsMattesMutualInformation(_BINS)
    method.SetMetricSamplingStrategy(method.REGULAR)
    method.MetricUseFixedImageGradientFilterOff()  # smoothed here, because ITK's own filter fails on single slices
    method.MetricUseMovingImageGradientFilterOff()
    method.SetInterpolator(SimpleITK.sitkLinear)
    method.SetOptimizerAsRegularStepGradientDescent(1.0, 1e-3, 100, gradientMagnitudeTolerance=1e-8)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetOptimizerWeights(_RIGID if _thin(reference.shape, spacing) else _IN_PLANE)
    method.SetInitialTransform(transform, True)
    for width in _SMOOTH_MM:
        fixed, moving = (_coarse(each, spacing, width) for each in (reference, image))
        method.SetMetricSamplingPercentage(min(1.0, _SAMPLES / fixed.GetNumberOfPixels()))
        method.Execute(fixed, moving)
    return transform


def _thin(shape: tuple[int, ...], spacing: Spacing) -> bool:
    """Whether slices are many, and nearly as thin as pixels."""
    return shape[0] >= _MIN_SLICES and spacing[0] <= _NEARLY_ISOTROPIC * max(spacing[1:])


def _coarse(image: Array, spacing: Spacing, width_mm: float) -> Any:
    """Smoothed within the slices, so that noise between pixels does not draw the optimum to whole pixels, and with no
    more pixels than that leaves to see."""
    smooth = ndimage.gaussian_filter(image.astype(np.float32), (0.0, *(width_mm / size for size in spacing[1:])))
    rows, columns = (max(1, int(width_mm / size)) for size in spacing[1:])
    return _itk(smooth[:, ::rows, ::columns], (spacing[0], spacing[1] * rows, spacing[2] * columns))


def _motion(transform: Any, reference: Array, spacing: Spacing) -> Motion:
    """What a transform does to the tissue, which is what is brighter than the mean."""
    turn = np.reshape(transform.GetMatrix(), (3, 3))
    places = np.argwhere(reference >= reference.mean())[:, ::-1] * np.array(spacing[::-1])
    away = (places - transform.GetCenter()) @ (turn - np.eye(3)).T + transform.GetTranslation()
    column, row, slice_ = transform.GetTranslation()
    return Motion(
        shift_mm=(slice_, row, column),
        turn_deg=float(np.degrees(np.arccos(np.clip((np.trace(turn) - 1.0) / 2.0, -1.0, 1.0)))),
        pixels=float(np.sqrt((away**2).sum(axis=1).mean())) / min(spacing[1:]),
    )


def _resampled(image: Array, spacing: Spacing, transform: Any) -> Array:
    """The image where the reference is, by cubic splines, which blur less than lines; no value falls below 0."""
    import SimpleITK

    moving = _itk(image, spacing)
    resampled = SimpleITK.Resample(moving, moving, transform, SimpleITK.sitkBSpline, 0.0)
    values: Array = np.maximum(SimpleITK.GetArrayFromImage(resampled), 0.0)
    return values


def _itk(image: Array, spacing: Spacing) -> Any:
    import SimpleITK

    itk = SimpleITK.GetImageFromArray(np.ascontiguousarray(image, dtype=np.float32))
    itk.SetSpacing(spacing[::-1])
    return itk
