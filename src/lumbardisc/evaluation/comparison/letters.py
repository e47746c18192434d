"""Compact letter display: groups that share a letter are not told apart, groups that share none are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from string import ascii_lowercase
from typing import Protocol

ALPHA = 0.05
"""Differences with a smaller p, corrected by Holm, count."""


class Compared(Protocol):
    """Two groups and the p of their difference."""

    @property
    def first(self) -> str: ...
    @property
    def second(self) -> str: ...
    @property
    def p_holm(self) -> float: ...


def told_apart(pairs: Iterable[Compared], alpha: float = ALPHA) -> set[tuple[str, str]]:
    """The pairs whose corrected p is below ``alpha``; one that is undefined (NaN) is not told apart."""
    return {(one.first, one.second) for one in pairs if one.p_holm < alpha}


def letters(names: Sequence[str], different: Collection[tuple[str, str]]) -> dict[str, str]:
    """Letters of each name, by insert, absorb and sweep (Piepho 2004, J Comput Graph Stat 13:456-466).

    names: in the order in which letters are given, so the best group first gets an ``a``. different: the pairs that are
    told apart, in either order. After ``z`` come ``aa``, ``ab``, ...
    """
    columns: list[frozenset[str]] = [frozenset(names)]
    for pair in sorted(map(sorted, different)):  # the same letters on every run, as sets have no order of their own
        columns = _insert(columns, frozenset(pair))
    places = {name: place for place, name in enumerate(names)}
    ordered = sorted(_sweep(columns), key=lambda column: sorted(places[name] for name in column))
    return {name: "".join(_letter(n) for n, column in enumerate(ordered) if name in column) for name in names}


def _insert(columns: Sequence[frozenset[str]], pair: frozenset[str]) -> list[frozenset[str]]:
    """Columns that held both of a pair become two, each without one of them; what another column holds is absorbed."""
    split = [column - {name} for column in columns if pair <= column for name in sorted(pair)]
    kept = [column for column in columns if not pair <= column]
    for one in split:
        if not any(one <= other for other in kept):
            kept = [other for other in kept if not other < one] + [one]
    return kept


def _sweep(columns: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    """Columns without which every pair that shared a letter still shares one are dropped."""
    kept = list(columns)
    for column in sorted(columns, key=lambda one: (len(one), sorted(one))):
        others = [other for other in kept if other is not column]
        if all(any({one, two} <= other for other in others) for one in column for two in column):
            kept = others
    return kept


def _letter(number: int) -> str:
    """0 -> a, 25 -> z, 26 -> aa."""
    more, last = divmod(number, len(ascii_lowercase))
    return (_letter(more - 1) if more else "") + ascii_lowercase[last]
