"""Names of segments as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbardisc.levels import DISCS, VERTEBRAE, body_label, disc_label
from lumbardisc.training.labelled.structures import code_of

LEVELS = ["L5/S1", "L4/L5", "L1/L2", "T12/L1", "T11/T12"]
SHAPES = ["{0}-{1} disc", "IVD {0}{1}", "disc_{0}_{1}", "{0}/{1}", "Disc {0}-{1}", "intervertebral disc {0}/{1}"]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("level", LEVELS)
def test_discs(shape: str, level: str) -> None:
    assert code_of(shape.format(*level.split("/"))) == disc_label(level)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("disc L4/5", 2), ("L5-S", 1), ("disc_L5_S", 1), ("IVD_L3-4", 3), ("Th12 L1 disk", 6), ("Bandscheibe L4/L5", 2),
        ("vertebra L3", 103), ("L3", 103), ("vertebrae_L5", 101), ("L3 vertebral body", 103), ("Th12", 106),
        ("sacrum", 100), ("S1", 100), ("vertebrae_S1", 100), ("Spinal canal", 200), ("spinal_canal", 200),
        ("thecal sac", 200), ("\uff2c\uff14\uff0f\uff2c\uff15", 2),
    ],
)  # fmt: skip
def test_names(name: str, label: int) -> None:
    assert code_of(name) == label


@pytest.mark.parametrize(
    "name",
    ["disc", "disc 1", "1", "", "background", "spinal cord", "L5 pedicle", "left psoas L4", "L6", "disc L3/L5", "L45",
     "Segment_1", "L4/L5 nucleus", "S2", "disc L5"],
)  # fmt: skip
def test_what_has_no_meaning_has_none(name: str) -> None:
    assert code_of(name) is None


@given(st.sampled_from([*DISCS, *VERTEBRAE]), st.sampled_from(["", "label ", "Segment "]), st.booleans())
def test_our_own_names_in_any_case(name: str, before: str, loud: bool) -> None:
    text = before + name
    expected = disc_label(name) if "/" in name else body_label(name)
    assert code_of(text.upper() if loud else text.lower()) == expected


@given(st.text(max_size=30))
def test_any_text_is_understood_or_not_but_never_fails(text: str) -> None:
    code = code_of(text)
    assert code is None or 1 <= code <= 200
