"""The measurements of a study as the page shows them: rows of cells, ranges of the literature beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lumbardisc.pipeline.study import Disc, Study, Value
from lumbardisc.report import numbers, words
from lumbardisc.report.columns import Column, meaning
from lumbardisc.report.grades import grade_text
from lumbardisc.report.reference_ranges import RANGES, Range, Source, place, range_of
from lumbardisc.report.structures import color_of

UNDEFINED = "\N{EN DASH}"
ON_CARDS = ("height_mm", "disc_height_index", "signal_ratio_csf", "volume_mm3")
DOUBTFUL = "spacing_doubtful"
"""Flag of a study whose lengths cannot be trusted: nothing is set beside them."""


def defined(columns: Sequence[Column], discs: Iterable[Disc]) -> list[Column]:
    """The columns that at least one disc has a value for."""
    found = list(discs)
    return [one for one in columns if any(numbers.text(one.name, disc.values.get(one.name)) for disc in found)]


def rows(study: Study, columns: Sequence[Column]) -> list[dict[str, Any]]:
    """A row for each disc from the top down, as on the picture."""
    return [
        {
            "level": disc.level,
            "color": color_of(disc.label),
            "flagged": bool(disc.flags),
            "cells": [_cell(study, disc, column.name) for column in columns],
        }
        for disc in reversed(list(study.discs.values()))
    ]


def facts(study: Study, disc: Disc) -> list[dict[str, str]]:
    """What the card of a disc tells of its measures: title, text with unit, range and place beside it."""
    told = [meaning(name) for name in ON_CARDS if numbers.text(name, disc.values.get(name))]
    return [{"title": one.title, "unit": one.unit, **_cell(study, disc, one.name)} for one in told]


def angles(study: Study) -> list[dict[str, str]]:
    """Angles of the whole spine that are defined: title, text, range and place."""
    told = {key: numbers.text(key, study.spine.get(key), fewer=1) for key in words.ANGLES}
    return [
        {"title": words.ANGLES[key], "text": f"{text}°", **_beside(study, key, "", study.spine[key])}
        for key, text in told.items()
        if text
    ]


def sources(study: Study, columns: Sequence[Column]) -> list[tuple[str, Source]]:
    """Of each range that stands beside a value: title of the measure and source, each once."""
    titles = {one.name: one.title for one in columns} | words.ANGLES
    used = {one.measure: one.source for one in RANGES if one.measure in titles and _stands(study, one)}
    return [(titles[measure], source) for measure, source in used.items()]


def _stands(study: Study, one: Range) -> bool:
    """Whether the range is shown beside a value."""
    disc = study.discs.get(one.level)
    value = disc.values.get(one.measure) if disc else None if one.level else study.spine.get(one.measure)
    return bool(_beside(study, one.measure, one.level, value)["range"])


def _cell(study: Study, disc: Disc, name: str) -> dict[str, str]:
    return {"text": _text(disc, name), **_beside(study, name, disc.level, disc.values.get(name))}


def _beside(study: Study, name: str, level: str, value: Value | None) -> dict[str, str]:
    """The range of the literature, where there is one, and whether the value lies outside."""
    found = None if DOUBTFUL in study.flags else range_of(name, level)
    shown = numbers.text(name, value, fewer=1)
    if found is None or not shown:
        return {"range": "", "place": ""}
    low, high = (numbers.text(name, end, fewer=1) for end in (found.low, found.high))
    # as it is shown: what reads 9.9 is not above 9.9
    return {"range": f"{low}\N{EN DASH}{high}", "place": place(float(shown), found)}


def _text(disc: Disc, name: str) -> str:
    if name == "pfirrmann":
        return grade_text(disc) or UNDEFINED
    text = numbers.text(name, disc.values.get(name), fewer=1)
    return _volume(disc, text) if text and name == "volume_mm3" else text or UNDEFINED


def _volume(disc: Disc, text: str) -> str:
    if numbers.text("volume_complete", disc.values.get("volume_complete")) == "false":
        return f"≥ {text}"
    error = numbers.text("volume_error_mm3", disc.values.get("volume_error_mm3"), fewer=1)
    return f"{text} ± {error}" if error else text
