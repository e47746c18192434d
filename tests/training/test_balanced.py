"""The split of own patients by how worn their discs are."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbardisc.training.balanced import deal_balanced
from lumbardisc.training.splits import part_of

PAPER = 8 / 43


def patients(names: list[str]) -> list[tuple[str, str]]:
    return [("masks", name) for name in names]


def test_forty_three_subjects_as_in_table_1() -> None:
    names = [f"S{number}" for number in range(43)]
    grades = {name: [1 + number % 4] * 5 for number, name in enumerate(names)}
    split = deal_balanced(patients(names), grades, PAPER, PAPER, seed=3)
    parts = {part: [name for name in names if split.part("masks", name) == part] for part in set(split.own.values())}
    assert {part: len(of) for part, of in parts.items()} == {"train": 27, "validation": 8, "test": 8}
    for of in parts.values():
        counts = np.bincount([grades[name][0] for name in of], minlength=5)[1:]
        assert counts.max() - counts.min() <= 2, "of each grade about as many"


@settings(deadline=None, max_examples=25)
@given(st.lists(st.lists(st.integers(1, 5), max_size=5), min_size=12, max_size=40), st.integers(0, 9))
def test_whoever_has_grade_v_does_not_validate(discs: list[list[int]], seed: int) -> None:
    grades = {f"S{number}": of for number, of in enumerate(discs)}
    everyone = patients(list(grades))
    split = deal_balanced(everyone, grades, PAPER, PAPER, seed)
    assert split == deal_balanced(everyone[::-1], grades, PAPER, PAPER, seed), "the order they come in does not count"
    assert set(split.own) == set(grades)
    assert not [name for name, part in split.own.items() if part == "validation" and 5 in grades[name]]


def test_without_grades_the_shares_are_kept_and_seeds_differ() -> None:
    names = [f"S{number}" for number in range(43)]
    one, other = (deal_balanced(patients(names), {}, PAPER, PAPER, seed) for seed in (0, 1))
    assert list(one.own.values()).count("validation") == list(other.own.values()).count("test") == 8
    assert one != other


def test_a_share_of_nothing_gets_nobody() -> None:
    grades = {f"S{number}": [5] if number % 2 else [1] for number in range(20)}
    split = deal_balanced(patients(list(grades)), grades, 0.2, 0.0, seed=0)
    assert set(split.own.values()) == {"train", "validation"}


def test_public_patients_keep_their_part() -> None:
    split = deal_balanced([("spider_space", "146"), ("masks", "S1")], {"146": [1]}, 0.1, 0.1, 0)
    assert split.part("spider_space", "146") == part_of("spider_space", "146") == "test"
    assert set(split.own) == {"S1"}
