"""qc.html: a small picture of every study, the least sure ones first, to look through in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lumbardisc import __version__
from lumbardisc.report import words
from lumbardisc.report.page import render

if TYPE_CHECKING:
    from lumbardisc.cohort.outputs import Failure

Results = Mapping[str, Mapping[str, Any]]


def quality_html(results: Results, failures: Sequence[Failure], title: str) -> str:
    """The whole page as text: no scripts, nothing loaded from elsewhere, links to each report beside it."""
    values = {
        "version": __version__,
        "notice": words.NOTICE,
        "notice_short": words.NOTICE_SHORT,
        "title": title or "Cohort",
        "failures": failures,
        "studies": [_card(name, results[name]) for name in worst_first(results)],
        "discs": sum(len(result["levels"]) for result in results.values()),
    }
    return render("cohort.html.j2", values)


def worst_first(results: Results) -> list[str]:
    """Studies without a disc, then those with the lowest confidence of any disc; of equals those with more flags."""

    def doubt(name: str) -> tuple[float, int, str]:
        sure = results[name]["confidence"]
        return (-1.0 if sure is None else sure, -results[name]["flags"], name)

    return sorted(results, key=doubt)


def _card(name: str, result: Mapping[str, Any]) -> dict[str, Any]:
    levels = result["levels"]
    sure = result["confidence"]
    return {
        "name": name,
        "report": quote(result["files"]["report"]),
        "picture": f"data:image/jpeg;base64,{result['thumbnail']}",
        "found": f"{len(levels)} discs, {levels[-1]} to {levels[0]}"
        if len(levels) > 1
        else "".join(levels) or "no disc",
        "confidence": "" if sure is None else f"{sure:.2f}",
        "concerns": result["concerns"],
    }
