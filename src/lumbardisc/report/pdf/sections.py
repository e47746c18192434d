"""The sections of the PDF, each made of the values that the page is filled with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reportlab.lib.enums import TA_LEFT
from reportlab.lib.units import mm
from reportlab.platypus import BalancedColumns, CondPageBreak, Flowable, KeepTogether, Paragraph, Spacer, Table

from lumbardisc.report.pdf.cards import cards
from lumbardisc.report.pdf.fonts import marked
from lumbardisc.report.pdf.parts import (
    ACCENT,
    CARE,
    CARE_LINE,
    CARE_WASH,
    CELL,
    GAP,
    HEAD,
    LINE,
    NOTE,
    SMALL,
    STRONG,
    TITLE,
    WIDTH,
    Cell,
    Level,
    beside,
    beside_markup,
    bullets,
    grid,
    head,
    heading,
    pads,
    pairs,
    para,
    told,
    warnings,
)
from lumbardisc.report.pdf.pictures import Slice
from lumbardisc.report.pdf.record import choice, provenance
from lumbardisc.report.view import View

Values = Mapping[str, Any]

_SLICE_HEIGHT = 112 * mm


def story(values: Values, view: View) -> list[Flowable]:
    """All sections in the order of the page."""
    parts = (
        _notice(values),
        _patient(values),
        _title(values),
        _uncertain(values),
        _change(values),
        _top(values, view),
        cards(values),
        _estimates(values),
        _measurements(values),
        _meanings(values),
        choice(values),
        provenance(values),
    )
    return [flowable for part in parts for flowable in part]


def _notice(values: Values) -> Iterator[Flowable]:
    look = [("BACKGROUND", (0, 0), (-1, -1), CARE_WASH), ("BOX", (0, 0), (-1, -1), 0.5, CARE_LINE), *pads(8, 4)]
    yield Table([[para(values["notice"], SMALL.clone("notice", textColor=CARE))]], [WIDTH], style=look)


def _patient(values: Values) -> Iterator[Flowable]:
    """Three to a line."""
    cells = [[para(name, SMALL), para(text, STRONG)] for name, text in values["patient"]]
    if cells:
        rows = [cells[at : at + 3] + [[]] * (3 - len(cells[at : at + 3])) for at in range(0, len(cells), 3)]
        look = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BOX", (0, 0), (-1, -1), 0.5, LINE),
            ("LINEBEFORE", (0, 0), (0, -1), 2.5, ACCENT),
            *pads(8, 3),
        ]
        yield Spacer(0, 6)
        yield Table(rows, [WIDTH / 3] * 3, style=look)


def _title(values: Values) -> Iterator[Flowable]:
    yield Spacer(0, 8)
    yield para(values["study"].name, TITLE)
    yield para(values["lead"], SMALL)


def _uncertain(values: Values) -> Iterator[Flowable]:
    yield heading("What is uncertain")
    yield from warnings(values["concerns"]) or [para(values["notes"]["nothing_flagged"])]


def _change(values: Values) -> Iterator[Flowable]:
    change = values["comparison"]
    if not change:
        return
    yield heading("Since the prior study")
    yield para(change["lead"])
    yield from warnings(change["warnings"])
    if change["rows"]:
        yield Spacer(0, 3)
        yield from (told(who, sentence) for who, sentence in change["changed"])
        yield para(change["same"])
        yield Spacer(0, 4)
        heads = [head("Measure", alignment=TA_LEFT), *(Level(one, HEAD) for one in change["levels"])]
        yield grid(heads, [(_measure(row), [_changed(cell) for cell in row["cells"]]) for row in change["rows"]], 78)
        yield para(values["notes"]["change"], NOTE)
    yield from (told(who, why, NOTE) for who, why in change["left_out"])


def _measure(row: Mapping[str, Any]) -> Paragraph:
    column = row["column"]
    return para(f"{column.title} ({column.unit})" if column.unit else column.title, SMALL)


def _changed(cell: Mapping[str, Any]) -> Cell:
    return Cell(cell["text"], cell["below"], cell["changed"])


def _top(values: Values, view: View) -> Iterator[Flowable]:
    """The slice, and the facts beside it."""
    picture = Slice(view, 0.56 * WIDTH, _SLICE_HEIGHT)
    beside = WIDTH - picture.width - GAP
    left = [picture, para(values["notes"]["picture"], NOTE)]
    right = [heading("At a glance"), pairs(_facts(values), beside, 68)]
    look = [("VALIGN", (0, 0), (-1, -1), "TOP"), *pads(0, 0), ("LEFTPADDING", (1, 0), (1, 0), GAP)]
    yield Spacer(0, 10)
    yield Table([[left, right]], [picture.width, beside + GAP], style=look)


def _facts(values: Values) -> list[tuple[str, str]]:
    facts = [
        ("Discs found", ", ".join(values["study"].discs) or "none"),
        ("Pfirrmann grades", "<br/>".join(map(marked, values["by_grade"]))),
        *((one["title"], f"{marked(one['text'])} {beside_markup(one)}") for one in values["angles"]),
        *((name, marked(text)) for name, text in values["facts"]),
    ]
    return [(name, text) for name, text in facts if text]


def _estimates(values: Values) -> Iterator[Flowable]:
    rows = values["estimates"]
    if not rows:
        return
    heads = [
        head("Level", alignment=TA_LEFT),
        head("Mean ± SD", "ms"),
        head("Least to greatest", "ms"),
        head("Phase"),
        head("Phases 1, 2, 3"),
    ]
    keys = ("mean", "range", "phase", "shares")
    untried = [para(values["notes"]["untried"], STRONG)] if any(one["untried"] for one in rows) else []
    table = grid(heads, [(Level(one, CELL), [Cell(one[key]) for key in keys]) for one in rows])
    yield KeepTogether([heading("T1rho, estimated"), *untried, table, para(values["notes"]["t1rho"], NOTE)])


def _measurements(values: Values) -> Iterator[Flowable]:
    yield CondPageBreak(60 * mm)
    yield heading("Measurements")
    if not values["rows"]:
        yield para(values["notes"]["no_disc"])
        return
    heads = [head("Level", alignment=TA_LEFT), *(head(column.title, column.unit) for column in values["columns"])]
    yield grid(heads, [(Level(row, CELL), [_measured(one) for one in row["cells"]]) for row in values["rows"]])
    if any(row["flagged"] for row in values["rows"]):
        yield para(values["notes"]["flagged"], NOTE)
    yield para(values["notes"]["table"], NOTE)
    if values["sources"]:
        yield para(values["notes"]["ranges"], NOTE)
        texts = [f"{name}: {one.people}; {one.method}. {one.citation}." for name, one in values["sources"]]
        yield from bullets(texts, SMALL)


def _measured(one: Mapping[str, str]) -> Cell:
    return Cell(one["text"], beside(one), bool(one["place"]))


def _meanings(values: Values) -> Iterator[Flowable]:
    told_of = [(f"{one.title} ({one.unit})" if one.unit else one.title, one.meaning) for one in values["columns"]]
    if told_of:
        yield CondPageBreak(40 * mm)
        yield heading("What the numbers mean")
        yield BalancedColumns([told(name, meaning, SMALL) for name, meaning in told_of], nCols=2, innerPadding=GAP)
