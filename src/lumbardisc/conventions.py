"""Label conventions of other tools and data sets, and how their numbers become ours (see ``levels``).

A new convention is one row in ``CONVENTIONS``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.errors import UsageError
from lumbardisc.levels import CANAL, DISCS, SACRUM, VERTEBRAE, body_label, disc_label

Labels = NDArray[np.int32]

MERGED = "merged"
"""``merged:N``: all discs have the number N, and nothing else has a meaning."""
SPECK = 0.05
"""A region of merged discs below this share of the largest one is no disc."""
LUMBAR_DISCS = 5
CLASSES = 4
"""Numbers up to this alone may be discs 1-4 of ours, or as well classes such as disc, vertebra, canal, sacrum."""


@dataclass(frozen=True)
class Convention:
    """What the numbers of a label map stand for.

    title: for people. labels: number -> ours. others: numbers that occur but mean nothing here. merged: the number that
    all discs share, where the map does not tell levels. arches: vertebrae are whole, with their arches, not bodies
    alone. marked: part of the names of its files, where a tool writes others beside. source: where the table is from.
    """

    title: str
    labels: Mapping[int, int]
    others: frozenset[int] = frozenset()
    merged: int | None = None
    arches: bool = False
    marked: str = ""
    source: str = ""

    def may_hold(self, values: Collection[int]) -> bool:
        """Whether every number is known here, and at least one is a lumbar disc's."""
        discs = {value for value, ours in self.labels.items() if 1 <= ours <= LUMBAR_DISCS} | {self.merged}
        known = {*self.labels, *self.others, self.merged, 0}
        return known.issuperset(values) and not discs.isdisjoint(values)


def _ours() -> dict[int, int]:
    counts = range(1, len(DISCS) + 1)
    return {label: label for label in (*counts, *(SACRUM + count for count in (0, *counts)), CANAL)}


def _spider() -> dict[int, int]:
    counts = range(1, len(DISCS) + 1)
    vertebrae = {start + count: SACRUM + count for start in (0, 100) for count in counts}
    return {**vertebrae, **{200 + count: count for count in counts}, 100: CANAL}


def _totalspineseg() -> dict[int, int]:
    vertebrae = {(40 if name[0] == "L" else 20) + int(name[1:]): body_label(name) for name in VERTEBRAE}
    # a disc: 90 or 70 and the number of its upper vertebra in the column, from T1 down
    thoracic = {71 + upper: disc_label(f"T{upper}/T{upper + 1}") for upper in range(1, 12)}
    lumbar = {91 + upper: disc_label(f"L{upper}/L{upper + 1}") for upper in range(1, 5)}
    discs = {**thoracic, 91: disc_label("T12/L1"), **lumbar, 100: disc_label("L5/S1")}
    return {**vertebrae, **discs, 50: SACRUM, 1: CANAL, 2: CANAL}


def _spineps() -> dict[int, int]:
    vertebrae = {(19 if name[0] == "L" else 7) + int(name[1:]): name for name in VERTEBRAE}
    discs = {100 + number: 1 + VERTEBRAE.index(name) for number, name in vertebrae.items()}
    return {**{number: body_label(name) for number, name in vertebrae.items()}, **discs, 26: SACRUM}


def _numbers(*ends: tuple[int, int]) -> frozenset[int]:
    """All numbers of ranges, both ends included."""
    return frozenset(number for first, last in ends for number in range(first, last + 1))


