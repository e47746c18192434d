"""What kind of measure the values are, told from them, and their numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from lumbardisc.errors import InputError, UsageError
from lumbardisc.evaluation.agreement.statistics import Kind
from lumbardisc.io.images import suffix_of
from lumbardisc.reader_study.ratings import Rating
from lumbardisc.training.grades import cells
from lumbardisc.training.grades.words import in_order

SCALE = 10
"""Whole numbers within a span of this are grades; within a wider one they are measurements."""


@dataclass(frozen=True)
class Coded:
    """The values of a measure as numbers, one for each rating. labels: names of categories 0, 1, ..., if they have."""

    kind: Kind
    numbers: tuple[float, ...]
    labels: tuple[str, ...] = ()


def code(ratings: Sequence[Rating], asked: str | None = None) -> Coded:
    """The kind of a measure and its values as numbers; of masks, which are read elsewhere, there are none.

    asked: a kind in place of the one that is told from the values, or an order of words, ``mild<moderate<severe``.
    Raises InputError naming the row whose value does not fit, UsageError for an unknown kind.
    """
    if asked and "<" in asked:
        return _ordered(ratings, tuple(cells.clean(word) for word in asked.split("<")))
    kind = _checked(asked, ratings[0].measure) if asked else _told(ratings)
    if kind == "mask":
        return Coded(kind, ())
    if kind == "nominal":
        return _named(ratings)
    return Coded(kind, tuple(_number(one, kind) for one in ratings))


def number(text: str) -> float | None:
    """A finite number, also with a decimal comma, or a grade in Roman numerals; None for anything else."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return cells.grade(text)
    return value if math.isfinite(value) else None


def _told(ratings: Sequence[Rating]) -> Kind:
    """Raises InputError where some values are numbers and others are not."""
    values = [number(one.value) for one in ratings]
    known = [value for value in values if value is not None]
    if not known:
        return "mask" if all(suffix_of(one.value) for one in ratings) else "nominal"
    if len(known) < len(values):
        odd = ratings[values.index(None)]
        raise InputError(
            f"{odd.row.where}: {odd.measure} is '{odd.value}', and other values of it are numbers; correct it, "
            f"or say --kind {odd.measure}=nominal if these are names"
        )
    if set(known) <= {0.0, 1.0}:
        return "nominal"
    whole = all(value.is_integer() for value in map(float, known))
    return "ordinal" if whole and max(known) - min(known) <= SCALE else "continuous"


def _checked(asked: str, measure: str) -> Kind:
    for kind in get_args(Kind):
        if asked == kind:
            return kind  # type: ignore[no-any-return]
    allowed = ", ".join(get_args(Kind))
    raise UsageError(f"--kind {measure}={asked}: give one of {allowed}, or an order like mild<moderate<severe")


def _number(rating: Rating, kind: Kind) -> float:
    value = number(rating.value)
    if value is None:
        raise InputError(
            f"{rating.row.where}: {rating.measure} is '{rating.value}', no number, but the measure is {kind}; correct "
            f"it, say --kind {rating.measure}=nominal, or give the order of its words (mild<moderate<severe)"
        )
    return float(value)


def _named(ratings: Sequence[Rating]) -> Coded:
    """Capitals do not count, numbers are compared as numbers."""
    spelt: dict[str, str] = {}
    keys = [_key(one.value) for one in ratings]
    for key, one in zip(keys, ratings, strict=True):
        spelt.setdefault(key, one.value)
    order = in_order(spelt)
    return Coded("nominal", tuple(float(order.index(key)) for key in keys), tuple(spelt[key] for key in order))


def _key(text: str) -> str:
    value = number(text)
    return text.casefold() if value is None else f"{value:g}"


def _ordered(ratings: Sequence[Rating], words: tuple[str, ...]) -> Coded:
    keys = [word.casefold() for word in words]
    odd = next((one for one in ratings if one.value.casefold() not in keys), None)
    if odd is not None:
        raise InputError(
            f"{odd.row.where}: {odd.measure} is '{odd.value}', which is not in the order {'<'.join(words)}"
        )
    return Coded("ordinal", tuple(float(keys.index(one.value.casefold())) for one in ratings), words)
