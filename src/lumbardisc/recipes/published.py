"""Measured beside published: the rows of a comparison, as Markdown and as JSON, and the page of a whole run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any, Protocol

from lumbardisc.evaluation.bootstrap import Interval


@dataclass(frozen=True)
class Figure:
    """One figure of a paper and ours. published: None where the paper has none."""

    name: str
    ours: Interval
    published: float | None = None

    @property
    def row(self) -> tuple[str, str, str, str]:
        """name, ours with its interval, published, difference; empty where there is none."""
        if self.published is None:
            return self.name, str(self.ours), "", ""
        return self.name, str(self.ours), f"{self.published:.3f}", f"{self.ours.value - self.published:+.3f}"

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; undefined values are None."""
        values = {"value": self.ours.value, "low": self.ours.low, "high": self.ours.high, "published": self.published}
        return {"name": self.name} | {
            key: None if value is None or isnan(value) else round(value, 4) for key, value in values.items()
        }


def table(figures: Sequence[Figure]) -> str:
    """A Markdown table: ours with its 95 % interval, the published figure, the difference."""
    lines = ["| | ours (95 % interval) | published | difference |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(figure.row)} |" for figure in figures)]) + "\n"


class Table(Protocol):
    """Anything else that a paper shows as a table."""

    def to_markdown(self) -> str:
        """The table, with the published figures in it."""

    def to_json(self) -> Any:
        """JSON-ready."""


def write_page(
    paper: str,
    out: Path,
    tables: Mapping[str, Table],
    sections: Mapping[str, Sequence[Figure]],
    pictures: Sequence[str],
    notes: Sequence[str],
) -> None:
    """``results.json`` and ``results.md``: titled tables, titled comparisons, PNG pictures by name, a line per note."""
    record = {title: one.to_json() for title, one in tables.items()}
    record |= {title: [figure.to_json() for figure in figures] for title, figures in sections.items()}
    parts = [f"## {title}\n\n{one.to_markdown()}" for title, one in tables.items()]
    parts += [f"## {title}\n\n{table(figures)}" for title, figures in sections.items()]
    shown = " ".join(f"![{name.replace('_', ' ')}]({name}.png)" for name in pictures)
    listed = "".join(f"- {note}\n" for note in notes)
    page = [f"# {paper}, measured beside published\n", *parts, f"## Figures\n\n{shown}\n", "## Notes\n", listed]
    for name, text in {
        "results.json": json.dumps({**record, "notes": list(notes)}, indent=2) + "\n",
        "results.md": "\n".join(page),
    }.items():
        beside = out / f"{name}.part"
        beside.write_text(text, encoding="utf-8")
        beside.replace(out / name)
