"""Three drawn bodies tell where discs are, may be and cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from lumbardisc.training.partial import ANY, BODY, DISC, LOWEST, SACRUM
from lumbardisc.training.sources.regions import around_bodies
from lumbardisc.training.sources.spider_boxes import allowed_by_boxes
from lumbardisc.training.sources.spider_space import bodies_only, lowest_disc


def drawn(*rows: tuple[int, int]) -> list[np.ndarray]:
    masks = [np.zeros((160, 80), dtype=bool) for _ in rows]
    for mask, (top, foot) in zip(masks, rows, strict=True):
        mask[top:foot, 20:54] = True
    return masks


def test_between_bodies_is_disc_and_under_l5_it_may_begin() -> None:
    l5, l4, l3 = drawn((100, 124), (66, 90), (32, 56))
    allowed = around_bodies({1: l5, 2: l4, 3: l3}, 1.0)
    assert (allowed[l5] == BODY).all()
    assert allowed[95, 37] == DISC
    assert allowed[61, 37] == DISC
    assert allowed[95, 5] & (DISC | LOWEST) == 0, "away from the spine no disc"
    assert allowed[130, 37] & LOWEST
    assert allowed[130, 37] & DISC == 0
    assert allowed[40, 5] & (SACRUM | LOWEST) == 0
    assert allowed[10, 37] == ANY & ~(SACRUM | LOWEST), (
        "over the highest labelled body anything but the foot of the spine"
    )


def test_with_s1_the_disc_above_it_is_the_lowest() -> None:
    s1, l5 = drawn((134, 156), (100, 124))
    allowed = around_bodies({0: s1, 1: l5}, 1.0)
    assert allowed[129, 37] == LOWEST
    assert (allowed[s1] == SACRUM).all()


@pytest.mark.parametrize("tolerance", [1.0, 2.0])
def test_tolerance_leaves_outlines_undecided(tolerance: float) -> None:
    l5, l4 = drawn((100, 124), (66, 90))
    allowed = around_bodies({1: l5, 2: l4}, 1.0, tolerance_mm=tolerance)
    assert allowed[112, 37] == BODY
    assert allowed[112, 20] != BODY
    assert allowed[112, 20] & BODY


def test_boxes() -> None:
    allowed = allowed_by_boxes((100, 60), [(1, 20, 70, 20, 12), (2, 20, 40, 20, 12)])
    assert allowed[75, 30] & LOWEST
    assert allowed[75, 30] & DISC == 0
    assert allowed[45, 30] & DISC
    assert allowed[45, 30] & (LOWEST | SACRUM) == 0
    assert allowed[60, 30] & (DISC | LOWEST) == 0
    assert allowed[90, 30] & BODY == 0
    assert (allowed_by_boxes((4, 4), []) == ANY).all()


def test_lowest_disc_and_arches() -> None:
    discs = np.zeros((3, 60, 40), dtype=bool)
    discs[:, 10:16, 5:25] = discs[:, 40:46, 5:25] = True
    discs[1, 55, 5:8] = True  # a speck below
    lowest = lowest_disc(discs)
    assert lowest[:, 40:46, 5:25].all()
    assert lowest.sum() == 3 * 6 * 20
    vertebra, canal = np.zeros_like(discs), np.zeros_like(discs)
    vertebra[:, 18:38, 5:40] = True
    canal[1, :, 28:34] = True
    bodies = bodies_only(vertebra, canal)
    assert bodies[:, 18:38, 5:28].all()
    assert not bodies[:, :, 30:].any()


def test_body_that_does_not_show_leaves_its_place_undecided() -> None:
    l5, l3 = drawn((100, 124), (32, 56))
    allowed = around_bodies({1: l5, 3: l3}, 1.0)
    assert allowed[78, 37] & DISC
    assert allowed[78, 37] & BODY == 0, "a body that is not labelled on the slice is not there"
    assert allowed[61, 37] != DISC
