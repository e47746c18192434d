"""Comments in compressed pixels: text that shows in no image, blanked where it stands; no pixel changes.

Markers of JPEG and JPEG-LS: ITU-T T.81 B.1.1.3 and T.87 C.1.1; of JPEG 2000: ITU-T T.800 A.2.
"""

from __future__ import annotations

from collections.abc import Iterator

_ITEM = b"\xfe\xff\x00\xe0"  # (FFFE,E000), before each fragment (PS3.5 A.4)
_STARTS = (b"\xff\xd8", b"\xff\x4f")
_SCAN = {0xDA, 0x90}  # from here on there are pixels
_COMMENTS = {0xFE, 0x64, *range(0xE0, 0xF0)}
_OF_THE_DECODER = (b"JFIF", b"Adobe", b"mrfx")  # these tell how colours are to be decoded


def without_comments(pixels: bytes) -> bytes:
    """The value of encapsulated Pixel Data with all its comments as zeros."""
    blanked = bytearray(pixels)
    for start, stop in _fragments(pixels):
        if pixels[start : start + 2] in _STARTS:
            for first, last in _comments(pixels, start + 2, stop):
                blanked[first:last] = bytes(last - first)
    return bytes(blanked)


def images_in(pixels: bytes) -> int:
    """How many images begin in the value of encapsulated Pixel Data: with each fragment where it is of no JPEG."""
    fragments = [pixels[start : start + 2] for start, _ in _fragments(pixels)][1:]  # the first is the table of offsets
    return sum(fragment in _STARTS for fragment in fragments) or len(fragments)


def _fragments(pixels: bytes) -> Iterator[tuple[int, int]]:
    """Where each fragment lies."""
    place = 0
    while pixels[place : place + 4] == _ITEM:
        start = place + 8
        place = start + int.from_bytes(pixels[place + 4 : start], "little")
        yield start, min(place, len(pixels))


def _comments(pixels: bytes, place: int, stop: int) -> Iterator[tuple[int, int]]:
    """Where comments lie in a fragment, whose first marker segment is at ``place``."""
    while place + 4 <= stop and pixels[place] == 0xFF and pixels[place + 1] not in _SCAN:
        kind, content = pixels[place + 1], place + 4
        place += 2 + int.from_bytes(pixels[place + 2 : content], "big")
        if kind in _COMMENTS and not pixels[content:place].startswith(_OF_THE_DECODER):
            yield content, min(place, stop)
