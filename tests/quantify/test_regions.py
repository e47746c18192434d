"""Structures are cropped without losing their place, and a body finds its axis from its neighbours."""

import numpy as np
import pytest
from hand_drawn import own_axes, rectangle

from lumbardisc.quantify.regions import Section, regions

SPACING = (4.0, 0.5, 0.5)


def test_a_structure_keeps_its_place() -> None:
    labels = np.zeros((4, 20, 30), dtype=np.uint8)
    labels[1, 5:9, 10:20] = labels[2, 6:8, 12:15] = 7
    region = regions(labels)[7]
    assert region.areas.tolist() == [0, 40, 6, 0]
    assert region.box(1) == (5, 10, 9, 20)
    assert region.box(2) == (6, 12, 8, 15)
    assert not region.on(3).any()
    assert region.centre(1, SPACING) == pytest.approx([6.5 * 0.5, 14.5 * 0.5])
    assert region.centre(0, SPACING) is None
    points = region.outline(1, SPACING)
    assert points is not None
    assert points.min(axis=0) == pytest.approx([4.5 * 0.5, 9.5 * 0.5])


def test_only_what_is_there_is_listed() -> None:
    labels = np.zeros((2, 10, 10), dtype=np.int32)
    labels[0, 2, 2], labels[1, 3, 3] = 200, 5
    assert list(regions(labels)) == [5, 200]


@pytest.mark.parametrize("lean", [-60.0, -20.0, 60.0])
def test_a_square_body_takes_its_axis_from_its_neighbours(lean: float) -> None:
    sine, cosine = np.sin(np.radians(lean)), np.cos(np.radians(lean))
    labels = np.zeros((1, 440, 480), dtype=np.int16)
    for count in range(4):
        centre = 110.0 + 37 * (1.5 - count) * cosine, 120.0 + 37 * (1.5 - count) * sine
        labels[0][rectangle(own_axes(labels.shape[1:], SPACING[1:], centre, lean), 30.0, 30.0)] = 101 + count
    section = Section(0, regions(labels), SPACING)
    for body in (101, 102, 104):
        found = section.borders(body)
        assert found is not None
        assert found.angle_deg == pytest.approx(lean, abs=1.0)
        assert found.mean_height_mm() == pytest.approx(30.0, abs=0.2)
