"""The cards of the discs in the PDF, two side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, Paragraph, Spacer, Table

from lumbardisc.report.pdf.fonts import marked
from lumbardisc.report.pdf.parts import (
    GAP,
    HALF,
    INK,
    MEASURE,
    NOTE,
    SMALL,
    STRONG,
    Level,
    beside_markup,
    code,
    heading,
    pads,
    para,
    told,
)
from lumbardisc.report.pdf.pictures import Crop, Shares

_CROP = 0.46 * HALF


def cards(values: Mapping[str, Any]) -> Iterator[Flowable]:
    drawn = [_card(one, values["notes"]) for one in values["cards"]]
    if not drawn:
        return
    rows = [drawn[at : at + 2] + [[]] * (2 - len(drawn[at : at + 2])) for at in range(0, len(drawn), 2)]
    look = [("VALIGN", (0, 0), (-1, -1), "TOP"), *pads(0, 6), ("LEFTPADDING", (1, 0), (1, -1), GAP)]
    yield CondPageBreak(70 * mm)
    yield heading("Disc by disc")
    yield Table(rows, [HALF, HALF + GAP], style=look)
    if values["by_grade"]:
        yield para(values["notes"]["grades"], NOTE)
        yield para(values["common"], NOTE)


def _card(one: Mapping[str, Any], notes: Mapping[str, str]) -> list[Flowable]:
    room = HALF - _CROP - 8
    grade = one["grade"]
    right: list[Flowable] = [Level(one, STRONG)]
    if grade:
        right += [
            told(f"Grade {grade['grade']}", grade["how_sure"], SMALL),
            Spacer(0, 3),
            Shares(grade["shares"], room),
        ]
    else:
        right.append(para(notes["not_graded"], SMALL))
    top = [[Crop([png for png in (one["crop"], one["evidence"]) if png], _CROP), right]]
    look = [("VALIGN", (0, 0), (-1, -1), "TOP"), *pads(0, 0), ("LEFTPADDING", (1, 0), (1, 0), 8)]
    meaning = [para(_meaning(grade), SMALL)] if grade else []
    return [Table(top, [_CROP, room + 8], style=look), Spacer(0, 3), *_measures(one["facts"]), *meaning]


def _measures(facts: Sequence[Mapping[str, str]]) -> Iterator[Flowable]:
    """Two to a line."""
    cells = [Paragraph(f"{marked(fact['title'])} {_fact(fact)}", MEASURE) for fact in facts]
    if cells:
        yield Table(
            [cells[at : at + 2] for at in range(0, len(cells), 2)], [0.55 * HALF, 0.45 * HALF], style=pads(0, 1)
        )


def _fact(fact: Mapping[str, str]) -> str:
    text = f"{fact['text']} {fact['unit']}".strip()
    return f'<font color="{code(INK)}">{marked(text)}</font> {beside_markup(fact)}'


def _meaning(grade: Mapping[str, str]) -> str:
    return f"{grade['meaning']} Probably also: {grade['findings']}." if grade["findings"] else grade["meaning"]
