"""From a painted spine to an acquired image: slice geometry, partial volume, motion, coil shading, ghosts and noise.

Arrays are (slice, row, column). A geometry may lie anywhere in space: oblique, flipped, axial, coronal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import gcd
from typing import Self
from zlib import crc32

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbardisc.errors import UsageError
from lumbardisc.phantom.anatomy import SpineShape
from lumbardisc.phantom.canvas import Canvas
from lumbardisc.phantom.paint import Painter
from lumbardisc.phantom.sequence import PulseSequence
from lumbardisc.phantom.shapes import Field
from lumbardisc.phantom.truth import DiscTruth, disc_truths
from lumbardisc.volume import Affine, LabelMap, Volume

SAMPLES = 7  # points per voxel

# RAS direction of slices, rows and columns, by plane
_PLANES = {
    "sagittal": ((1, 0, 0), (0, 0, -1), (0, -1, 0)),
    "axial": ((0, 0, 1), (0, -1, 0), (-1, 0, 0)),
    "coronal": ((0, -1, 0), (0, 0, -1), (-1, 0, 0)),
}


@dataclass(frozen=True, eq=False)
class Geometry:
    """Where slices lie.

    affine: (slice, row, column) of voxel centres -> RAS mm. thickness_mm: of one slice, the gap left out.
    """

    affine: Affine
    shape: tuple[int, int, int]
    thickness_mm: float

    @classmethod
    def plan(
        cls,
        plane: str = "sagittal",
        *,
        slices: int = 15,
        matrix: tuple[int, int] = (448, 448),
        pixel_mm: tuple[float, float] = (0.6, 0.6),
        thickness_mm: float = 4.0,
        gap_mm: float = 0.4,
        centre: ArrayLike = (0.0, 0.0, 0.0),
        turn_deg: tuple[float, float, float] = (0.0, 0.0, 0.0),
        flips: tuple[bool, bool, bool] = (False, False, False),
    ) -> Self:
        """A stack around ``centre`` (RAS mm), rows by columns, turned about the R, A and S axes in this order.

        flips: run slices, rows or columns the other way. Raises UsageError for sizes that are not positive.
        """
        shape = (slices, *matrix)
        steps = np.array((thickness_mm + gap_mm, *pixel_mm))
        if min(shape) < 1 or steps.min() <= 0 or thickness_mm <= 0:
            raise UsageError(f"slices, matrix and spacings must be positive, not {shape} at {tuple(steps)} mm")
        directions = _rotation(turn_deg) @ np.array(_PLANES[plane], dtype=float).T
        affine = np.eye(4)
        affine[:3, :3] = directions * steps * np.where(flips, -1.0, 1.0)
        affine[:3, 3] = np.asarray(centre) - affine[:3, :3] @ ((np.array(shape) - 1) / 2)
        return cls(affine, shape, thickness_mm)


def _rotation(turn_deg: tuple[float, float, float]) -> NDArray[np.float64]:
    """Rotation matrix for turns about R, then A, then S."""
    total = np.eye(3)
    for axis, angle in enumerate(np.radians(turn_deg)):
        one, other = (axis + 1) % 3, (axis + 2) % 3
        turn = np.eye(3)
        turn[one, one] = turn[other, other] = np.cos(angle)
        turn[other, one] = np.sin(angle)
        turn[one, other] = -turn[other, one]
        total = turn @ total
    return total


@dataclass(frozen=True)
class Artefacts:
    """What goes wrong in a real scan.

    snr: mean signal of the body over the noise's standard deviation, infinity for none; images of a spin-lock series
    share the noise that this gives without a spin lock. shading: 0-1, how much the signal falls off away from the spine
    coil behind the back. ghost_mm: how far the belly moves along the phase direction while breathing. phase_axis: 1
    rows (head-foot), 2 columns. moved_mm: how far the patient lies from where the labels are, along rows and columns.
    """

    snr: float = 22.0
    shading: float = 0.75
    ghost_mm: float = 0.8
    phase_axis: int = 1
    moved_mm: tuple[float, float] = (0.0, 0.0)


CLEAN = Artefacts(snr=float("inf"), shading=0.0, ghost_mm=0.0)


@dataclass(frozen=True, eq=False)
class Exam:
    """One spine, sampled once on a slice geometry; every sequence is then a look-up.

    rows: palette rows, (slice, sample, row, column). labels: (slice, row, column).
    """

    painter: Painter
    geometry: Geometry
    rows: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    @property
    def spine(self) -> SpineShape:
        """What was examined."""
        return self.painter.spine

    @property
    def label_map(self) -> LabelMap:
        """Labels by the majority of each voxel's samples."""
        return LabelMap(self.labels, self.geometry.affine)

    @cached_property
    def truth(self) -> tuple[DiscTruth, ...]:
        """Truth of every disc in view, lowest first."""
        return disc_truths(self.spine, self.label_map)

    def image(
        self, sequence: PulseSequence, *, field_t: float = 3.0, artefacts: Artefacts = CLEAN, seed: int = 0
    ) -> Volume:
        """The acquired magnitude image, float32, in units of the signal of fully recovered water."""
        image = self._received(sequence, field_t, artefacts)
        whole = image
        if sequence.spin_lock_ms is not None:
            whole = self._received(replace(sequence, spin_lock_ms=None), field_t, artefacts)
        body = np.abs(whole[self.rows[:, 0] != self.painter.materials.air])
        noise = float(body.mean() if body.size else 1.0) / artefacts.snr
        return Volume(
            rician(image, noise, np.random.default_rng((seed, crc32(sequence.name.encode())))), self.geometry.affine
        )

    def _received(self, sequence: PulseSequence, field_t: float, artefacts: Artefacts) -> Field:
        """The image before noise and magnitude."""
        signals: Field = sequence.signals(self.painter.materials.palette, field_t)
        signals = signals if signals.imag.any() else signals.real.copy()
        image = np.stack([signals[each].mean(axis=0) for each in self.rows])
        if any(artefacts.moved_mm):
            image = _moved(image, artefacts.moved_mm, self.geometry)
        image = image * self._coil(artefacts.shading)
        return _ghosts(image, self._moving, artefacts, self.geometry) if artefacts.ghost_mm > 0 else image

    def _coil(self, strength: float) -> Field:
        """Receive sensitivity, (slice, row, column): 1 everywhere at strength 0, that of the spine coil at 1."""
        return np.asarray(1.0 - strength + strength * 1.6 * self._fall, dtype=np.float32)

    @cached_property
    def _fall(self) -> Field:
        """The spine coil's sensitivity, (slice, row, column): high at the back, falling off forward and at the ends."""
        x, y, z = _centres(self.geometry)
        column = self.painter.column
        depth = np.clip(y - column.skin[column.at(z)], 0.0, 400.0)
        middle = np.float32(column.low + len(column.x) * 0.125)
        along, aside = 1.0 + ((z - middle) / 210.0) ** 4, 1.0 + (x / 240.0) ** 2
        return np.asarray(1.0 / (1.0 + (depth / 95.0) ** 2) / along / aside)

    @cached_property
    def _moving(self) -> Field:
        """How much each voxel breathes: 0 at the spine, 1 at the front of the belly."""
        _, y, z = _centres(self.geometry)
        column = self.painter.column
        return np.clip((y - column.front[column.at(z)] - 25.0) / 60.0, 0.0, 1.0)


