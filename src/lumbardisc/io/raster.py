"""PNG slices and TIFF stacks: grey values without a place, a page taken as a sagittal slice."""

from __future__ import annotations

from io import BytesIO

import numpy as np

from lumbardisc.errors import UnreadableError
from lumbardisc.io.blobs import Blob
from lumbardisc.io.grid import Image
from lumbardisc.volume import Array


def read_png(blob: Blob, data: bytes) -> Image:
    """One slice of 8 or 16 bits, (1, row, column), without an affine. Raises UnreadableError."""
    from PIL import Image as Picture

    try:
        with Picture.open(BytesIO(data), formats=("PNG",)) as picture:
            pixels = np.array(picture.convert("RGB") if picture.mode == "P" else picture)
    except Exception as error:  # Pillow raises many types, SyntaxError among them, for damaged files
        raise _damaged(blob, "PNG", error) from error
    return Image(_grey(pixels, blob)[None], None)


def read_tiff(blob: Blob, data: bytes) -> Image:
    """All pages, (slice, row, column), without an affine; all of one size. Raises UnreadableError."""
    import tifffile

    try:
        with tifffile.TiffFile(BytesIO(data)) as file:
            pages = [page.asarray() for page in file.pages]
    except Exception as error:  # tifffile raises many types for damaged or rarely compressed files
        raise _damaged(blob, "TIFF", error) from error
    if len({page.shape for page in pages}) > 1:
        raise UnreadableError(f"{blob}: its pages differ in size; save the slices of one series as one stack")
    return Image(np.stack([_grey(page, blob) for page in pages]), None)


def _grey(pixels: Array, blob: Blob) -> Array:
    """(row, column) from a picture that may have channels after them; a last one of 2 or 4 is opacity, left out.

    Raises UnreadableError where the colours differ.
    """
    if pixels.ndim == 2:
        return pixels.astype(np.uint8) if pixels.dtype == bool else pixels
    if pixels.ndim > 3:
        raise UnreadableError(f"{blob}: a page holds a {pixels.ndim}D image; save it with one slice per page")
    colours = pixels[..., : 3 if pixels.shape[-1] > 2 else 1]
    if (colours != colours[..., :1]).any():
        raise UnreadableError(f"{blob}: is a colour picture; MR images are grey, export the image itself as grey")
    grey: Array = colours[..., 0]
    return grey


def _damaged(blob: Blob, kind: str, error: Exception) -> UnreadableError:
    reason = " ".join(str(error).split()) or type(error).__name__
    return UnreadableError(f"{blob}: is not a whole {kind} file ({reason}); copy or export it again")
