"""A study as Python sees it: discs by level, columns as attributes."""

from __future__ import annotations

import pickle

import pytest

from lumbardisc.pipeline.study import Disc, Discs

L5S1, L4L5 = Disc("L5/S1", 1, {"height_mm": 9.5}), Disc("L4/L5", 2, {"height_mm": 11.0})


def test_discs_by_level_lowest_first() -> None:
    discs = Discs((L4L5, L5S1))
    assert list(discs) == ["L5/S1", "L4/L5"]
    assert discs["L4/L5"].height_mm == 11.0
    assert len(discs) == 2
    assert "L3/L4" not in discs


def test_a_column_that_is_not_there_says_which_are() -> None:
    with pytest.raises(AttributeError, match=r"no 'hight_mm'; it has height_mm"):
        _ = L5S1.hight_mm


def test_a_disc_survives_the_way_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(L5S1)) == L5S1
