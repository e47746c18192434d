"""Decodes the pixels of DICOM frames into one array: rescaled, dark as dark, compressed or not."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from lumbardisc.errors import UnreadableError
from lumbardisc.io.blobs import Blob, Reader
from lumbardisc.io.dicom_header import Frame, layers_of, number_of, parse, printable, quietly
from lumbardisc.volume import Array

if TYPE_CHECKING:
    from pydicom import Dataset


def read_pixels(frames: Sequence[Frame]) -> tuple[Array, str]:
    """(slice, row, column) in the order of the frames, and the SHA-256 of their files' bytes in order of path.

    Values are the stored ones where no frame is rescaled, else 32-bit floats; MONOCHROME1 is turned around.
    Raises UnreadableError that names the file.
    """
    planes: dict[tuple[Blob, int], Array] = {}
    digest = hashlib.sha256()
    inverted = False
    wanted = sorted((frame.blob, frame.index) for frame in frames)
    with Reader() as reader, quietly():
        for blob, places in groupby(wanted, key=lambda place: place[0]):
            data = reader.read(blob)
            digest.update(data)
            dataset = _dataset(blob, data)
            inverted = dataset.get("PhotometricInterpretation") == "MONOCHROME1"
            planes.update({place: _plane(dataset, *place) for place in places})
    stack = np.stack([planes[frame.blob, frame.index] for frame in frames])
    return (stack.max() - (stack - stack.min()) if inverted else stack), digest.hexdigest()


def _dataset(blob: Blob, data: bytes) -> Dataset:
    """The whole dataset of a grey image, with a transfer syntax even where the file has no meta header."""
    from pydicom import uid

    try:
        dataset = parse(BytesIO(data))
        grey = dataset.get("SamplesPerPixel", 1) == 1 and dataset.get("PhotometricInterpretation") != "PALETTE COLOR"
    except Exception as error:  # pydicom raises many types for damaged files
        raise _damaged(blob, error) from error
    if not grey:
        raise UnreadableError(f"{blob}: is a colour picture, not an MR image; choose another with --series")
    if not dataset.file_meta.get("TransferSyntaxUID"):
        implicit, little = dataset.original_encoding
        plain = uid.ImplicitVRLittleEndian if implicit else uid.ExplicitVRLittleEndian
        dataset.file_meta.TransferSyntaxUID = plain if little else uid.ExplicitVRBigEndian
    return dataset


def _plane(dataset: Dataset, blob: Blob, index: int) -> Array:
    """(row, column) of one frame, rescaled where the header says so."""
    from pydicom.pixels.utils import pixel_array

    try:
        stored = pixel_array(dataset, index=index, raw=True)
        layers = layers_of(dataset, index)
        slope, intercept = number_of(layers, "RescaleSlope"), number_of(layers, "RescaleIntercept")
    except Exception as error:  # many types again: damaged, truncated, or no decoder for this compression
        raise _undecoded(dataset, blob, error) from error
    slope, intercept = (1.0 if np.isnan(slope) else slope), (0.0 if np.isnan(intercept) else intercept)
    if (slope, intercept) == (1.0, 0.0):
        return stored
    return (stored * slope + intercept).astype(np.float32)


def _undecoded(dataset: Dataset, blob: Blob, error: Exception) -> UnreadableError:
    """Tells a missing decoder from damaged pixels."""
    from pydicom.pixels.decoders.base import get_decoder

    syntax = dataset.file_meta.TransferSyntaxUID
    try:
        known = get_decoder(syntax).is_available
    except NotImplementedError:
        known = False
    if known:
        return _damaged(blob, error)
    return UnreadableError(
        f"{blob}: its compression ({printable(syntax.name)}) cannot be read here; save it uncompressed"
    )


def _damaged(blob: Blob, error: Exception) -> UnreadableError:
    reason = printable(error)
    return UnreadableError(f"{blob}: its pixels are truncated or damaged ({reason:.150}); copy or export it again")
