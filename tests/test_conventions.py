"""Other tools' labels become ours: against their own tables, written out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lumbardisc.conventions import CONVENTIONS, find_convention, guess, number_upward, to_ours
from lumbardisc.errors import UsageError
from lumbardisc.levels import CANAL, SACRUM, body_label, disc_label, table

# as the tools' own pages list them
TOTALSPINESEG = {
    **{32: "T12", 41: "L1", 42: "L2", 43: "L3", 44: "L4", 45: "L5"},
    **{82: "T11/T12", 91: "T12/L1", 92: "L1/L2", 93: "L2/L3", 94: "L3/L4", 95: "L4/L5", 100: "L5/S1"},
}
SPINEPS = {
    **{19: "T12", 20: "L1", 21: "L2", 22: "L3", 23: "L4", 24: "L5"},
    **{118: "T11/T12", 119: "T12/L1", 120: "L1/L2", 121: "L2/L3", 122: "L3/L4", 123: "L4/L5", 124: "L5/S1"},
}
SPIDER = {1: "L5", 5: "L1", 6: "T12", 101: "L5", 107: "T11", 201: "L5/S1", 205: "L1/L2", 207: "T11/T12"}


def label(name: str) -> int:
    return disc_label(name) if "/" in name else body_label(name)


@pytest.mark.parametrize(
    ("convention", "published"), [("totalspineseg", TOTALSPINESEG), ("spineps", SPINEPS), ("spider", SPIDER)]
)
def test_levels_are_those_of_the_published_table(convention: str, published: dict[int, str]) -> None:
    theirs = np.array(list(published))
    assert to_ours(theirs, convention).tolist() == [label(name) for name in published.values()]


@pytest.mark.parametrize(
    ("convention", "theirs", "ours"),
    [
        ("totalspineseg", [0, 1, 2, 50, 63, 46], [0, CANAL, CANAL, SACRUM, 0, 0]),
        ("spineps", [0, 26, 224, 25, 28], [0, SACRUM, 0, 0, 0]),
        ("spider", [0, 100, 225, 25], [0, CANAL, 0, 0]),
        ("lumbardisc", [0, 1, 7, 100, 101, 200, 255], [0, 1, 7, SACRUM, 101, CANAL, 0]),
    ],
)
def test_other_structures(convention: str, theirs: list[int], ours: list[int]) -> None:
    assert to_ours(np.array(theirs), convention).tolist() == ours


def test_numbers_that_no_table_knows_become_background() -> None:
    assert to_ours(np.array([-3, 9999]), "spider").tolist() == [0, 0]


def test_our_own_labels_stay_as_they_are() -> None:
    labels = np.array([one.index for one in table()])
    np.testing.assert_array_equal(to_ours(labels, "lumbardisc"), labels)


def stack() -> np.ndarray:
    """Three discs of four rows one above the other, and a speck between them; (slice, row, column)."""
    discs = np.zeros((3, 60, 30), dtype=int)
    for top in (5, 25, 45):
        discs[:, top : top + 4, 5:25] = 1
    discs[1, 35, 3] = 1
    return discs


def test_merged_discs_are_numbered_from_the_lowest_up_without_specks() -> None:
    numbered = to_ours(stack(), "merged:1")
    assert [numbered[1, row, 10] for row in (46, 26, 6)] == [1, 2, 3]
    assert numbered[1, 35, 3] == 0
    np.testing.assert_array_equal(numbered != 0, (stack() == 1) & (np.arange(60) != 35)[:, None])


def test_merged_discs_of_spineps_keep_sacrum_and_canal() -> None:
    labels = np.where(stack(), 100, 0)
    labels[1, 55:, 26:] = 26
    labels[1, :, 0] = 61
    ours = to_ours(labels, "spineps_subreg")
    assert set(np.unique(ours)) == {0, 1, 2, 3, SACRUM, CANAL}


def test_a_mask_without_discs_has_no_numbers() -> None:
    assert not number_upward(np.zeros((2, 5, 5), dtype=bool)).any()


@pytest.mark.parametrize(
    ("values", "convention"),
    [
        (set(range(1, 8)) | {100, 101, 102, 200}, "lumbardisc"),
        (set(range(1, 8)) | {100, 107} | set(range(201, 208)), "spider"),
        ({1, 2, 41, 42, 43, 44, 45, 50, 91, 92, 93, 94, 95, 100}, "totalspineseg"),
        ({18, 19, 20, 21, 22, 23, 24, 26, 118, 119, 120, 121, 122, 123, 124, 220, 224}, "spineps"),
        ({26, 41, 42, 49, 60, 61, 62, 100}, "spineps_subreg"),
        (set(range(1, 10)) | set(range(101, 110)), "lumbardisc"),  # 108 is a disc of the neck in SPINEPS
        (set(range(1, 10)) | {100, 108, 200}, "lumbardisc"),
        ({1, 2, 3}, None),  # three discs of ours, or disc, vertebra and canal
        ({1, 2, 3, 4}, None),
        ({1, 2, 3, 4, 5}, "lumbardisc"),
        ({1}, None),
        (set(), None),
        ({100}, None),  # L5/S1 of TotalSpineSeg or all discs of SPINEPS
        ({4, 999}, None),
        ({41, 42}, None),  # vertebrae alone
    ],
)
def test_guess(values: set[int], convention: str | None) -> None:
    assert guess(values) == convention


def test_an_unknown_convention_is_one_line_that_names_the_others() -> None:
    for name in ("nnunet", "merged:", "merged:0", "merged:x"):
        with pytest.raises(UsageError, match="spider, totalspineseg, spineps"):
            find_convention(name)


def test_every_row_says_where_it_is_from() -> None:
    assert all(row.source and row.title for row in CONVENTIONS.values())
