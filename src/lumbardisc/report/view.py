"""What the picture shows: the mid-sagittal slice upright, the outlines over it and the level names beside the discs.

Display frame: x runs backward (posterior), y downward (inferior), in display pixels that are square in mm; (0, 0) is
the upper left corner of the upper left voxel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbardisc import levels
from lumbardisc.levels import Label
from lumbardisc.pipeline.study import Study
from lumbardisc.volume import Array

Line = NDArray[np.float64]

_HEIGHT, _WIDEST = 1000, 3000  # display pixels
_SMOOTH_MM = 0.7
_LETTER = 0.65  # width of a letter of a name, relative to its size
_PAD = 8  # voxels; more than the reach of the blur


@dataclass(frozen=True, eq=False)
class Outline:
    """The closed lines (n, 2) as x, y around one structure."""

    label: Label
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Name:
    """A level name beside its disc: ``x``, ``y`` is the middle of its end nearest to the disc."""

    label: Label
    x: float
    y: float
    anterior: bool


@dataclass(frozen=True, eq=False)
class View:
    """The slice, grey (rows, columns) or in colour (rows, columns, 3), its size as shown and what lies over it."""

    pixels: NDArray[np.uint8]
    width: int
    height: int
    px_per_mm: float
    outlines: tuple[Outline, ...]
    names: tuple[Name, ...]
    font_size: int


def view(study: Study) -> View:
    """The mid-sagittal view of a study; 1000 display pixels tall unless the image is more than three times as wide."""
    image, index = study.image.sagittal(), study.working_mid_slice
    _, row_mm, column_mm = image.spacing
    _, rows, columns = image.shape
    scale = min(_HEIGHT / (rows * row_mm), _WIDEST / (columns * column_mm))
    width, height = (max(round(extent * scale), 1) for extent in (columns * column_mm, rows * row_mm))
    labels = study.labels.sagittal().array[index]
    outlines = tuple(
        Outline(label, lines_around(labels == label.index, (row_mm, column_mm), scale)) for label in _drawn(labels)
    )
    font_size = max(round(0.026 * height), 12)
    named = [outline for outline in outlines if levels.is_disc(outline.label.index)]
    names = tuple(_name(outline, (width, height), font_size) for outline in named)
    return View(grey(image.array[index]), width, height, scale, outlines, names, font_size)


def grey(pixels: Array) -> NDArray[np.uint8]:
    """Grey values for display: a window from the 1st to the 98th percentile of what is not background."""
    values = np.nan_to_num(pixels.astype(np.float32), posinf=0.0, neginf=0.0)
    low, high = np.percentile(values, (0.5, 99.5))
    tissue = values[values > low + 0.05 * (high - low)]
    if tissue.size:
        low, high = np.percentile(tissue, (1, 98))
        low -= 0.05 * (high - low)  # so that the darkest tissue still stands out from air
    span = high - low if high > low else 1.0
    shown: NDArray[np.uint8] = (np.clip((values - low) / span, 0.0, 1.0) * 255).astype(np.uint8)
    return shown


def _drawn(labels: Array) -> list[Label]:
    """The structures on the slice, in the order they are drawn: canal, bodies, and the discs on top."""
    found = set(np.unique(labels).tolist())
    return [label for label in reversed(levels.table()) if label.index in found]


def lines_around(mask: Array, spacing: tuple[float, float], scale: float) -> tuple[Line, ...]:
    """Smooth lines around a mask, in display pixels."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    corner = np.array([rows[0], columns[0]]) - _PAD
    part = np.pad(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], _PAD).astype(np.float32)
    lines = _contours(part, spacing)
    return tuple(((line + corner + 0.5) * spacing * scale)[:, ::-1] for line in lines)


def _contours(part: NDArray[np.float32], spacing: tuple[float, float]) -> list[Line]:
    """Sub-pixel lines (row, column) at half height of the blurred mask; of the mask itself where the blur erodes it."""
    from scipy.ndimage import gaussian_filter
    from skimage.measure import find_contours

    soft = gaussian_filter(part, np.clip(_SMOOTH_MM / np.asarray(spacing), 0.6, 2.0))
    eroded = (soft >= 0.5).sum() < 0.9 * part.sum()
    found: list[Line] = find_contours(part if eroded else soft, 0.5)
    return found


def _name(outline: Outline, size: tuple[int, int], font_size: int) -> Name:
    """The name stands before the disc's front edge, or behind its back edge where there is more room; on the picture.

    size: width and height of the picture.
    """
    points = np.concatenate(outline.lines)
    front, back = points[points[:, 0].argmin()], points[points[:, 0].argmax()]
    wide = (_LETTER * len(outline.label.name) + 0.5) * font_size
    anterior = bool(front[0] >= min(wide, size[0] - back[0]))
    x = max(front[0], wide) if anterior else min(back[0], size[0] - wide)
    y = (front if anterior else back)[1].clip(font_size, size[1] - font_size)
    return Name(outline.label, float(x), float(y), anterior)
