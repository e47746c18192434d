"""change.csv: one row per disc and measure, what it was in a prior study and what it is now."""

from __future__ import annotations

import csv
import io
from math import isfinite

from lumbardisc.quantify.change import NOT_COMPARED, Change, Difference
from lumbardisc.report import numbers

COLUMNS = ("level", "measure", "before", "now", "difference", "least_detectable", "verdict", "reason")
GRADES = ("probability_higher", "probability_lower")
_IN_UNIT = ("before", "now", "difference", "least_detectable")


def change_csv(change: Change) -> str:
    """The text of ``change.csv``: lowest disc first, undefined values empty.

    A disc that only one study shows has one row, without a measure.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*COLUMNS, *GRADES])
    writer.writerows(_cells(row) for row in change.rows)
    writer.writerows([level, *[""] * 5, NOT_COMPARED, reason, "", ""] for level, reason in change.absent)
    return out.getvalue()


def _cells(row: Difference) -> list[str]:
    in_unit = [_text(row.measure, getattr(row, name)) for name in _IN_UNIT]
    shares = [numbers.text(name, getattr(row, name)) for name in GRADES]
    return [row.level, row.measure, *in_unit, row.verdict, row.reason, *shares]


def _text(measure: str, value: float) -> str:
    """A grade is a whole number."""
    whole = measure == "pfirrmann" and isfinite(value)
    return numbers.text(measure, round(value) if whole else value)
