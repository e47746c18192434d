"""Boxes and slice indices from the working order to the input's own grid."""

from __future__ import annotations

from collections.abc import Mapping

from lumbardisc.pipeline.study import Value
from lumbardisc.volume import AxisOrder


def to_file_grid(columns: Mapping[str, Value], order: AxisOrder, shape: tuple[int, ...]) -> dict[str, Value]:
    """``slice``, ``x0``, ``x1`` (posterior axis) and ``y0``, ``y1`` (inferior axis) counted along the file's own axes.

    shape: of the working order. An axis that the file holds the other way round is counted from its other end, so that
    the lower end of a box stays the smaller number; ends are exclusive.
    """
    flip_slice, flip_row, flip_column = order.flips
    moved = dict(columns)
    if flip_slice:
        moved["slice"] = shape[0] - 1 - int(columns["slice"])
    if flip_row:
        moved["y0"], moved["y1"] = shape[1] - int(columns["y1"]), shape[1] - int(columns["y0"])
    if flip_column:
        moved["x0"], moved["x1"] = shape[2] - int(columns["x1"]), shape[2] - int(columns["x0"])
    return moved
