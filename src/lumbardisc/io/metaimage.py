"""MetaImage files (MHA, MHD), as ITK writes them: a text header of ``key = value`` lines and raw or deflated voxels.

Read here rather than through a library: metaimageio and tiny-metaio take no bytes (a zip would have to be unpacked),
and neither reads a 2D image with a TransformMatrix of 4 numbers (metaimageio) or a file without one (tiny-metaio).
Keys: https://docs.itk.org/en/latest/learn/metaio.html
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from math import prod

import numpy as np

from lumbardisc.errors import GeometryError, UnreadableError
from lumbardisc.io.blobs import Blob
from lumbardisc.io.grid import ASSUMED_THICKNESS_MM, LPS_TO_RAS, MAX_IMAGE_BYTES, Image, three_axes, working_affine
from lumbardisc.volume import Affine, Array

_TYPES = {
    "MET_CHAR": "i1",
    "MET_UCHAR": "u1",
    "MET_SHORT": "i2",
    "MET_USHORT": "u2",
    "MET_INT": "i4",
    "MET_UINT": "u4",
    "MET_LONG": "i4",
    "MET_ULONG": "u4",
    "MET_LONG_LONG": "i8",
    "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
_LONGEST_HEADER = 65536


def read_metaimage(blob: Blob, data: bytes) -> Image:
    """One volume in the file's own order (i, j, k), i fastest; ITK's LPS turned into RAS mm.

    A 2D image has no place in the patient: it is taken as a sagittal slice, rows downward, columns backward.
    Raises UnreadableError or GeometryError.
    """
    header, start = _header(blob, data)
    sizes = [int(size) for size in header["DimSize"].split()]
    voxels = _voxels(header, data[start:], blob).reshape([*sizes[::-1], *_channels(header)])
    affine = _affine(header, len(sizes))
    if _channels(header):
        raise UnreadableError(f"{blob}: has {_channels(header)[0]} values per voxel; convert it to grey")
    if len(sizes) == 2:
        warning = f"a 2D image: taken as a sagittal slice, {ASSUMED_THICKNESS_MM:g} mm thick"
        return Image(voxels[None], affine, (warning,))
    return Image(three_axes(voxels.transpose(), str(blob)), affine)


def _header(blob: Blob, data: bytes) -> tuple[Mapping[str, str], int]:
    """The header's values by key, and where the bytes after it begin. ElementDataFile is the last key."""
    values: dict[str, str] = {}
    start = 0
    while "ElementDataFile" not in values:
        end = data.find(b"\n", start, _LONGEST_HEADER) + 1
        line = data[start : end or _LONGEST_HEADER].decode("latin-1").strip()
        key, equals, value = line.partition("=")
        if not end and "ElementDataFile" not in key:
            raise UnreadableError(f"{blob}: is not a MetaImage file, whatever its name says; convert it")
        if equals:
            values[key.strip()] = value.strip()
        start = end or len(data)
    return values, start


def _channels(header: Mapping[str, str]) -> list[int]:
    count = int(header.get("ElementNumberOfChannels", "1"))
    return [count] if count > 1 else []


def _voxels(header: Mapping[str, str], rest: bytes, blob: Blob) -> Array:
    """All voxels in file order, flat."""
    kind = np.dtype(_TYPES[header["ElementType"].upper()]).newbyteorder(">" if _big_endian(header) else "<")
    name = header["ElementDataFile"]
    if name.upper() == "LIST" or "%" in name:
        raise UnreadableError(f"{blob}: is spread over several data files; save it as one .mha")
    raw = rest if name.upper() == "LOCAL" else blob.read_beside(name)
    count = prod(map(int, header["DimSize"].split())) * prod(_channels(header))
    wanted = count * kind.itemsize
    if not 0 < wanted <= MAX_IMAGE_BYTES:
        raise GeometryError(f"{blob}: promises {count} voxels; pass one lumbar volume")
    compressed = _true(header, "CompressedData")
    plain = zlib.decompressobj().decompress(raw, wanted) if compressed else raw[_skip(header, raw, wanted) :]
    if len(plain) < wanted:
        raise UnreadableError(f"{blob}: is truncated ({len(plain)} bytes of {wanted}); copy or download it again")
    return np.frombuffer(plain, kind, count).astype(kind.newbyteorder("="))


def _big_endian(header: Mapping[str, str]) -> bool:
    return _true(header, "BinaryDataByteOrderMSB") or _true(header, "ElementByteOrderMSB")


def _true(header: Mapping[str, str], key: str) -> bool:
    return header.get(key, "False").lower() in ("true", "t", "1")


def _skip(header: Mapping[str, str], raw: bytes, wanted: int) -> int:
    """Bytes before the voxels of a data file; -1 in a header means that the voxels are its last bytes."""
    size = int(header.get("HeaderSize", "0"))
    return max(len(raw) - wanted, 0) if size < 0 else size


def _affine(header: Mapping[str, str], axes: int) -> Affine:
    """RAS affine. TransformMatrix lists the direction of one axis after the other; Offset is the first voxel's centre.

    Older writers say Position or Origin, Rotation or Orientation, ElementSize.
    """
    spacing = _numbers(header, ("ElementSpacing", "ElementSize"), np.ones(axes))
    if axes == 2:
        return working_affine((ASSUMED_THICKNESS_MM, spacing[1], spacing[0]))
    directions = _numbers(header, ("TransformMatrix", "Rotation", "Orientation"), np.eye(axes)).reshape(axes, axes)
    affine = np.eye(4)
    affine[:3, :3] = (directions[:3, :3] * spacing[:3, None]).T
    affine[:3, 3] = _numbers(header, ("Offset", "Position", "Origin"), np.zeros(axes))[:3]
    return LPS_TO_RAS @ affine


def _numbers(header: Mapping[str, str], keys: tuple[str, ...], default: Array) -> Array:
    """The numbers of the first key that is there. Raises ValueError if there are too few."""
    text = next((header[key] for key in keys if key in header), None)
    if text is None:
        return default
    found = np.array(text.split(), dtype=np.float64)
    if found.size != default.size:
        raise ValueError(f"{keys[0]} has {found.size} numbers, not {default.size}")
    return found
