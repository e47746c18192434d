"""What changed since a prior study, in words and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from lumbardisc.levels import disc_label
from lumbardisc.pipeline.study import Study
from lumbardisc.quantify.change import HIGHER, LOWER, NOT_COMPARED, Change, Difference
from lumbardisc.report import numbers
from lumbardisc.report.columns import meaning
from lumbardisc.report.grades import ROMAN, percent
from lumbardisc.report.measured import UNDEFINED
from lumbardisc.report.structures import color_of

GRADE = "pfirrmann"
_DAYS_OF_MONTH, _DAYS_OF_YEAR = 30.44, 365.25


def comparison(study: Study) -> dict[str, Any] | None:
    """What the page tells of the comparison with a prior study; None where there was none."""
    change = study.change
    if change is None:
        return None
    measures = dict.fromkeys(row.measure for row in change.rows)
    shown = change.levels[::-1]
    return {
        "lead": lead(change),
        "warnings": [("", one) for one in change.warnings if one not in study.warnings],
        "changed": changed(change),
        "same": unchanged(change),
        "left_out": left_out(change),
        "levels": [{"level": level, "color": _color(level), "flagged": False} for level in shown],
        "rows": [{"column": meaning(name), "cells": _cells(change, name, shown)} for name in measures],
    }


def downward(rows: Sequence[Difference]) -> list[Difference]:
    """From the top disc down, the measures of a disc in their order."""
    levels_up = dict.fromkeys(row.level for row in rows)
    return [row for level in reversed(levels_up) for row in rows if row.level == level]


def lead(change: Change) -> str:
    """What is compared, and how well the two lie on each other."""
    apart = f" ({when(change.days)})" if change.days is not None else ""
    distance = numbers.text("distance_mm", change.distance_mm, fewer=1)
    how = "aligned disc by disc" if change.rows else "aligned"
    aligned = f"; once {how}, the vertebrae lie {distance} mm from each other" if distance else ""
    return f"Compared with {change.prior}{apart}{aligned}."


def unchanged(change: Change) -> str:
    """How much did not change, as far as can be told."""
    same = sum(not row.beyond_error and row.verdict != NOT_COMPARED for row in change.rows)
    rest = "other " if change.changed else ""
    if not same:
        return f"No {rest}measure could be compared."
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


def changed(change: Change) -> list[tuple[str, str]]:
    """(disc, what went up and what went down beyond measurement error), from the top disc down."""
    told: dict[str, dict[str, list[str]]] = {}
    for row in downward(change.changed):
        told.setdefault(row.level, {}).setdefault(row.verdict, []).append(_moved(row))
    return [
        (level, "; ".join(f"{verdict} {', '.join(moved)}" for verdict, moved in verdicts.items()))
        for level, verdicts in told.items()
    ]


def _moved(row: Difference) -> str:
    """``height 8.9 to 7.7 mm (error 0.8)``."""
    column = meaning(row.measure)
    before, now = _value(row.measure, row.before), _value(row.measure, row.now)
    if row.measure == GRADE:
        share, _ = _likelier(row)
        return f"{column.title} {before} to {now}{f' ({percent(share)} sure)' if isfinite(share) else ''}"
    reach = _value(row.measure, row.least_detectable)
    error = f" (error {reach})" if reach else ""
    title = f"{column.title[0].lower()}{column.title[1:]}"
    return f"{title} {before} to {f'{now} {column.unit}'.strip()}{error}"


def left_out(change: Change) -> list[tuple[str, str]]:
    """(what, why) of what was not compared."""
    reasons: dict[str, dict[str, list[str]]] = {}
    for row in downward(change.rows):
        if row.verdict == NOT_COMPARED:
            reasons.setdefault(row.reason, {}).setdefault(meaning(row.measure).title, []).append(row.level)
    return [*change.absent, *((_what(titles, change), why) for why, titles in reasons.items())]


def _what(titles: Mapping[str, Sequence[str]], change: Change) -> str:
    """``Depth, Area of L4/L5``; the discs are named unless they are all."""
    by_discs: dict[str, list[str]] = {}
    for title, discs in titles.items():
        of = "" if len(discs) == len(change.levels) else f" of {', '.join(discs)}"
        by_discs.setdefault(of, []).append(title)
    return "; ".join(f"{', '.join(names)}{of}" for of, names in by_discs.items())


def _color(level: str) -> str:
    return color_of(disc_label(level))


def _cells(change: Change, measure: str, shown: Sequence[str]) -> list[dict[str, Any]]:
    found = {row.level: row for row in change.rows if row.measure == measure}
    return [_cell(found.get(level)) for level in shown]


def _cell(row: Difference | None) -> dict[str, Any]:
    """``8.9 to 7.7``, and below it the difference with the least that can be told."""
    if row is None or row.verdict == NOT_COMPARED:
        return {"text": UNDEFINED, "below": "", "verdict": NOT_COMPARED, "changed": False}
    before, now = _value(row.measure, row.before), _value(row.measure, row.now)
    return {"text": f"{before} to {now}", "below": _below(row), "verdict": row.verdict, "changed": row.beyond_error}


def _below(row: Difference) -> str:
    if row.measure == GRADE:
        share, side = _likelier(row)
        return f"{percent(share)} {side}" if row.difference and isfinite(share) else ""
    reach = _value(row.measure, row.least_detectable)
    size = _value(row.measure, abs(row.difference))
    sign = "" if not float(size or 0) else "+" if row.difference > 0 else "\N{MINUS SIGN}"
    return f"{sign}{size} ({reach})" if reach else f"{sign}{size}"


def _likelier(row: Difference) -> tuple[float, str]:
    """Which way a grade went, and how probable that is."""
    return max((row.probability_higher, HIGHER), (row.probability_lower, LOWER))


def _value(measure: str, value: float) -> str:
    if measure == GRADE:
        return ROMAN[round(value) - 1] if value == value else ""
    return numbers.text(measure, float(value), fewer=1)


def _side(days: int) -> str:
    return "earlier" if days > 0 else "later"
