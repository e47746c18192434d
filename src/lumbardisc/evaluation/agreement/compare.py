"""Readings of one measure side by side -> every statistic that fits, with interval and plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.evaluation.agreement.statistics import STATISTICS, Kind, Statistic, Table
from lumbardisc.evaluation.bootstrap import Interval, clustered_interval

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
    """One row of agreement.csv. between: what was compared. items, subjects: how many of them count.

    method: where the interval is from, ``closed form`` or ``bootstrap over subjects``; empty where there is none.
    """

    measure: str
    statistic: Statistic
    between: tuple[str, ...]
    found: Interval
    reading: str
    items: int
    subjects: int
    method: str


def compare(side: SideBySide) -> Iterator[Finding]:
    """Every statistic of the kind, of all readings at once or of every two."""
    for statistic in STATISTICS[side.kind]:
        for readings in side.pairs if statistic.pairwise else [tuple(range(len(side.names)))]:
            yield find(side, statistic, readings)


def find(side: SideBySide, statistic: Statistic, readings: Sequence[int]) -> Finding:
    """One statistic of some of the readings. Where it is not defined its reading says why.

    Items of one subject are alike: its interval is the closed form only if every subject has one item, otherwise from
    resampling subjects.
    """
    table, subjects = side.read_by(readings)
    names = tuple(side.names[one] for one in readings)
    owners = len(np.unique(subjects))
    found, method = _interval(statistic, table, subjects, owners)
    if not np.isnan(found.value):
        said = statistic.reading(found, names)
    elif len(table) < 2:
        said = f"not defined: {len(table)} read by all of these"
    else:
        said = "not defined: what was read does not differ"
    return Finding(side.measure, statistic, names, found, said, len(table), owners, method)


def _interval(statistic: Statistic, table: Table, subjects: NDArray[Any], owners: int) -> tuple[Interval, str]:
    if len(table) < 2:
        return UNDEFINED, ""
    if owners == len(subjects) and statistic.closed is not None:
        found, method = statistic.closed(table), "closed form"
    elif owners > 1:
        found, method = clustered_interval(statistic.of, subjects, table), "bootstrap over subjects"
    else:
        found, method = Interval(statistic.of(table), float("nan"), float("nan")), ""
    return found, "" if np.isnan(found.low) else method
