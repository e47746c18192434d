"""Hand-drawn spines are named as drawn, and doubt is told where there is reason to."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from drawn import SPACING, DrawnSpine

from lumbardisc.anatomy.chain import ChainDisc
from lumbardisc.anatomy.labelling import Labelling, label_structures
from lumbardisc.anatomy.numbering import level_steps
from lumbardisc.errors import NoSpineError


def label(spine: DrawnSpine) -> Labelling:
    return label_structures(**spine.masks, lowest=spine.lowest, certainty=spine.certainty, spacing=SPACING)


def test_names_upward_from_the_sacrum() -> None:
    spine = DrawnSpine()
    found = label(spine)
    for count in range(1, 6):
        rows = spine.rows_of_disc(count)
        assert (found.labels[1:-1, rows, 40:74] == count).all()
        assert (found.labels[1:-1, rows.start - 24 : rows.start, 40:74] == 100 + count).all()
    assert set(np.unique(found.labels)) == {0, 1, 2, 3, 4, 5, 100, 101, 102, 103, 104, 105, 200}
    assert not found.names.ambiguous
    assert min(found.confidence.values()) > 0.95


def test_orphan_off_the_spine_is_removed() -> None:
    spine = DrawnSpine()
    spine.masks["discs"][2:4, 100:112, 5:25] = True
    assert not label(spine).labels[:, 100:112, 5:25].any()


def test_disc_broken_in_two_is_one_disc() -> None:
    spine = DrawnSpine()
    spine.masks["discs"][:, spine.rows_of_disc(2), 55:58] = False
    found = label(spine)
    assert (found.labels[3, spine.rows_of_disc(2), 40:55] == 2).all()
    assert (found.labels[3, spine.rows_of_disc(2), 58:74] == 2).all()
    assert len(found.confidence) == 5


def test_disc_not_seen_keeps_the_others_in_place_and_is_doubted() -> None:
    spine = DrawnSpine(skip=(3,))
    found = label(spine)
    assert sorted(found.confidence) == [1, 2, 4, 5]
    assert (found.labels[3, spine.rows_of_disc(4), 40:74] == 4).all()
    assert found.confidence[4] < found.confidence[2]
    assert found.names.ambiguous


def test_bodies_beside_a_missed_disc_are_still_two() -> None:
    spine = DrawnSpine(skip=(3,))
    found = label(spine).labels
    rows = spine.rows_of_disc(3)
    assert (found[3, rows.stop + 4, 40:74] == 102).all()
    assert (found[3, rows.start - 4, 40:74] == 103).all()


def test_field_of_view_that_ends_above_the_sacrum() -> None:
    """A body under the lowest disc and no look of L5/S1 anywhere: answered as L4/L5, and said to be in doubt."""
    spine = DrawnSpine(with_sacrum=False, lowest_speaks=False)
    foot = spine.shape[0] - 30
    spine.masks["bodies"][1:-1, foot : foot + 24, 40:74] = True
    found = label(spine)
    assert (found.labels[3, spine.rows_of_disc(1), 40:74] == 2).all()
    assert (found.labels[3, foot + 2 : foot + 20, 40:74] == 101).all()
    assert found.names.under(found.names.runner_up)[2] in ("L3/L4", "L5/S1")


def test_nothing_but_the_discs_is_ambiguous() -> None:
    found = label(DrawnSpine(with_sacrum=False, lowest_speaks=False))
    assert found.names.ambiguous
    assert max(found.confidence.values()) < 0.99


def test_two_discs_that_look_like_l5_s1_are_ambiguous_and_the_alternative_is_given() -> None:
    spine = DrawnSpine()
    spine.lowest[:, spine.rows_of_disc(1)] = 128
    spine.lowest[:, spine.rows_of_disc(2)] = 128
    spine.masks["sacrum"][:, spine.rows_of_disc(2).stop : spine.rows_of_disc(1).start] = spine.masks["bodies"][
        :, spine.rows_of_disc(2).stop : spine.rows_of_disc(1).start
    ]
    spine.masks["bodies"][:, spine.rows_of_disc(2).stop : spine.rows_of_disc(1).start] = False
    found = label(spine)
    assert found.names.ambiguous
    assert set(found.names.under(found.names.runner_up).values()) & {"S1/S2", "L5/S1", "L4/L5"}


def test_rudimentary_sacral_disc_is_not_called_lumbar() -> None:
    """The second disc from the bottom looks like L5/S1 and has sacrum below it: the lowest is S1/S2, and dropped."""
    spine = DrawnSpine(lowest_speaks=False)
    spine.lowest[:, spine.rows_of_disc(2)] = 250
    between = slice(spine.rows_of_disc(2).stop, spine.rows_of_disc(1).start)
    spine.masks["sacrum"][:, between], spine.masks["bodies"][:, between] = spine.masks["bodies"][:, between], False
    found = label(spine)
    assert (found.labels[3, spine.rows_of_disc(2), 40:74] == 1).all()
    assert not np.isin(found.labels[3, spine.rows_of_disc(1), 40:74], range(1, 20)).any()


def test_mid_slice_follows_the_canal_not_the_stack() -> None:
    spine = DrawnSpine(slices=15)
    spine.masks["canal"][:] = False
    spine.masks["canal"][9:12, 5:-5, 78:90] = True
    assert label(spine).mid_slice == 10


def test_single_slice() -> None:
    spine = DrawnSpine(slices=3)
    one = slice(1, 2)
    masks = {name: mask[one] for name, mask in spine.masks.items()}
    masks["canal"][0, 5:-5, 78:90] = True
    found = label_structures(**masks, lowest=spine.lowest[one], certainty=spine.certainty[one], spacing=SPACING)
    assert found.mid_slice == 0
    assert sorted(found.confidence) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("keep", [0, 1])
def test_no_spine_in_fewer_than_two_discs(keep: int) -> None:
    spine = DrawnSpine(discs=keep) if keep else DrawnSpine(discs=1, skip=(1,))
    with pytest.raises(NoSpineError, match="no lumbar spine was found"):
        label(spine)


def disc_at(row_mm: float) -> ChainDisc:
    part = SimpleNamespace(centre=(0.0, row_mm, 50.0), area_mm2=250.0)
    return ChainDisc((part,))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows_mm", "steps"),
    [
        ([200, 166, 133, 101], [1, 1, 1]),
        ([200, 166, 98, 66], [1, 2, 1]),
        ([200, 132, 64, 30], [2, 2, 1]),
        ([270, 206, 140, 74, 10], [1, 1, 1, 1]),
        ([200, 130], [2]),
    ],
    ids=["usual", "one missed", "two missed", "wrong pixel size", "two discs alone"],
)
def test_missed_discs_are_told_from_a_wrong_pixel_size(rows_mm: list[float], steps: list[int]) -> None:
    assert level_steps([disc_at(row) for row in rows_mm]) == steps
