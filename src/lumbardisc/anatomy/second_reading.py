"""A second reading of the names: a detector's boxes on the mid-sagittal slice, laid on the chain of discs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from lumbardisc.anatomy.chain import ChainDisc
from lumbardisc.anatomy.numbering import Numbering
from lumbardisc.inference.detection import FoundDisc
from lumbardisc.levels import DISCS

COVERED = 0.5
"""Share of a disc on the slice that lies in the box of the same disc, at least."""
SEGMENTATION_ERRS, DETECTOR_ERRS = 0.05, 0.05
"""Share of images on which each reading names the discs wrong, however sure it is."""


@dataclass(frozen=True)
class SecondReading:
    """boxes: for each disc of the chain, lowest first, the box on it, or None. others: boxes that lie on no disc."""

    boxes: tuple[FoundDisc | None, ...]
    others: tuple[FoundDisc, ...]

    def __bool__(self) -> bool:
        """Whether it says anything about the discs of the chain."""
        return any(self.boxes)

    def probability(self, counts: Sequence[int]) -> float:
        """How far the boxes speak for ``counts``, 0-1: the mean over the discs that have one."""
        shares = [_share(box, count) for box, count in zip(self.boxes, counts, strict=True) if box]
        return float(np.mean(shares))

    def counts(self, steps: Sequence[int]) -> tuple[int, ...]:
        """Names for the whole chain by the boxes; a disc without one is counted on from its neighbours.

        steps: levels from each disc to the next. 0 where a disc lies below L5/S1, and where the boxes beside it leave
        no name for it.
        """
        labels = [box.label if box else 0 for box in self.boxes]
        first = next(index for index, label in enumerate(labels) if label)
        counts = [max(labels[first] - sum(steps[index:first]), 0) for index in range(first)]
        last = max(counts, default=0)
        for index in range(first, len(labels)):
            name = labels[index] or last + steps[index - 1]
            above = min((label for label in labels[index + 1 :] if label), default=len(DISCS) + 1)
            counts.append(name if last < name < above else 0)
            last = max(last, counts[-1])
        return tuple(counts)


def match_boxes(found: Sequence[FoundDisc], chain: Sequence[ChainDisc], components: NDArray[np.int32]) -> SecondReading:
    """Give each disc the box that covers it, so that all boxes together cover most.

    components: (row, column), the component map on the slice that the boxes are of. A disc that is not on that slice
    gets none.
    """
    cover = np.array([[_cover(disc, one, components) for one in found] for disc in chain]).reshape(len(chain), -1)
    pairs = {int(disc): int(box) for disc, box in zip(*linear_sum_assignment(-cover), strict=True)}
    matched = {disc: box for disc, box in pairs.items() if cover[disc, box] >= COVERED}
    return SecondReading(
        tuple(found[matched[disc]] if disc in matched else None for disc in range(len(chain))),
        tuple(one for box, one in enumerate(found) if box not in matched.values()),
    )


def weigh_together(numberings: Sequence[Numbering], reading: SecondReading) -> list[Numbering]:
    """The numberings by both readings, most probable first.

    The two are taken as independent. Each may be wrong however sure it is, and then speaks for all numberings alike.
    """
    even = 1.0 / len(numberings)
    weights = np.array(
        [
            ((1.0 - SEGMENTATION_ERRS) * one.probability + SEGMENTATION_ERRS * even)
            * ((1.0 - DETECTOR_ERRS) * reading.probability(one.counts) + DETECTOR_ERRS * even)
            for one in numberings
        ]
    )
    together = [
        Numbering(one.counts, float(weight)) for one, weight in zip(numberings, weights / weights.sum(), strict=True)
    ]
    return sorted(together, key=lambda numbering: -numbering.probability)


def _share(box: FoundDisc, count: int) -> float:
    """Probability of a name by a box; 0 stands for none of the lumbar discs."""
    levels = box.level_probabilities
    return levels.get(count, 0.0) if count else max(0.0, 1.0 - sum(levels.values()))


def _cover(disc: ChainDisc, found: FoundDisc, components: NDArray[np.int32]) -> float:
    """Share of a disc's pixels whose centres lie in a box; 0 for a disc that is not on the slice."""
    rows, columns = np.nonzero(np.isin(components, [part.index for part in disc.parts]))
    x0, y0, x1, y1 = np.asarray(found.box) - 0.5
    inside = (rows >= y0) & (rows < y1) & (columns >= x0) & (columns < x1)
    return float(inside.mean()) if len(inside) else 0.0
