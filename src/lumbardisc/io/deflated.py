"""Bounds on what packed bytes may unpack to: a file may claim anything."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from lumbardisc.errors import UnreadableError

# MR studies compress about 2:1 and label maps up to a few hundred to one, so only what is large and of an absurd ratio
# is taken for a bomb.
BOMB_RATIO = 500
BOMB_BYTES = 64 * 2**20

GZIP = zlib.MAX_WBITS | 16
"""The window of a gzip stream, see ``inflated``."""

_PIECE = 2**20
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_META = 132  # where the file meta information begins: behind preamble and DICM


def is_bomb(packed: int, plain: int) -> bool:
    """Whether so many bytes unpack to more than an image would."""
    return plain > BOMB_BYTES and plain > BOMB_RATIO * max(packed, 1)


def inflated(packed: bytes, window: int, most: int) -> Iterator[bytes]:
    """The plain bytes of a zlib stream, piece by piece, ending with the one that goes beyond ``most``.

    window: as for ``zlib.decompressobj``. Raises zlib.error where the stream is damaged, EOFError where it is cut off.
    """
    while packed:
        stream = zlib.decompressobj(window)
        while not stream.eof:
            piece = stream.decompress(packed, _PIECE)
            packed = stream.unconsumed_tail
            if not piece and not packed and not stream.eof:
                raise EOFError("it ends too early")
            most -= len(piece)
            yield piece
            if most < 0:
                return
        packed = stream.unused_data.lstrip(b"\0")  # files are padded with noughts


def refuse_bomb(stream: BinaryIO) -> None:
    """Raises UnreadableError for a DICOM file of the deflated transfer syntax that would inflate beyond reason.

    pydicom inflates the whole of such a file at once. The stream is left at its begin.
    """
    start = stream.read(2048)
    stream.seek(0)
    if start[_META - 4 : _META] != b"DICM" or _DEFLATED not in start:
        return
    packed = stream.read()[_META + 12 + int.from_bytes(start[_META + 8 : _META + 12], "little") :]
    stream.seek(0)
    most = max(BOMB_BYTES, BOMB_RATIO * len(packed))
    try:
        plain = sum(map(len, inflated(packed, -zlib.MAX_WBITS, most)))
    except (zlib.error, EOFError):  # told by who reads it
        return
    if is_bomb(len(packed), plain):
        raise UnreadableError(f"would inflate to more than {most / 2**20:.0f} MiB, too much for an image")
