"""From a table of readings to every statistic of agreement, between readers and of each with himself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lumbardisc.errors import InputError, UsageError
from lumbardisc.evaluation.agreement.compare import Finding, SideBySide, compare
from lumbardisc.evaluation.agreement.statistics import Table
from lumbardisc.reader_study.kinds import Coded, code
from lumbardisc.reader_study.masks import Masks
from lumbardisc.reader_study.ratings import Rating, read_ratings
from lumbardisc.training.grades.words import in_order

Item = tuple[str, str]
Column = tuple[str, str]
"""A reader and a repeat."""
Progress = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class Agreement:
    """The results of a reader study. findings: those of each comparison. left_out: measures that cannot be compared.

    notes: one line each for what was not read. sha256: of the table.
    """

    path: Path
    findings: Mapping[SideBySide, tuple[Finding, ...]]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]
    sha256: str


def agree(
    path: Path, kinds: Mapping[str, str] | None = None, progress: Progress = lambda _text, _done: None
) -> Agreement:
    """Every statistic of a table of readings.

    path: CSV with the columns subject, disc, reader, repeat, measure, value; disc and repeat may be left out. kinds:
    measure -> its kind, or the order of its words, where the values do not tell it; see ``kinds.code``. Raises
    InputError with one line for what cannot be read, and where no measure can be compared; UsageError for ``kinds``.
    """
    ratings, notes = read_ratings(path)
    measures = {
        name: [one for one in ratings if one.measure == name] for name in dict.fromkeys(r.measure for r in ratings)
    }
    _check_asked(kinds or {}, measures)
    masks = Masks(path.parent)
    sides: list[SideBySide] = []
    left_out: list[str] = []
    for name, own in measures.items():
        found = [side for side in _sides(own, code(own, (kinds or {}).get(name)), masks) if _comparable(side)]
        sides += found
        left_out += [] if found else [f"{path}: {name}: {_why_not(own)}"]
    if not sides:
        raise InputError(left_out[0])
    findings = {}
    for number, side in enumerate(sides):
        progress(f"{side.measure}: {' and '.join(side.names)}", number / len(sides))
        findings[side] = tuple(compare(side))
    return Agreement(path, findings, tuple(left_out), notes, hashlib.sha256(path.read_bytes()).hexdigest())


def _check_asked(kinds: Mapping[str, str], measures: Mapping[str, object]) -> None:
    for name in kinds:
        if name not in measures:
            raise UsageError(f"--kind {name}: the table has no such measure (it has {', '.join(measures)})")


def _sides(ratings: Sequence[Rating], coded: Coded, masks: Masks) -> Iterator[SideBySide]:
    """The readers side by side, each as he read first, then the repeats of each who read again."""
    repeats = {
        reader: in_order(one.repeat for one in ratings if one.reader == reader)
        for reader in dict.fromkeys(one.reader for one in ratings)
    }
    yield _side(ratings, coded, masks, {reader: (reader, own[0]) for reader, own in repeats.items()})
    for reader, own in repeats.items():
        yield _side(ratings, coded, masks, {f"{reader} (repeat {repeat})": (reader, repeat) for repeat in own})


def _side(ratings: Sequence[Rating], coded: Coded, masks: Masks, columns: Mapping[str, Column]) -> SideBySide:
    """columns: name -> what stands in it."""
    items = list(dict.fromkeys(one.item for one in ratings))
    numbers = {(one.item, (one.reader, one.repeat)): value for one, value in zip(ratings, coded.numbers, strict=False)}
    table = np.array([[numbers.get((item, column), np.nan) for column in columns.values()] for item in items])
    overlaps = _overlaps(ratings, items, list(columns.values()), masks) if coded.kind == "mask" else {}
    subjects = np.array([subject for subject, _ in items])
    return SideBySide(ratings[0].measure, coded.kind, tuple(columns), subjects, table, coded.labels, overlaps)


def _overlaps(
    ratings: Sequence[Rating], items: Sequence[Item], columns: Sequence[Column], masks: Masks
) -> dict[tuple[int, int], Table]:
    """Every two columns -> Dice of each item, NaN where one of them is missing."""
    given = {(one.item, (one.reader, one.repeat)): one for one in ratings}

    def of(item: Item, first: int, second: int) -> float:
        one, other = given.get((item, columns[first])), given.get((item, columns[second]))
        return masks.overlap(one, other) if one and other else float("nan")

    pairs = [(first, second) for second in range(len(columns)) for first in range(second)]
    return {pair: np.array([of(item, *pair) for item in items]) for pair in sorted(pairs)}


def _comparable(side: SideBySide) -> bool:
    """Whether any two readings have two subjects in common."""
    return any(len(np.unique(side.read_by(pair)[1])) > 1 for pair in side.pairs)


def _why_not(ratings: Sequence[Rating]) -> str:
    """Why a measure cannot be compared."""
    subjects, columns = {one.subject for one in ratings}, {(one.reader, one.repeat) for one in ratings}
    if len(columns) == 1:
        return f"one reader ({ratings[0].reader}) read once; agreement needs a second reader or a repeat"
    if len(subjects) == 1:
        return f"all readings are of one subject ({ratings[0].subject}); agreement needs several"
    return "no two subjects were read twice; check that subject and disc are written alike by all readers"