CONVENTIONS: Mapping[str, Convention] = MappingProxyType(
    {
        "lumbardisc": Convention("our own, discs 1 = L5/S1 upward", _ours(), source="docs/how-to/analyze.md"),
        "spider": Convention(
            "SPIDER: vertebrae from 1 = L5 upward, discs from 201 = L5/S1",
            _spider(),
            others=_numbers((18, 25), (118, 125), (218, 225)),
            arches=True,
            source="van der Graaf et al. 2024, Sci Data 11:264; https://spider.grand-challenge.org",
        ),
        "totalspineseg": Convention(
            "TotalSpineSeg, its step 2: vertebrae 41-45 = L1-L5, discs 91-95 and 100 = L5/S1",
            _totalspineseg(),
            others=_numbers((11, 17), (46, 47), (63, 67), (71, 71)),
            arches=True,
            source="list of classes in the README of github.com/neuropoly/totalspineseg (from October 2024 on)",
        ),
        "spineps": Convention(
            "SPINEPS, its seg-vert file: vertebrae 20-24 = L1-L5, 100 + vertebra = the disc below it",
            _spineps(),
            others=_numbers((1, 7), (25, 25), (27, 33), (101, 107), (125, 133), (201, 233)),
            arches=True,
            marked="seg-vert",
            source="README and phase_post.py of github.com/Hendrik-code/spineps; numbers of TPTBox",
        ),
        "spineps_subreg": Convention(
            "SPINEPS, its seg-spine file: all discs 100, named here from the lowest upward",
            {26: SACRUM, 60: CANAL, 61: CANAL},
            others=_numbers((41, 50), (62, 62)),
            merged=100,
            marked="seg-spine",
            source="README of github.com/Hendrik-code/spineps",
        ),
    }
)


def find_convention(name: str) -> Convention:
    """A row of ``CONVENTIONS``, or that of ``merged:N``. Raises UsageError for an unknown name."""
    kind, _, number = name.partition(":")
    if kind == MERGED and number.isdecimal() and int(number) > 0:
        return Convention(f"discs {number}, named here from the lowest upward", {}, merged=int(number))
    if name not in CONVENTIONS:
        raise UsageError(f"labels '{name}': are of no convention that is known; give one of {names()}")
    return CONVENTIONS[name]


def names() -> str:
    """The names that ``find_convention`` knows, for a line to the user."""
    return ", ".join((*CONVENTIONS, f"{MERGED}:N (all discs have the number N)"))


def to_ours(labels: NDArray[Any], convention: str) -> Labels:
    """A label map with our numbers; those without a meaning for us become 0.

    labels: integers, any axes; of a convention that merges the discs, the working order (slice, row, column), rows
    running down. There discs are the connected regions, specks left out, numbered from the lowest as if that were
    L5/S1. Raises UsageError for an unknown convention.
    """
    row = find_convention(convention)
    table = np.zeros(max((*row.labels, 0)) + 1, dtype=np.int32)
    table[list(row.labels)] = list(row.labels.values())
    ours: Labels = table[np.where((labels > 0) & (labels < len(table)), labels, 0)]
    if row.merged is not None:
        discs = labels == row.merged
        ours[discs] = number_upward(discs)[discs]
    return ours


def number_upward(discs: NDArray[np.bool_]) -> Labels:
    """The connected regions of a mask (slice, row, column), 1 the lowest, 2 the next; specks 0.

    More regions than there are names are left out at the top.
    """
    from scipy import ndimage

    regions, count = ndimage.label(discs, structure=np.ones((3, 3, 3)))
    indices = np.arange(1, count + 1)
    sizes = ndimage.sum_labels(discs, regions, indices)
    rows = np.array([row for _, row, _ in ndimage.center_of_mass(discs, regions, indices)])
    large = np.flatnonzero(sizes >= SPECK * sizes.max(initial=0))
    lowest_first = large[np.argsort(-rows[large], kind="stable")][: len(DISCS)]
    numbers = np.zeros(count + 1, dtype=np.int32)
    numbers[lowest_first + 1] = np.arange(1, len(lowest_first) + 1)
    return np.asarray(numbers[regions])


def guess(values: Collection[int]) -> str | None:
    """The one convention that numbers of label maps can be of; None where none or several may be meant.

    A few small numbers are not guessed: 1, 2, 3 may be three discs of ours or disc, vertebra and canal.
    """
    if max(values, default=0) <= CLASSES:
        return None
    fitting = [name for name, convention in CONVENTIONS.items() if convention.may_hold(values)]
    return fitting[0] if len(fitting) == 1 else None
