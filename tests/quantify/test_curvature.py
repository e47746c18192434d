"""Lordosis of bodies drawn at known angles."""

import numpy as np
import pytest
from hand_drawn import own_axes, rectangle, upright_spine
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lumbardisc.quantify.curvature import curvature
from lumbardisc.quantify.regions import Section, regions

SPACING = (4.0, 0.5, 0.5)
# Tilts of S1, L5, L4, ... L1: the sacrum slopes steeply, L1 leans the other way.
TILTS = (38.0, 20.0, 8.0, 0.0, -7.0, -14.0)


def curved(tilts: tuple[float, ...]) -> NDArray[np.int16]:
    """S1, L5 ... L1 as rectangles 32 deep and 24 high at their tilts, 37 mm apart."""
    labels = np.zeros((1, 480, 190), dtype=np.int16)
    for count, tilt in enumerate(tilts):
        mask = rectangle(own_axes(labels.shape[1:], SPACING[1:], (215.0 - 37 * count, 48.3), tilt), 32.0, 24.0)
        labels[0][mask] = 100 + count
    return labels


def found(labels: NDArray[np.int16]) -> dict[str, float]:
    return curvature(Section(0, regions(labels), SPACING))


def test_known_tilts_without_any_disc() -> None:
    angles = found(curved(TILTS))
    assert angles["lordosis_l1_s1_deg"] == pytest.approx(52.0, abs=1.0)
    assert angles["segment_l5_s1_deg"] == pytest.approx(18.0, abs=1.0)
    assert angles["segment_l1_l2_deg"] == pytest.approx(7.0, abs=1.0)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.tuples(*[st.floats(-12, 12)] * 6))
def test_segments_add_up_to_the_lordosis(tilts: tuple[float, ...]) -> None:
    angles = found(curved(tilts))
    segments = sum(value for name, value in angles.items() if name.startswith("segment"))
    assert angles["lordosis_l1_s1_deg"] == pytest.approx(segments)
    # A border with a single pixel step is fitted up to 1.7 degrees steep, whatever its true slope between.
    assert angles["lordosis_l1_s1_deg"] == pytest.approx(tilts[0] - tilts[5], abs=2.5)


def test_a_sacrum_that_runs_out_of_the_image_still_has_its_endplate() -> None:
    angles = curvature(Section(6, regions(upright_spine()), (4.0, 0.5, 0.5)))
    assert list(angles.values()) == pytest.approx([0.0] * 6, abs=0.3)


@pytest.mark.parametrize(("missing", "undefined"), [(100, "segment_l5_s1_deg"), (105, "segment_l1_l2_deg")])
def test_without_its_ends_there_is_no_lordosis(missing: int, undefined: str) -> None:
    labels = curved(TILTS)
    labels[labels == missing] = 0
    angles = found(labels)
    assert np.isnan([angles["lordosis_l1_s1_deg"], angles[undefined]]).all()
    assert angles["segment_l3_l4_deg"] == pytest.approx(8.0, abs=1.0)


def test_no_bones_at_all() -> None:
    assert np.isnan(list(found(np.zeros((1, 20, 20), dtype=np.int16)).values())).all()
