"""The seeded split of own patients: nobody in two parts, whatever the data sets."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from lumbardisc.training.patients import deal, write_split
from lumbardisc.training.splits import part_of

NAMES = st.sets(st.text("abc123", min_size=1), min_size=10, max_size=60)


@settings(deadline=None, max_examples=15)
@given(NAMES, st.integers(0, 99))
def test_shares_are_kept_and_a_seed_gives_one_split(names: set[str], seed: int) -> None:
    patients = [("masks", name) for name in names] + [("table", name) for name in names]
    split = deal(patients, 0.155, 0.2, seed)
    assert split == deal(reversed(patients), 0.155, 0.2, seed)
    parts = [split.part("table", name) for name in names]
    assert parts == [split.part("masks", name) for name in names], "the masks of a test patient do not train"
    assert abs(parts.count("test") - 0.2 * len(names)) <= 1
    assert abs(parts.count("validation") - 0.155 * len(names)) <= 1


def test_public_patients_keep_their_part(tmp_path: Path) -> None:
    patients = [("spider_pseudo_t2", "17"), ("spider", "3"), ("table", "17")]
    split = deal(patients, 0.2, 0.2, 0)
    assert split.part("spider_pseudo_t2", "17") == part_of("spider", "17") == "test"
    assert split.part("spider", "3") == "validation"
    write_split(split, patients, tmp_path / "split.csv")
    rows = (tmp_path / "split.csv").read_text().splitlines()
    assert rows[0] == "source,patient,part"
    assert set(rows[1:3]) == {"spider,3,validation", "spider_pseudo_t2,17,test"}
