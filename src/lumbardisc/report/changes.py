"""What changed since a prior study, in words and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lumbardisc import levels
from lumbardisc.pipeline.study import Study
from lumbardisc.quantify.change import NOT_COMPARED, Change, Difference
from lumbardisc.report import numbers
from lumbardisc.report.columns import meaning
from lumbardisc.report.grades import ROMAN, percent
from lumbardisc.report.structures import color_of

GRADE = "pfirrmann"
_DAYS_OF_MONTH, _DAYS_OF_YEAR = 30.44, 365.25


def comparison(study: Study) -> dict[str, Any] | None:
    """What the page tells of the comparison with a prior study; None where there was none."""
    change = study.change
    if change is None:
        return None
    measures = list(dict.fromkeys(row.measure for row in change.rows))
    return {
        "lead": lead(change),
        "warnings": [("", one) for one in change.warnings if one not in study.warnings],
        "changed": [(row.level, sentence(row)) for row in reversed(change.changed)],
        "same": unchanged(change),
        "left_out": left_out(change),
        "columns": [meaning(name) for name in measures],
        "rows": [_row(change, level, measures) for level in reversed(change.levels)],
    }


def lead(change: Change) -> str:
    """What is compared, and how well the two lie on each other."""
    apart = f" ({when(change.days)})" if change.days is not None else ""
    distance = numbers.text("distance_mm", change.distance_mm, fewer=1)
    aligned = f"; once aligned, the vertebral bodies lie {distance} mm from each other" if distance else ""
    return f"Compared with {change.prior}{apart}{aligned}."


def unchanged(change: Change) -> str:
    """How much did not change, as far as can be told."""
    same = sum(not row.beyond_error and row.verdict != NOT_COMPARED for row in change.rows)
    rest = "other " if change.changed else ""
    return f"No change beyond measurement error in {same} {rest}{'measure' if same == 1 else 'measures'} of all discs."


def when(days: int | None) -> str:
    """``14 months earlier``; ``later`` where the prior is the later one, empty where it is not known."""
    if days is None:
        return ""
    count = abs(days)
    for least, unit, one in ((730, "years", _DAYS_OF_YEAR), (90, "months", _DAYS_OF_MONTH)):
        if count >= least:
            return f"{count / one:.{int(unit == 'years')}f} {unit} {_side(days)}"
    return f"{count} {'day' if count == 1 else 'days'} {_side(days)}" if count else "the same day"


def sentence(row: Difference) -> str:
    """``height 7.7 mm, was 8.9: lower by 1.2; measurement error alone reaches 0.8``."""
    column = meaning(row.measure)
    now, before = _value(row.measure, row.now), _value(row.measure, row.before)
    start = f"{column.title[0].lower()}{column.title[1:]}" if row.measure != GRADE else column.title
    text = f"{start} {f'{now} {column.unit}'.strip()}, was {before}"
    if row.measure == GRADE:
        return f"{text}: {row.verdict}{_how_sure(row)}"
    reach = _value(row.measure, row.least_detectable)
    error = f"; measurement error alone reaches {reach}" if reach else ""
    return f"{text}: {row.verdict} by {_value(row.measure, abs(row.difference))}{error}"


def left_out(change: Change) -> list[tuple[str, str]]:
    """(discs or measure, why) of what was not compared."""
    reasons: dict[str, list[str]] = {}
    for row in reversed(change.rows):
        if row.verdict == NOT_COMPARED:
            reasons.setdefault(row.reason, []).append(f"{row.level} {meaning(row.measure).title.lower()}")
    return [*change.absent, *((", ".join(who), why) for why, who in reasons.items())]


def _row(change: Change, level: str, measures: Sequence[str]) -> dict[str, Any]:
    found = {row.measure: row for row in change.rows if row.level == level}
    return {
        "level": level,
        "color": color_of(next(one.index for one in levels.table() if one.name == level)),
        "cells": [_cell(found.get(name)) for name in measures],
    }


def _cell(row: Difference | None) -> dict[str, Any]:
    """``8.9 → 7.7`` above, ``-1.2 (0.8)`` below: the difference and the least that can be detected."""
    if row is None or row.verdict == NOT_COMPARED:
        return {"text": "\N{EN DASH}", "below": "", "verdict": "not compared", "changed": False}
    before, now = _value(row.measure, row.before), _value(row.measure, row.now)
    return {"text": f"{before} to {now}", "below": _below(row), "verdict": row.verdict, "changed": row.beyond_error}


def _below(row: Difference) -> str:
    if row.measure == GRADE:
        return _how_sure(row).removeprefix(", ")
    reach = _value(row.measure, row.least_detectable)
    size = _value(row.measure, abs(row.difference))
    sign = "+" if row.difference > 0 else "\N{MINUS SIGN}" if float(size or 0) else ""
    return f"{sign}{size} ({reach})" if reach else f"{sign}{size}"


def _how_sure(row: Difference) -> str:
    shares = {"higher": row.probability_higher, "lower": row.probability_lower}
    side = row.verdict if row.verdict in shares else max(shares, key=lambda one: shares[one])
    return f", {percent(shares[side])} {side}" if shares[side] == shares[side] else ""


def _value(measure: str, value: float) -> str:
    if measure == GRADE:
        return ROMAN[round(value) - 1] if value == value else ""
    return numbers.text(measure, float(value), fewer=1)


def _side(days: int) -> str:
    return "earlier" if days > 0 else "later"
