"""Readings of one measure side by side -> every statistic that fits, with interval and plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.evaluation.agreement.statistics import STATISTICS, Kind, Statistic, Table
from lumbardisc.evaluation.bootstrap import Interval, clustered_intervals

UNDEFINED = Interval(float("nan"), float("nan"), float("nan"))
Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class SideBySide:
    """The items (a disc of a subject) of one measure, each read several times: by readers, or by one again.

    names: of the readings. subjects: (items,) whose they are. table: (items, readings), NaN where one is missing;
    categories are numbers, ``labels`` names those of a nominal measure in order. overlaps: of masks, in place of the
    table: two readings -> (items,) Dice.
    """

    measure: str
    kind: Kind
    names: tuple[str, ...]
    subjects: NDArray[Any]
    table: Table = field(default_factory=lambda: np.empty((0, 0)))
    labels: tuple[str, ...] = ()
    overlaps: Mapping[Pair, Table] = field(default_factory=dict)

    @property
    def pairs(self) -> list[Pair]:
        """Every two readings, by number."""
        return list(combinations(range(len(self.names)), 2))

    def read_by(self, readings: Sequence[int]) -> tuple[Table, NDArray[Any]]:
        """The items that have all these readings: their table, (items, readings) or (items, 1) of masks; subjects."""
        first, second = readings[0], readings[-1]
        table = self.overlaps[first, second][:, None] if self.overlaps else self.table[:, list(readings)]
        known = ~np.isnan(table).any(axis=1)
        return table[known], self.subjects[known]


@dataclass(frozen=True)
class Finding:
    """One row of agreement.csv. between: what was compared. items, subjects: how many of them count."""

    measure: str
    statistic: Statistic
    between: tuple[str, ...]
    found: Interval
    reading: str
    items: int
    subjects: int


def compare(side: SideBySide) -> Iterator[Finding]:
    """Every statistic of the kind: of all readings at once, then of every two."""
    rows = STATISTICS[side.kind]
    together, pairwise = ([one for one in rows if one.pairwise == wanted] for wanted in (False, True))
    yield from _findings(side, together, tuple(range(len(side.names))))
    for pair in side.pairs:
        yield from _findings(side, pairwise, pair)


def _findings(side: SideBySide, statistics: Sequence[Statistic], readings: Sequence[int]) -> Iterator[Finding]:
    """Statistics of the same readings. Where one is not defined its reading says why."""
    if not statistics:
        return
    table, subjects = side.read_by(readings)
    names, owners = tuple(side.names[one] for one in readings), len(np.unique(subjects))
    for statistic, found in zip(statistics, _intervals(statistics, table, subjects, owners), strict=True):
        said = statistic.reading(found, names) if not np.isnan(found.value) else _why_not(len(table))
        yield Finding(side.measure, statistic, names, found, said, len(table), owners)


def _intervals(statistics: Sequence[Statistic], table: Table, subjects: NDArray[Any], owners: int) -> list[Interval]:
    """Items of one subject are alike: a closed form holds only if every subject has one item, or else the bootstrap."""
    if len(table) < 2:
        return [UNDEFINED] * len(statistics)
    if owners < 2:
        return [replace(UNDEFINED, value=one.of(table)) for one in statistics]
    resampled = [one for one in statistics if one.closed is None or owners < len(subjects)]
    drawn = dict(zip(resampled, clustered_intervals([one.of for one in resampled], subjects, table), strict=True))
    return [drawn[one] if one in drawn or one.closed is None else one.closed(table) for one in statistics]


def _why_not(items: int) -> str:
    return "not defined: what was read does not differ" if items > 1 else f"not defined: {items} read by all of these"
