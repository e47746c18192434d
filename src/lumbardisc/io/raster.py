"""PNG slices and TIFF stacks: grey values without a place, a page taken as a sagittal slice."""

from __future__ import annotations

from io import BytesIO

import numpy as np

from lumbardisc.errors import UnreadableError
from lumbardisc.io.blobs import Blob
from lumbardisc.io.grid import Image
from lumbardisc.volume import Array

_DENSEST = 2000  # bytes of pixels to a byte of a file; no compression of a TIFF reaches that


def read_png(blob: Blob, data: bytes) -> Image:
    """One slice of 8 or 16 bits, (1, row, column), without an affine. Raises UnreadableError."""
    from PIL import Image as Picture

    with Picture.open(BytesIO(data), formats=("PNG",)) as picture:
        pixels = np.array(picture.convert("RGB") if picture.mode == "P" else picture)
    return Image(_grey(pixels, blob)[None], None)


def read_tiff(blob: Blob, data: bytes) -> Image:
    """All pages, (slice, row, column), without an affine; all of one size. Raises UnreadableError."""
    import tifffile

    with tifffile.TiffFile(BytesIO(data)) as file:
        promised = sum(page.nbytes for page in file.pages)
        if promised > _DENSEST * len(data):
            raise UnreadableError(f"{blob}: promises {promised} bytes of pixels; export it again")
        pages = [page.asarray() for page in file.pages]
    if not pages:
        raise UnreadableError(f"{blob}: holds no page; export it again")
    if len({page.shape for page in pages}) > 1:
        raise UnreadableError(f"{blob}: its pages differ in size; save the slices of one series as one stack")
    return Image(np.stack([_grey(page, blob) for page in pages]), None)


def _grey(pixels: Array, blob: Blob) -> Array:
    """(row, column) from a picture that may have channels after them; a last one of 2 or 4 is opacity, left out.

    Raises UnreadableError where the colours differ.
    """
    if pixels.size == 0 or pixels.dtype.kind not in "uifb":
        raise UnreadableError(f"{blob}: a page holds no grey values; export it again")
    if pixels.ndim == 2:
        return pixels.astype(np.uint8) if pixels.dtype == bool else pixels
    if pixels.ndim != 3:
        raise UnreadableError(f"{blob}: a page holds an image of {pixels.ndim} axes; save one slice per page")
    colours = pixels[..., : 3 if pixels.shape[-1] > 2 else 1]
    if (colours != colours[..., :1]).any():
        raise UnreadableError(f"{blob}: is a colour picture; MR images are grey, export the image itself as grey")
    grey: Array = colours[..., 0]
    return grey
