"""Drawn discs: each its own, yet with age, grade, T2 and T1rho as far together as in patients."""

from __future__ import annotations

import numpy as np
import pytest

from lumbardisc.phantom import draw_spine
from lumbardisc.phantom.degeneration import GRADES, draw_degeneration, grade_of


@pytest.fixture(scope="module")
def discs() -> dict[str, np.ndarray]:
    found = [(spine.age_years, disc.degeneration) for spine in map(draw_spine, range(120)) for disc in spine.discs[:5]]
    names = ("grade", "nucleus_t1rho_ms", "nucleus_t2_ms", "nucleus_t1_ms", "proteoglycan")
    columns = {name: np.array([getattr(state, name) for _, state in found]) for name in names}
    return columns | {"age": np.array([age for age, _ in found])}


def correlation(discs: dict[str, np.ndarray], one: str, other: str) -> float:
    return float(np.corrcoef(discs[one], discs[other])[0, 1])


def test_a_seed_gives_the_same_owner_and_discs() -> None:
    one, same = draw_spine(9), draw_spine(9)
    assert one.age_years == same.age_years
    assert [disc.degeneration for disc in one.discs] == [disc.degeneration for disc in same.discs]


def test_a_wear_has_the_nearest_grade() -> None:
    assert [grade_of(wear) for wear in (0.5, 1.4, 1.6, 3.0, 4.49, 5.5)] == [1, 1, 2, 3, 4, 5]


def test_discs_of_one_wear_scatter_about_what_is_typical() -> None:
    rng = np.random.default_rng(0)
    drawn = [draw_degeneration(3.0, rng) for _ in range(2000)]
    for name, spread in (("nucleus_t1rho_ms", 0.18), ("nucleus_t2_ms", 0.08), ("nucleus_t1_ms", 0.09)):
        values = np.array([getattr(each, name) for each in drawn])
        assert values.mean() == pytest.approx(getattr(GRADES[3], name), rel=0.02)
        assert values.std() / values.mean() == pytest.approx(spread, abs=0.025)
    assert {each.height for each in drawn} == {GRADES[3].height}


def test_means_of_grades_come_near_those_published(discs: dict[str, np.ndarray]) -> None:
    for grade, t2 in ((2, 129), (3, 84), (4, 51)):  # 494 discs of an ECR poster
        assert discs["nucleus_t2_ms"][discs["grade"] == grade].mean() == pytest.approx(t2, rel=0.12)


def test_correlations_lie_where_patients_have_them(discs: dict[str, np.ndarray]) -> None:
    assert -0.88 < correlation(discs, "nucleus_t1rho_ms", "grade") < -0.7
    assert 0.8 < correlation(discs, "nucleus_t1rho_ms", "nucleus_t2_ms") < 0.95
    assert 0.8 < correlation(discs, "nucleus_t1rho_ms", "proteoglycan") < 0.95
    assert -0.75 < correlation(discs, "nucleus_t1rho_ms", "age") < -0.4
    assert correlation(discs, "grade", "age") > 0.5


def test_a_grade_does_not_tell_the_phase(discs: dict[str, np.ndarray]) -> None:
    third = discs["nucleus_t1rho_ms"][discs["grade"] == 3]
    assert min((third > 110).mean(), (third < 110).mean()) > 0.2


def test_a_given_grade_has_discs_of_every_wear_in_it() -> None:
    t2 = [draw_spine(seed, grades=[2]).discs[0].degeneration.nucleus_t2_ms for seed in range(40)]
    assert np.std(t2) > 12.0
    assert {draw_spine(seed, grades=[2]).discs[0].degeneration.grade for seed in range(40)} == {2}
