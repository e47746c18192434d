"""Letters in the dark parts of an image: a plain detector of burned-in text.

Names and numbers are burned in where the image is black, in bright strokes, letter beside letter on one line. So: what
is bright, small and stands alone in the dark is a stroke; several of like height on a line are text. Letters over
tissue, dark letters on bright ground, and fewer than `LETTERS` of them go unseen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.io.decoding import Decoder, stored

if TYPE_CHECKING:
    from pydicom import Dataset

SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
LETTERS = 4
"""As many on a line are text."""

_BRIGHT, _DARK = 0.45, 0.2  # of the way from the darkest to the brightest value
_LOWEST, _TALLEST = 5, 64  # height of a letter, pixels
_ALIKE = 1.6  # tallest to lowest letter of a line: capitals, digits and small letters
_APART = 2.5  # gap between letters, in heights
_AROUND = 3  # pixels around a letter that are dark


def doubt(dataset: Dataset, data: bytes, decoder: Decoder) -> str:
    """Why the pixels of an image, whose file's bytes are ``data``, may bear text; empty where nothing speaks for it."""
    if dataset.get("SOPClassUID") == SEGMENTATION:
        return ""
    try:
        frames = (_shown(dataset, data, index, decoder) for index in range(int(dataset.get("NumberOfFrames") or 1)))
        return "its pixels look like text" if any(map(lettered, frames)) else ""
    except Exception:  # damaged, or no decoder for this compression
        return "its pixels cannot be decoded to look for text"


def _shown(dataset: Dataset, data: bytes, index: int, decoder: Decoder) -> NDArray[np.float32]:
    """One frame, dark as dark."""
    compressed = dataset.file_meta.TransferSyntaxUID.is_encapsulated
    frame = decoder.plane(data, index) if compressed else stored(dataset, index)
    return frame.astype(np.float32) * (-1 if dataset.get("PhotometricInterpretation") == "MONOCHROME1" else 1)


def lettered(image: NDArray[Any]) -> bool:
    """Whether there is text in the dark of a grey image (rows, columns)."""
    boxes = _strokes(image.astype(np.float32))
    return any(_on_a_line(box, boxes) >= LETTERS for box in boxes)


def _strokes(image: NDArray[np.float32]) -> list[tuple[int, int, int, int]]:
    """Boxes (top, left, bottom, right) of what is bright and as small as a letter, and dark around."""
    from scipy import ndimage

    low, high = float(image.min()), float(image.max())
    if high <= low:
        return []
    scaled = (image - low) / (high - low)
    labels, _ = ndimage.label(scaled > _BRIGHT, np.ones((3, 3)))
    boxes = []
    for index, (rows, columns) in enumerate(ndimage.find_objects(labels), 1):
        height, width = rows.stop - rows.start, columns.stop - columns.start
        if _LOWEST <= height <= _TALLEST and width <= 2 * height and _alone(scaled, labels, index, rows, columns):
            boxes.append((rows.start, columns.start, rows.stop, columns.stop))
    return boxes


def _alone(scaled: NDArray[np.float32], labels: NDArray[Any], index: int, rows: slice, columns: slice) -> bool:
    """Whether what surrounds a stroke is dark: half of it at least, as other letters stand beside."""
    around = (
        slice(max(rows.start - _AROUND, 0), rows.stop + _AROUND),
        slice(max(columns.start - _AROUND, 0), columns.stop + _AROUND),
    )
    rest = scaled[around][labels[around] != index]
    return bool(rest.size and np.median(rest) < _DARK)


def _on_a_line(box: tuple[int, int, int, int], boxes: list[tuple[int, int, int, int]]) -> int:
    """How many strokes of like height follow each other to the right of one, itself included."""
    top, _, bottom, right = box
    height, count = bottom - top, 1
    for other in sorted(boxes, key=lambda one: one[1]):
        gap = other[1] - right
        alike = max(height, other[2] - other[0]) <= _ALIKE * min(height, other[2] - other[0])
        if alike and 0 <= gap <= _APART * height and abs(other[2] - bottom) <= 0.35 * height:
            right, count = other[3], count + 1
    return count
