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
from lumbardisc.io.decoding import Decoder, stored
from lumbardisc.io.dicom_header import Frame, parse
from lumbardisc.io.dicom_values import layers_of, number_of, quietly, text_of, whole_of
from lumbardisc.io.lines import printable, reason
from lumbardisc.volume import Array

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.uid import UID

_UNPACKED_HERE = ("1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.5")  # deflated, run-length encoded


def read_pixels(frames: Sequence[Frame]) -> tuple[Array, str]:
    """(slice, row, column) in the order of the frames, and the SHA-256 of their files' bytes in order of path.

    Values are the stored ones where no frame is rescaled, else 32-bit floats; MONOCHROME1 is turned around.
    Raises UnreadableError that names the file.
    """
    planes: dict[tuple[Blob, int], Array] = {}
    digest = hashlib.sha256()
    inverted = set()
    wanted = sorted((frame.blob, frame.index) for frame in frames)
    with Reader() as reader, Decoder() as decoder, quietly():
        for blob, places in groupby(wanted, key=lambda place: place[0]):
            data = reader.read(blob)
            digest.update(data)
            image = _Image(blob, data)
            inverted.add(image.inverted)
            planes.update({place: image.plane(place[1], decoder) for place in places})
    if len(inverted) > 1:
        raise UnreadableError(f"{frames[0].blob}: is dark where others of its series are bright; export them again")
    stack = np.stack([planes[frame.blob, frame.index] for frame in frames])
    return (_turned(stack) if inverted == {True} else stack), digest.hexdigest()


def refuse_different(copies: Sequence[tuple[Frame, Frame]]) -> None:
    """Raises UnreadableError where frames that claim to be the same image have different pixels."""
    files = {(one.blob, other.blob) for one, other in copies}
    with Reader() as reader:
        differ = {pair for pair in files if reader.read(pair[0]) != reader.read(pair[1])}
    suspect = [(one, other) for one, other in copies if (one.blob, other.blob) in differ]
    if not suspect:
        return
    ours, theirs = (read_pixels(frames)[0] for frames in zip(*suspect, strict=True))
    for (one, other), plane, copy in zip(suspect, ours, theirs, strict=True):
        if not np.array_equal(plane, copy):
            raise UnreadableError(
                f"{other.blob}: has the SOPInstanceUID of {one.blob} but other pixels; remove the wrong one of the two"
            )


def _turned(stack: Array) -> Array:
    """Dark for bright; whole numbers in a type that has room for them."""
    wide = stack.astype(np.int64) if stack.dtype.kind in "iu" else stack
    turned: Array = wide.max() - (wide - wide.min())
    return turned.astype(np.int32) if turned.dtype.kind == "i" and turned.max() <= np.iinfo(np.int32).max else turned


class _Image:
    """A grey image file. Raises UnreadableError where its bytes are none."""

    def __init__(self, blob: Blob, data: bytes) -> None:
        self._blob, self._data = blob, data
        self._dataset = _dataset(blob, data)

    @property
    def inverted(self) -> bool:
        """Whether small values are bright."""
        return text_of([self._dataset], "PhotometricInterpretation") == "MONOCHROME1"

    def plane(self, index: int, decoder: Decoder) -> Array:
        """(row, column) of one frame, rescaled where the header says so. Raises UnreadableError."""
        try:
            pixels = self._stored(index, decoder)
            layers = layers_of(self._dataset, index)
        except Exception as error:  # many types again: damaged, truncated, or no decoder for this compression
            raise _undecoded(self._dataset, self._blob, error) from error
        slope, intercept = number_of(layers, "RescaleSlope"), number_of(layers, "RescaleIntercept")
        slope, intercept = slope if slope == slope != 0.0 else 1.0, intercept if intercept == intercept else 0.0
        return pixels if (slope, intercept) == (1.0, 0.0) else (pixels * slope + intercept).astype(np.float32)

    def _stored(self, index: int, decoder: Decoder) -> Array:
        """As stored; what pydicom unpacks by itself is unpacked here."""
        syntax = self._dataset.file_meta.TransferSyntaxUID
        if syntax.is_compressed and syntax not in _UNPACKED_HERE:
            return decoder.plane(self._data, index)
        _refuse_lies(self._dataset, syntax)
        return stored(self._dataset, index)


def _dataset(blob: Blob, data: bytes) -> Dataset:
    """The whole dataset of a grey image, with a transfer syntax even where the file has no meta header."""
    try:
        dataset = parse(BytesIO(data))
        dataset.file_meta.TransferSyntaxUID = _syntax(dataset)
        grey = whole_of([dataset], "SamplesPerPixel") < 2
        grey = grey and text_of([dataset], "PhotometricInterpretation") != "PALETTE COLOR"
    except Exception as error:  # pydicom raises many types for damaged files
        raise _damaged(blob, error) from error
    if not grey:
        raise UnreadableError(f"{blob}: is a colour picture, not an MR image; choose another with --series")
    return dataset


def _syntax(dataset: Dataset) -> UID:
    """How the pixels are stored; as the header is where nothing tells."""
    from pydicom import uid

    told = text_of([dataset.file_meta], "TransferSyntaxUID")
    if told:
        return uid.UID(told)
    implicit, little = dataset.original_encoding
    plain = uid.ImplicitVRLittleEndian if implicit else uid.ExplicitVRLittleEndian
    return plain if little else uid.ExplicitVRBigEndian


def _refuse_lies(dataset: Dataset, syntax: UID) -> None:
    """Raises ValueError where the bytes cannot be of so many rows and columns: one of the three is not true.

    Less than a row too many is padding. Run lengths pack 128 equal bytes into two (PS3.5 annex G).
    """
    row = whole_of([dataset], "Columns") * whole_of([dataset], "BitsAllocated") / 8
    wanted = row * whole_of([dataset], "Rows") * max(whole_of([dataset], "NumberOfFrames"), 1)
    there = len(dataset.get("PixelData") or b"")
    if wanted > 64 * there if syntax.is_encapsulated else there >= wanted + row:
        raise ValueError(f"{there} bytes of pixels, {wanted:.0f} by rows and columns")


def _undecoded(dataset: Dataset, blob: Blob, error: Exception) -> UnreadableError:
    """Tells a missing decoder from damaged pixels."""
    from pydicom.pixels.decoders.base import get_decoder

    syntax = dataset.file_meta.TransferSyntaxUID
    try:
        known = get_decoder(syntax).is_available and "does not support" not in str(error)
    except NotImplementedError:
        known = False
    except Exception:  # no such compression can be
        known = True
    if known:
        return _damaged(blob, error)
    return UnreadableError(
        f"{blob}: its compression ({printable(syntax.name)}) cannot be read here; save it uncompressed"
    )


def _damaged(blob: Blob, error: Exception) -> UnreadableError:
    return UnreadableError(f"{blob}: its pixels are truncated or damaged ({reason(error)}); copy or export it again")
