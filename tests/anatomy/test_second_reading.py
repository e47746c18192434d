"""A detector's boxes laid on discs: which box is whose, the names that follow, both readings weighed together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from lumbardisc.anatomy.chain import ChainDisc
from lumbardisc.anatomy.components import Candidate
from lumbardisc.anatomy.numbering import Numbering
from lumbardisc.anatomy.second_reading import SecondReading, match_boxes, weigh_together
from lumbardisc.inference.detection import FoundDisc


def box(label: int, edges: tuple[float, float, float, float] = (0, 0, 1, 1), sure: float = 1.0) -> FoundDisc:
    return FoundDisc(label, edges, 0.9, {label: sure, label + 1: 1.0 - sure})


def disc(*indices: int) -> ChainDisc:
    return ChainDisc(tuple(Candidate(index, (0.0, 0.0, 0.0), 100.0, 100.0, 0.0, 1.0) for index in indices))


class TestMatching:
    """A slice with three components: 1 in rows 40-49, 2 in rows 20-29 beside 3, all columns of each 10 wide."""

    components = np.zeros((60, 40), dtype=np.int32)
    components[40:50, 10:20] = 1
    components[20:30, 10:20] = 2
    components[20:30, 22:32] = 3

    def test_a_disc_gets_the_box_that_covers_it(self) -> None:
        lower, upper = box(1, (9, 39, 21, 51)), box(2, (9, 19, 33, 31))
        reading = match_boxes([lower, upper], [disc(1), disc(2, 3)], self.components)
        assert reading == SecondReading((lower, upper), ())

    def test_edges_are_those_of_pixels(self) -> None:
        five_of_ten_rows, four = box(1, (10, 40, 20, 45)), box(1, (10, 40, 20, 44))
        assert match_boxes([five_of_ten_rows], [disc(1)], self.components).boxes == (five_of_ten_rows,)
        assert match_boxes([four], [disc(1)], self.components) == SecondReading((None,), (four,))

    def test_of_two_parts_of_one_disc_both_count(self) -> None:
        one_part = box(2, (10, 20, 20, 30))
        assert match_boxes([one_part], [disc(2, 3)], self.components).boxes == (one_part,), "just half of the disc"

    def test_one_box_is_one_disc_s(self) -> None:
        large = box(1, (0, 0, 40, 60))
        reading = match_boxes([large, box(2, (9, 19, 21, 31))], [disc(1), disc(2)], self.components)
        assert reading.boxes == (large, box(2, (9, 19, 21, 31)))

    def test_a_disc_off_the_slice_gets_none(self) -> None:
        reading = match_boxes([box(1, (9, 39, 21, 51))], [disc(1), disc(7)], self.components)
        assert (reading.boxes[1], reading.others) == (None, ())

    def test_no_box_says_nothing(self) -> None:
        reading = match_boxes([], [disc(1)], self.components)
        assert not reading
        assert reading == SecondReading((None,), ())


@pytest.mark.parametrize(
    ("labels", "steps", "expected"),
    [
        ((1, 2, 3), (1, 1), (1, 2, 3)),
        ((2, 3, 4), (1, 1), (2, 3, 4)),
        ((0, 2, 0), (1, 1), (1, 2, 3)),
        ((0, 1, 2), (1, 1), (0, 1, 2)),  # below L5/S1
        ((0, 0, 2), (1, 1), (0, 1, 2)),
        ((1, 0, 4), (2, 1), (1, 3, 4)),  # the distance says that one was not seen
        ((1, 0, 2), (1, 1), (1, 0, 2)),  # no name is left between L5/S1 and L4/L5
        ((1, 3, 0), (1, 1), (1, 3, 4)),  # the boxes see one between
        ((3, 2, 4), (1, 1), (0, 2, 4)),  # names that go down again are none
        ((16, 17, 0), (1, 1), (16, 17, 0)),  # nothing above T1/T2
    ],
)
def test_names_by_the_boxes(labels: tuple[int, ...], steps: tuple[int, ...], expected: tuple[int, ...]) -> None:
    reading = SecondReading(tuple(box(label) if label else None for label in labels), ())
    assert reading.counts(steps) == expected


@given(some.lists(some.integers(0, 17), min_size=1, max_size=8).filter(any), some.data())
def test_names_rise_and_no_name_is_given_twice(labels: list[int], data: some.DataObject) -> None:
    steps = data.draw(some.lists(some.integers(1, 2), min_size=len(labels) - 1, max_size=len(labels) - 1))
    counts = SecondReading(tuple(box(label) if label else None for label in labels), ()).counts(steps)
    given_names = [count for count in counts if count]
    assert given_names == sorted(set(given_names))
    assert given_names
    assert max(given_names) <= 17
    assert all(count in (0, label) for count, label in zip(counts, labels, strict=True) if label)


class TestTogether:
    by_look = (Numbering((1, 2), 0.9), Numbering((2, 3), 0.08), Numbering((0, 1), 0.02))

    def test_how_far_boxes_speak_for_a_numbering(self) -> None:
        reading = SecondReading((FoundDisc(1, (0, 0, 1, 1), 0.9, {1: 0.5, 2: 0.3}), None), ())
        assert [reading.probability(one.counts) for one in self.by_look] == pytest.approx([0.5, 0.3, 0.2])

    def test_by_hand(self) -> None:
        """Each reading is right on 95 of 100 images, and evenly spread over the three numberings on the others."""
        reading = SecondReading((box(2), box(3)), ())
        weights = np.array([(0.855 + 1 / 60) / 60, (0.076 + 1 / 60) * (0.95 + 1 / 60), (0.019 + 1 / 60) / 60])
        together = {one.counts: one.probability for one in weigh_together(self.by_look, reading)}
        expected = weights / weights.sum()
        assert [together[one.counts] for one in self.by_look] == pytest.approx(expected)
        assert next(iter(together)) == (2, 3), "a sure reading wins over one with doubts"

    def test_agreement_makes_surer(self) -> None:
        first = weigh_together(self.by_look, SecondReading((box(1, sure=0.9), None), ()))[0]
        assert first.counts == (1, 2)
        assert 0.95 < first.probability < 1.0

    def test_two_sure_readings_that_differ_leave_doubt(self) -> None:
        sure = (Numbering((1, 2), 1.0), Numbering((2, 3), 0.0), Numbering((0, 1), 0.0))
        first, second, _ = weigh_together(sure, SecondReading((box(2), box(3)), ()))
        assert {first.counts, second.counts} == {(1, 2), (2, 3)}
        assert first.probability < 0.8

    def test_an_unsure_second_reading_changes_little(self) -> None:
        even = SecondReading((FoundDisc(1, (0, 0, 1, 1), 0.9, {1: 1 / 3, 2: 1 / 3}), None), ())
        assert weigh_together(self.by_look, even)[0].probability == pytest.approx(0.95 * 0.9 + 0.05 / 3)
