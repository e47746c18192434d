"""The folder of results of `agree`: table, page, figures, record."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lumbardisc import __version__
from lumbardisc.evaluation.agreement.compare import Finding, SideBySide
from lumbardisc.evaluation.agreement.statistics import MAIN
from lumbardisc.evaluation.agreement.words import short
from lumbardisc.reader_study import Agreement
from lumbardisc.report import words
from lumbardisc.report.folder import write_files

FILES = ("agreement.csv", "report.html", "agreement.json")
COLUMNS = ("measure", "statistic", "value", "ci_low", "ci_high", "reading", "between", "items", "subjects")
SUFFIXES = (".png", ".svg")
_KINDS = {
    "nominal": "categories without an order",
    "ordinal": "grades",
    "continuous": "measurements",
    "mask": "outlines",
}
_DIGITS = 6
"""Significant digits of a value in the table."""


def can_draw() -> bool:
    """Whether figures can be drawn; all else is written without them too."""
    return find_spec("matplotlib") is not None


def write_agreement(result: Agreement, out: Path) -> None:
    """Write all results into ``out``, whole or not at all; figures of an earlier run there are removed.

    Raises OutputError.
    """
    drawn = list(_figures(result))
    names = [f"{stem}{suffix}" for stem, *_ in drawn for suffix in SUFFIXES]
    earlier = [name for name in _earlier(out) if name not in names]
    write_files(out, (*names, *earlier, *FILES), lambda folder: _fill(result, drawn, folder))


def agreement_csv(result: Agreement) -> str:
    """The text of ``agreement.csv``: one row per statistic and comparison, undefined values empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in (one for findings in result.findings.values() for one in findings):
        ends = [_number(value) for value in (one.found.value, one.found.low, one.found.high)]
        between = ", ".join(one.between)
        writer.writerow([one.measure, one.statistic.name, *ends, one.reading, between, one.items, one.subjects])
    return out.getvalue()


def headlines(result: Agreement) -> list[Finding]:
    """The findings that tell two readings' agreement in one number."""
    return [one for side, own in result.findings.items() for one in own if one.statistic.name == MAIN[side.kind]]


def interval_text(one: Finding) -> str:
    """``0.812 (0.701 to 0.903)``; only what is defined."""
    value, low, high = (short(number) for number in (one.found.value, one.found.low, one.found.high))
    return f"{value} ({low} to {high})" if low and high else value


def _figures(result: Agreement) -> Iterator[tuple[str, SideBySide, Any]]:
    """Every figure: the stem of its file name, unique, the comparison it belongs to, and the picture."""
    if not can_draw():
        return
    from lumbardisc.evaluation.agreement.figures import pictures

    used: set[str] = set()
    for side, findings in result.findings.items():
        for picture in pictures(side, findings):
            plain = re.sub(r"\W+", "_", f"{side.measure} {picture.name}").strip("_").lower()
            stem = plain
            while stem in used:
                stem = f"{plain}_{len(used)}"
            used.add(stem)
            yield stem, side, picture


def _earlier(out: Path) -> list[str]:
    """The figures that an earlier run says it wrote."""
    try:
        names = json.loads((out / "agreement.json").read_text(encoding="utf-8"))["figures"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [name for name in names if isinstance(name, str) and Path(name).name == name and name.endswith(SUFFIXES)]


def _fill(result: Agreement, drawn: Sequence[tuple[str, SideBySide, Any]], folder: Path) -> None:
    for stem, _, picture in drawn:
        for suffix in SUFFIXES:
            picture.draw(folder / f"{stem}{suffix}")
    texts = {
        "agreement.csv": agreement_csv(result),
        "report.html": _page(result, drawn, folder),
        "agreement.json": _record(result, [f"{stem}{suffix}" for stem, *_ in drawn for suffix in SUFFIXES]),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _page(result: Agreement, drawn: Sequence[tuple[str, SideBySide, Any]], folder: Path) -> str:
    from lumbardisc.report.page import render

    sections = [
        {
            "measure": side.measure,
            "kind": _KINDS[side.kind],
            "names": side.names,
            "rows": [_row(one) for one in findings],
            "figures": [
                {"shows": picture.shows, "code": _svg(folder / f"{stem}.svg")}
                for stem, owner, picture in drawn
                if owner is side
            ],
        }
        for side, findings in result.findings.items()
    ]
    values = {
        "name": result.path.name,
        "version": __version__,
        "notice": words.NOTICE,
        "notice_short": words.NOTICE_SHORT,
        "headlines": [_row(one) for one in headlines(result)],
        "sections": sections,
        "left_out": [*result.left_out, *result.notes],
    }
    return render("agreement.html.j2", values)


def _row(one: Finding) -> dict[str, Any]:
    return {
        "measure": one.measure,
        "between": ", ".join(one.between),
        "statistic": one.statistic.title,
        "value": interval_text(one) or "\N{EN DASH}",
        "items": one.items,
        "subjects": one.subjects,
        "reading": one.reading,
    }


def _svg(path: Path) -> str:
    return f"data:image/svg+xml;base64,{b64encode(path.read_bytes()).decode()}"


def _record(result: Agreement, names: Sequence[str]) -> str:
    sides = [{"measure": one.measure, "kind": one.kind, "between": one.names} for one in result.findings]
    record = {
        "version": __version__,
        "ratings": result.path.name,
        "sha256": result.sha256,
        "comparisons": sides,
        "left_out": result.left_out,
        "notes": result.notes,
        "figures": names,
    }
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.{_DIGITS}g}"
