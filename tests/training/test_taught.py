"""What labels teach, by hand: only what is labelled, and only where labelling went."""

from __future__ import annotations

import numpy as np
import pytest
from labelled_folders import AFFINE, image, labels

from lumbardisc.training.labelled import Case, Labelled
from lumbardisc.training.partial import ANY, BACKGROUND, BODY, CANAL, DISC, LOWEST, SACRUM
from lumbardisc.training.sources.taught import allowed_of
from lumbardisc.volume import Volume

CASE = Case("a", "a", None, None)


def allowed(array: np.ndarray, *, whole: bool = False, boxes: dict | None = None) -> np.ndarray:
    return allowed_of(Labelled(CASE, Volume(image(), AFFINE), array.astype(np.int32), whole, boxes or {}, "", ()))


def test_everything_labelled() -> None:
    """Rows: L4/L5 from 8, L5 from 12, L5/S1 from 28, sacrum 32-48; canal 4-52, columns 28-32."""
    taught = allowed(labels())
    for row, column, expected in (
        (30, 10, LOWEST), (10, 10, DISC), (20, 10, BODY), (40, 10, SACRUM), (20, 30, CANAL),
        (20, 2, BACKGROUND), (40, 2, BACKGROUND),
        (6, 10, BACKGROUND | DISC | BODY),  # above the highest: the next disc and body were not labelled
        (2, 10, BACKGROUND | DISC | BODY | CANAL),
        (50, 10, BACKGROUND | SACRUM), (58, 10, BACKGROUND | SACRUM | CANAL),
    ):  # fmt: skip
        assert (taught[:, row, column] == expected).all(), (row, column)


def test_discs_alone_say_nothing_of_bodies_and_canal() -> None:
    taught = allowed(np.where(labels() <= 2, labels(), 0))
    assert taught[0, 20, 10] == BACKGROUND | BODY | CANAL, "between the discs: no disc, and above L5/S1 no sacrum"
    assert taught[0, 40, 10] == BACKGROUND | BODY | CANAL | SACRUM
    assert taught[0, 4, 10] == BACKGROUND | BODY | CANAL | DISC


def test_a_level_left_out_may_be_there() -> None:
    array = np.where(labels() == 2, 3, labels())  # L3/L4 and L5/S1, and not L4/L5 between
    taught = allowed(array)
    assert taught[0, 20, 2] & DISC
    assert not taught[0, 20, 2] & LOWEST
    upper = allowed(np.where(labels() == 2, 2, 0))
    assert upper[0, 40, 10] & LOWEST, "L5/S1 was not labelled, so it may be below"


def test_slices_without_labels() -> None:
    array = labels()
    array[2:] = 0
    assert (allowed(array)[2:] != ANY).all(), "half of the slices are labelled: the others show nothing"
    array[1:] = 0
    assert (allowed(array)[1:] == ANY).all(), "one slice is labelled: nothing is known of the others"
    assert (allowed(array)[0] != ANY).all()


def test_arches_are_no_bodies() -> None:
    array = labels()
    array[:, 16:20, 32:38] = 101  # behind the canal
    assert (allowed(array, whole=True)[:, 18, 34] == BACKGROUND).all()
    assert (allowed(array, whole=True)[:, 18, 12] == BODY).all()
    array[array == 200] = 0
    assert (allowed(array, whole=True)[:, 18, 12] == BACKGROUND | BODY).all(), "undecided without a canal"


@pytest.mark.parametrize(("row", "column", "expected"), [(29, 10, LOWEST), (10, 10, DISC), (20, 10, 0), (29, 30, 0)])
def test_boxes_tell_where_no_disc_is(row: int, column: int, expected: int) -> None:
    taught = allowed(labels() * 0, boxes={1: (8.0, 27.6, 24.2, 32.0), 2: (8.0, 8.0, 24.0, 12.0)})
    assert taught.shape[0] == 1
    assert taught[0, row, column] & (DISC | LOWEST) == expected
