"""Tables of tissues and grades: physics' inequalities, mixtures that keep their sum, grades that only get worse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbardisc.phantom.degeneration import GRADES
from lumbardisc.phantom.tissue import CSF, FAT, MUSCLE, STEADY, Palette, mix

TISSUES = (*STEADY, *(row.nucleus for row in GRADES.values()), *(row.annulus for row in GRADES.values()))


@pytest.mark.parametrize("tissue", TISSUES, ids=lambda tissue: tissue.name)
def test_relaxation_times_are_possible(tissue) -> None:
    assert tissue.source
    for field_t in (1.5, 3.0):
        assert tissue.t1(field_t) >= tissue.t2(field_t)
        assert tissue.t2_star_ms <= tissue.t2(field_t)
    assert 0 <= tissue.density <= 1


@settings(deadline=None)
@given(part=st.floats(0, 1), other=st.floats(0, 1))
def test_mixtures_sum_to_one(part: float, other: float) -> None:
    assert sum(mix(mix(FAT, MUSCLE, part), CSF, other).values()) == pytest.approx(1.0)


def test_a_ramp_leads_through_its_stops() -> None:
    palette = Palette()
    palette.add(CSF)
    ramp = palette.ramp(((0, FAT), (0.5, MUSCLE), (1, CSF)), 5)
    ends = [palette.mixtures[row] for row in ramp.rows(np.array((-3.0, 0.0, 0.25, 0.5, 1.0, 9.0)))]
    assert [dict(end).get(FAT, 0) for end in ends] == pytest.approx([1, 1, 0.5, 0, 0, 0])
    assert [dict(end).get(CSF, 0) for end in ends] == pytest.approx([0, 0, 0, 0, 1, 1])


def test_a_palette_fits_in_a_byte() -> None:
    palette = Palette()
    with pytest.raises(ValueError, match="256 rows"):
        palette.ramp(((0, FAT), (1, CSF)), 257)


@pytest.mark.parametrize("value", ["height", "nucleus_t2_ms", "nucleus_t1rho_ms", "nucleus_density", "annulus_t2_ms"])
def test_degeneration_only_lowers(value: str) -> None:
    values = [getattr(GRADES[grade], value) for grade in range(1, 6)]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == 5


def test_t1rho_lies_in_the_phases_of_li_2024() -> None:
    times = [GRADES[grade].nucleus_t1rho_ms for grade in range(1, 6)]
    assert min(times[:2]) > 110
    assert 80 < times[2] < 110
    assert max(times[3:]) < 80
