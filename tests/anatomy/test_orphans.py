"""Orphan removal, rule by rule, by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lumbardisc.anatomy.orphans import SMALLEST, without_orphans


def stack(slices: int = 5) -> np.ndarray:
    """A disc of 4 x 6 pixels on every slice."""
    discs = np.zeros((slices, 20, 30), dtype=bool)
    discs[:, 8:12, 5:11] = True
    return discs


def test_discs_that_go_through_stay() -> None:
    assert np.array_equal(without_orphans(stack()), stack())


def test_fewer_than_ten_pixels_go_ten_stay() -> None:
    discs = stack()
    discs[:, 2:5, 20:23] = True  # nine, on every slice
    assert np.array_equal(without_orphans(discs), stack())
    discs[:, 5, 22] = True
    assert np.array_equal(without_orphans(discs), discs)
    assert SMALLEST == 10


def test_corners_join_an_area() -> None:
    discs = stack()
    discs[:, 2:5, 20:23] = True
    discs[:, 5, 23] = True  # the tenth touches by its corner
    assert np.array_equal(without_orphans(discs), discs)


def test_what_the_central_slice_does_not_have_goes() -> None:
    discs = stack()
    discs[[0, 1], 2:6, 20:26] = True  # on two neighbours, but not on slice 2
    assert np.array_equal(without_orphans(discs), stack())


def test_what_no_neighbour_has_goes() -> None:
    discs = stack()
    discs[2, 2:6, 20:26] = True  # on the central slice alone
    assert np.array_equal(without_orphans(discs), stack())
    discs[0, 2:6, 20:26] = True  # over the central one, but slice 1 between them has nothing
    assert np.array_equal(without_orphans(discs), stack())


def test_one_neighbour_is_enough_and_one_pixel_of_it() -> None:
    discs = stack()
    discs[2, 2:6, 20:26] = True
    discs[3, 5:9, 25:29] = True  # meets the other at row 5, column 25
    assert np.array_equal(without_orphans(discs), discs)


def test_all_are_judged_by_the_mask_as_given() -> None:
    discs = stack()
    discs[2, 2:6, 20:26] = True
    discs[1, 2:4, 20:23] = True  # six pixels: goes, and is a neighbour all the same
    expected = stack()
    expected[2, 2:6, 20:26] = True
    assert np.array_equal(without_orphans(discs), expected)


def test_a_single_slice_has_no_neighbours() -> None:
    assert np.array_equal(without_orphans(stack(1)), stack(1))


def test_nothing_comes_of_nothing() -> None:
    assert not without_orphans(np.zeros((3, 4, 5), dtype=bool)).any()


@settings(deadline=None)
@given(arrays(bool, st.tuples(st.integers(1, 4), st.integers(3, 12), st.integers(3, 12))))
def test_nothing_is_added_and_areas_go_whole(discs: np.ndarray) -> None:
    from skimage.measure import label  # another package's components

    kept = without_orphans(discs)
    assert not (kept & ~discs).any()
    for before, after in zip(discs, kept, strict=True):
        areas = label(before, connectivity=2)
        for area in range(1, areas.max() + 1):
            assert after[areas == area].all() or not after[areas == area].any()