def examine(spine: SpineShape, geometry: Geometry, *, samples: int = SAMPLES) -> Exam:
    """Sample a spine on a geometry, ``samples`` points per voxel spread over its thickness, height and width.

    The points of a voxel are a rank-1 lattice (Korobov): each axis is cut into ``samples`` equal layers and every layer
    holds one point, so thick slices average over their whole thickness. Raises UsageError if ``samples`` shares a
    factor with 15, for then points would fall together.
    """
    if gcd(samples, 15) > 1 or samples < 1:
        raise UsageError(f"samples per voxel must have no factor 3 or 5, {samples} has; 1, 4, 7, 8 and 16 are usual")
    painter = Painter(spine)
    slices, height, width = geometry.shape
    rows = np.empty((slices, samples, height, width), dtype=np.uint8)
    labels = np.empty(geometry.shape, dtype=np.uint8)
    for index in range(slices):
        sampled = np.zeros((samples, height, width), dtype=np.uint8)
        for sample, offset in enumerate(_offsets(samples, geometry)):
            canvas = _canvas(geometry, index, offset, rows[index, sample], sampled[sample])
            painter.paint(canvas)
        labels[index] = majority(sampled)
    return Exam(painter, geometry, rows, labels)


def _offsets(samples: int, geometry: Geometry) -> NDArray[np.float64]:
    """Sample places within a voxel, in steps of the affine, (samples, 3)."""
    across = geometry.thickness_mm / float(np.linalg.norm(geometry.affine[:3, 0]))
    place = np.arange(samples)[:, None] * np.array((1, 3, 5)) % samples if samples > 1 else np.zeros((1, 3))
    return ((place + 0.5) / samples - 0.5) * (across, 1.0, 1.0)


