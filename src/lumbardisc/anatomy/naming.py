"""The names of the discs of a chain: by what they look like, by a detector's boxes, or by both together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from lumbardisc.anatomy.chain import ChainDisc
from lumbardisc.anatomy.numbering import AMBIGUOUS_BELOW, Numbering, level_steps
from lumbardisc.anatomy.second_reading import SecondReading, weigh_together
from lumbardisc.levels import disc_name

SURE = 0.99
"""No name is ever called surer than this."""
GAP_DOUBT = 0.7
"""Factor on the confidence of the levels above a disc that was not seen."""
SEGMENTATION, DETECTOR = "segmentation", "detector"

Counts = tuple[int, ...]
Value = TypeVar("Value")


@dataclass(frozen=True)
class Names:
    """For each disc of a chain, lowest first, its count from the bottom (1 = L5/S1), 0 for one that gets no name.

    confidence: of each, 0-1. runner_up: the next likely numbering. readings: what each reader says by itself, by
    ``SEGMENTATION`` and, where it was asked and saw any of the discs, ``DETECTOR``.
    """

    counts: Counts
    confidence: tuple[float, ...]
    runner_up: Numbering
    readings: Mapping[str, Numbering]

    @property
    def agreeing(self) -> tuple[str, ...]:
        """The readers that by themselves say the same."""
        return tuple(reader for reader, one in self.readings.items() if one.counts == self.counts)

    @property
    def ambiguous(self) -> bool:
        """Whether they are in doubt: unsure, or one reader says otherwise."""
        return min(self.of_named(self.confidence).values()) < AMBIGUOUS_BELOW or len(self.agreeing) < len(self.readings)

    @property
    def left_out(self) -> int:
        """Discs above the lowest named one that got no name."""
        lowest = next(index for index, count in enumerate(self.counts) if count)
        return self.counts[lowest:].count(0)

    def under(self, other: Numbering) -> dict[int, str]:
        """Label of each named disc -> its name under another numbering (a disc that would be sacral is ``S1/S2``)."""
        return {label: disc_name(count) if count else "S1/S2" for label, count in self.of_named(other.counts).items()}

    def of_named(self, values: Sequence[Value]) -> dict[int, Value]:
        """Label of each named disc -> its value of ``values``, one per disc of the chain."""
        return {count: value for count, value in zip(self.counts, values, strict=True) if count}


def name_chain(
    chain: Sequence[ChainDisc], by_look: Sequence[Numbering], reading: SecondReading | None, *, by_boxes: bool
) -> Names:
    """Names by the looks of discs and bones, weighed together with the boxes where these say anything.

    by_look: numberings, most probable first. by_boxes: take the names of the boxes, and their confidence, instead.
    """
    if not reading:
        return _likeliest(chain, by_look, {SEGMENTATION: by_look[0]})
    counts = reading.counts(level_steps(chain))
    readings = {SEGMENTATION: by_look[0], DETECTOR: Numbering(counts, reading.probability(counts))}
    if by_boxes:
        return _boxed(by_look, reading, readings)
    return _likeliest(chain, weigh_together(by_look, reading), readings)


def _likeliest(chain: Sequence[ChainDisc], numberings: Sequence[Numbering], readings: Mapping[str, Numbering]) -> Names:
    best, runner_up = numberings[:2]
    return Names(best.counts, _confidence(chain, best), runner_up, readings)


def _confidence(chain: Sequence[ChainDisc], best: Numbering) -> tuple[float, ...]:
    """The numbering's probability, less above every disc that was not seen."""
    lumbar = [disc for disc, count in zip(chain, best.counts, strict=True) if count]
    missed = np.concatenate([[0], np.cumsum([step - 1 for step in level_steps(lumbar)])])
    sure = [min(best.probability, SURE) * GAP_DOUBT ** int(gaps) for gaps in missed]
    return (*[0.0] * (len(chain) - len(lumbar)), *sure)


def _boxed(by_look: Sequence[Numbering], reading: SecondReading, readings: Mapping[str, Numbering]) -> Names:
    """A disc without a box is as sure as the boxes are on the whole."""
    counts, whole = readings[DETECTOR].counts, readings[DETECTOR].probability
    sure = [
        min(box.level_probabilities.get(count, 0.0) if box else whole, SURE)
        for box, count in zip(reading.boxes, counts, strict=True)
    ]
    others = [Numbering(one.counts, reading.probability(one.counts)) for one in by_look if one.counts != counts]
    return Names(counts, tuple(sure), max(others, key=lambda one: one.probability), readings)
