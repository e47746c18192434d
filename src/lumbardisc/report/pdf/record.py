"""Where everything comes from, in the PDF: the choice of the series and the nested record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import BalancedColumns, CondPageBreak, Flowable

from lumbardisc.report.page import title
from lumbardisc.report.pdf.parts import GAP, SMALL, WIDTH, heading, pairs, para, told


def choice(values: Mapping[str, Any]) -> Iterator[Flowable]:
    yield CondPageBreak(30 * mm)
    yield heading("How the series was chosen")
    if values["choice"]:
        rows = [(name, [para(line, SMALL) for line in lines]) for name, lines in values["choice"]]
        yield pairs(rows, WIDTH, 80)
    else:
        yield para(values["notes"]["one_series"], SMALL)


def provenance(values: Mapping[str, Any]) -> Iterator[Flowable]:
    if values["provenance"]:
        yield CondPageBreak(30 * mm)
        yield heading("Where this comes from")
        yield BalancedColumns(list(_record(values["provenance"], 0)), nCols=2, innerPadding=GAP)


def _record(record: Mapping[str, Any], depth: int) -> Iterator[Flowable]:
    """A nested record, each step further in."""
    style = SMALL.clone(f"record-{depth}", leftIndent=10 * depth)
    for key, part in record.items():
        if isinstance(part, Mapping):
            yield para(title(key), style)
            yield from _record(part, depth + 1)
        elif isinstance(part, str):
            yield told(title(key), part, style)
        else:
            yield told(title(key), "; ".join(map(_line, part)), style)


def _line(part: Any) -> str:
    """A part of a list on one line."""
    if isinstance(part, Mapping):
        return ", ".join(f"{title(key)} {_line(value)}" for key, value in part.items())
    return part if isinstance(part, str) else ", ".join(map(_line, part))
