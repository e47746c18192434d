"""The drawn spine: reproducible, adult-sized, with the number of bodies and the grades asked for."""

from __future__ import annotations

import numpy as np
import pytest

from lumbardisc.errors import UsageError
from lumbardisc.phantom import draw_spine
from lumbardisc.phantom.column import trace_column


def middles(spine) -> np.ndarray:
    return np.array([body.slab.frame.origin for body in spine.bodies])


def test_same_seed_same_spine_other_seed_other_spine() -> None:
    assert np.array_equal(middles(draw_spine(3)), middles(draw_spine(3)))
    assert not np.allclose(middles(draw_spine(3))[:5], middles(draw_spine(4))[:5])


@pytest.mark.parametrize("lumbar", [4, 5, 6])
def test_the_number_of_lumbar_bodies(lumbar: int) -> None:
    spine = draw_spine(1, lumbar_bodies=lumbar)
    assert len(spine.bodies) == lumbar + 5  # and T12 to T8
    assert [disc.level for disc in spine.discs[:2]] == ["L5/S1", "L4/L5"]
    column = trace_column(spine)
    conus = column.level[np.flatnonzero(column.cord > 0)[0]]
    assert conus == pytest.approx(lumbar, abs=1.6)  # about at the highest lumbar body


def test_four_and_six_bodies_do_occur_unasked() -> None:
    drawn = {draw_spine(seed).lumbar_bodies for seed in range(40)}
    assert drawn == {4, 5, 6}


def test_bodies_are_stacked_upward_and_the_sacrum_downward() -> None:
    for seed in range(10):
        spine = draw_spine(seed)
        heights = [body.slab.frame.origin[2] for body in (*spine.sacrum[::-1], *spine.bodies)]
        assert (np.diff(heights) > 8).all()


def test_posture_is_that_of_adults_lying_down() -> None:
    lordosis = [draw_spine(seed, grades=[2] * 10).lordosis_deg for seed in range(20)]
    assert 40 < np.mean(lordosis) < 60
    assert min(lordosis) > 25
    slopes = [draw_spine(seed).sacrum[0].slab.top.frame.axes[2] for seed in range(20)]
    assert 20 < np.degrees(np.mean([np.arctan2(up[1], up[2]) for up in slopes])) < 45


def test_scoliosis_moves_bodies_sideways_both_ways() -> None:
    straight, curved = (middles(draw_spine(5, scoliosis_deg=lean))[:, 0] for lean in (0.0, 12.0))
    assert np.ptp(straight) < 0.01
    assert np.ptp(curved) > 6.0


def test_given_grades_are_kept_from_below_and_the_rest_drawn() -> None:
    spine = draw_spine(2, grades=[5, 1, 3])
    assert [disc.degeneration.grade for disc in spine.discs[:3]] == [5, 1, 3]
    drawn = draw_spine(2)
    assert [d.degeneration.grade for d in spine.discs[3:]] == [d.degeneration.grade for d in drawn.discs[3:]]


def test_what_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="4, 5 or 6 lumbar bodies, not 7"):
        draw_spine(0, lumbar_bodies=7)
    with pytest.raises(UsageError, match="grades are 1 to 5"):
        draw_spine(0, grades=[6])
