"""Measured beside published: the rows of a comparison, as Markdown and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

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
