"""The split: by patient, disjoint, of the promised size."""

from __future__ import annotations

import pytest

from lumbardisc.training.splits import load_splits, part_of


@pytest.mark.parametrize(
    ("group", "least"), [("spider", 30), ("vertebrae_t2", 5), ("vertebrae_water", 10), ("mendeley_t1", 20)]
)
def test_parts_are_disjoint_and_large_enough(group: str, least: int) -> None:
    parts = load_splits()[group]
    assert not parts["test"] & parts["validation"]
    assert len(parts["test"]) >= least


def test_all_images_of_a_spider_patient_are_in_one_part() -> None:
    for patient in load_splits()["spider"]["test"]:
        assert part_of("spider_space", patient) == part_of("spider_midsagittal", patient) == "test"
    assert part_of("spider_space", "no such patient") == "train"
    assert part_of("my own data", "1") == "train"
