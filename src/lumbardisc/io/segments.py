"""Segmentations of 3D Slicer (``.seg.nrrd``): voxels of named segments, in one layer or several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.errors import InputError, UnreadableError
from lumbardisc.io.blobs import Blob
from lumbardisc.io.grid import complete_slice_axis
from lumbardisc.io.lines import reason
from lumbardisc.io.nrrd import parse, placed
from lumbardisc.io.quiet import quiet
from lumbardisc.volume import LabelMap

SUFFIX = ".seg.nrrd"


@dataclass(frozen=True, eq=False)
class Segments:
    """labels: numbered 1, 2, ... in the order of the segments; where two overlap, the later. names: number -> name.

    overlaps: two names and how many voxels they share, for every two segments that do.
    """

    labels: LabelMap
    names: Mapping[int, str]
    overlaps: tuple[tuple[str, str, int], ...]


def load_segments(path: Path) -> Segments:
    """Reads a segmentation in its own index order. Raises InputError with one line."""
    blob = Blob(path)
    try:
        with quiet():
            header, array = parse(blob, blob.read())
            return _segments(header, array, blob)
    except InputError:
        raise
    except Exception as error:  # of any type, as for every image file
        raise UnreadableError(f"{path}: is truncated or damaged ({reason(error)}); export it again") from error


def _segments(header: Mapping[str, Any], array: NDArray[Any], blob: Blob) -> Segments:
    """Layers come first where there are several: Slicer puts segments that overlap into layers of their own."""
    if array.ndim == 4:
        header = {**header, "space directions": np.asarray(header["space directions"])[1:]}
    layers = array if array.ndim == 4 else array[None]
    affine, _ = complete_slice_axis(placed(header, 3, blob))
    found = list(_masks(header, layers))
    if not found:
        raise UnreadableError(f"{blob}: holds no segment; is it a segmentation that 3D Slicer saved?")
    labels = np.zeros(layers.shape[1:], dtype=np.int32)
    for number, (_, mask) in enumerate(found, start=1):
        labels[mask] = number
    return Segments(LabelMap(labels, affine), {k: name for k, (name, _) in enumerate(found, start=1)}, _overlaps(found))


def _masks(header: Mapping[str, Any], layers: NDArray[Any]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Name and voxels of every segment; its number and layer are 1 and 0 where old files do not tell them."""
    for index in count():
        name = header.get(f"Segment{index}_Name", header.get(f"Segment{index}_ID"))
        if name is None:
            return
        layer, value = (
            int(header.get(f"Segment{index}_{key}", usual)) for key, usual in (("Layer", 0), ("LabelValue", 1))
        )
        if not 0 <= layer < len(layers):
            raise ValueError(f"segment {name} is in layer {layer} of {len(layers)}")
        yield str(name), layers[layer] == value


def _overlaps(found: list[tuple[str, NDArray[np.bool_]]]) -> tuple[tuple[str, str, int], ...]:
    shared = ((one, other, int((mask & more).sum())) for (one, mask), (other, more) in combinations(found, 2))
    return tuple(overlap for overlap in shared if overlap[2])
