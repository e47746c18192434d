"""Boxes and slice indices on the file's own grid: by hand, and against a box drawn around the flipped voxels."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbardisc.pipeline.grid import to_file_grid
from lumbardisc.volume import AxisOrder

SHAPE = (10, 100, 60)
BOX = {"slice": 3, "y0": 20, "y1": 30, "x0": 5, "x1": 25, "height_mm": 8.5}


def moved(*flips: bool) -> dict[str, object]:
    return dict(to_file_grid(BOX, AxisOrder((0, 1, 2), (flips[0], flips[1], flips[2])), SHAPE))


def test_the_working_order_itself_changes_nothing() -> None:
    assert moved(False, False, False) == BOX


def test_slices_counted_from_the_other_side() -> None:
    assert moved(True, False, False) == {**BOX, "slice": 6}


def test_rows_counted_upward() -> None:
    assert moved(False, True, False) == {**BOX, "y0": 70, "y1": 80}


def test_columns_counted_forward() -> None:
    assert moved(False, False, True) == {**BOX, "x0": 35, "x1": 55}


def test_the_columns_given_stay_as_they_were() -> None:
    given_columns = dict(BOX)
    to_file_grid(given_columns, AxisOrder((2, 1, 0), (True, True, True)), SHAPE)
    assert given_columns == BOX


@settings(deadline=None)
@given(st.permutations(range(3)), st.tuples(*[st.booleans()] * 3), st.data())
def test_a_box_goes_where_its_voxels_go(axes: list[int], flips: tuple[bool, bool, bool], data: st.DataObject) -> None:
    shape = (4, 6, 5)
    row, column = (sorted(data.draw(st.sets(st.integers(0, n), min_size=2, max_size=2))) for n in shape[1:])
    index = data.draw(st.integers(0, shape[0] - 1))
    order = AxisOrder((axes[0], axes[1], axes[2]), flips)
    mask = np.zeros(shape, dtype=bool)
    mask[index, row[0] : row[1], column[0] : column[1]] = True
    in_file = np.nonzero(order.undo(mask))
    slices, rows, columns = (in_file[axis] for axis in axes)
    columns_of_csv = {"slice": index, "y0": row[0], "y1": row[1], "x0": column[0], "x1": column[1]}
    assert to_file_grid(columns_of_csv, order, shape) == {
        "slice": slices[0],
        "y0": rows.min(),
        "y1": rows.max() + 1,
        "x0": columns.min(),
        "x1": columns.max() + 1,
    }