def _canvas(
    geometry: Geometry, index: int, offset: NDArray[np.float64], rows: NDArray[np.uint8], labels: NDArray[np.uint8]
) -> Canvas:
    """The plane through one sample of every voxel of a slice."""
    origin = geometry.affine[:3, :3] @ (offset + np.array((index, 0, 0))) + geometry.affine[:3, 3]
    return Canvas(rows, labels, origin, geometry.affine[:3, 1:3].T)


def majority(samples: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The most frequent value of each voxel over axis 0; background (0) wins ties, then the smaller label."""
    best = np.zeros(samples.shape[1:], dtype=np.uint8)
    votes = (samples == 0).sum(axis=0, dtype=np.uint8)
    for label in np.flatnonzero(np.bincount(samples.ravel(), minlength=256)[1:]) + 1:
        count = (samples == label).sum(axis=0, dtype=np.uint8)
        better = count > votes
        np.copyto(best, np.uint8(label), where=better)
        np.copyto(votes, count, where=better)
    return best


def rician(image: Field, noise: float, rng: np.random.Generator) -> Field:
    """Magnitude of a signal with Gaussian noise of deviation ``noise`` in both channels (Gudbjartsson 1995)."""
    if noise <= 0:
        return np.abs(image).astype(np.float32, copy=False)
    real, other = (rng.standard_normal(image.shape, dtype=np.float32) * np.float32(noise) for _ in range(2))
    return np.asarray(np.hypot(real + image.real, other + image.imag), dtype=np.float32)


def _moved(image: Field, moved_mm: tuple[float, float], geometry: Geometry) -> Field:
    """The object shifted along rows and columns by cubic interpolation; what comes into view is empty."""
    from scipy.ndimage import shift

    pixels = np.divide(moved_mm, np.linalg.norm(geometry.affine[:3, 1:3], axis=0))
    return np.asarray(shift(image, (0.0, *pixels)))


def _ghosts(image: Field, moving: Field, artefacts: Artefacts, geometry: Geometry) -> Field:
    """Breathing seen by k-space: each phase line of the moving part is acquired at another shift, so copies appear."""
    axis = artefacts.phase_axis
    lines = np.fft.fftfreq(image.shape[axis])
    pixel = float(np.linalg.norm(geometry.affine[:3, axis]))
    order = np.arange(image.shape[axis])
    shift = artefacts.ghost_mm / pixel * np.sin(2 * np.pi * order / 6.3)  # a breath lasts about six lines
    phase = np.exp(-2j * np.pi * lines * shift).astype(np.complex64)
    phase = phase.reshape([-1 if each == axis else 1 for each in range(3)])
    moved = np.fft.ifft(np.fft.fft(image * moving, axis=axis) * phase, axis=axis)
    return np.asarray(image * (1.0 - moving) + (moved if np.iscomplexobj(image) else moved.real))


def _centres(geometry: Geometry) -> tuple[Field, Field, Field]:
    """RAS mm of voxel centres, three (slice, row, column) arrays, float32."""
    i, j, k = np.ogrid[tuple(slice(0, float(size)) for size in geometry.shape)]
    x, y, z = (
        np.asarray(a * i + b * j + c * k + o, dtype=np.float32) for a, b, c, o in geometry.affine[:3].astype(np.float32)
    )
    return x, y, z
