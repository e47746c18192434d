"""report.html of `evaluate`: what goes into its template."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lumbardisc import __version__
from lumbardisc.evaluation.agreement.words import short
from lumbardisc.evaluation.bootstrap import Interval
from lumbardisc.evaluation.comparison.tests import Pair
from lumbardisc.evaluation.detection import overall
from lumbardisc.report import words
from lumbardisc.scoring.cases import NAMES
from lumbardisc.scoring.evaluate import Evaluation
from lumbardisc.scoring.tables import METRICS, Group
from lumbardisc.scoring.versus import Versus
from lumbardisc.training.grades.words import counted

UNDEFINED = "\N{EN DASH}"
TITLES = {
    "dice": "Dice",
    "iou": "IoU",
    "precision": "Precision",
    "recall": "Recall",
    "volume_ratio": "Volume ratio",
    "hd95_mm": "Hausdorff 95 %, mm",
    "assd_mm": "Surface distance, mm",
    "nsd": "Surface Dice",
    "dice_any_name": "Dice, any name",
}
_STATISTICS = {
    "weighted_kappa_quadratic": "Weighted kappa, quadratic",
    "accuracy": "Right grade",
    "within_one": "At most one grade off",
    "mean_absolute_error": "Mean distance, grades",
}
_MAIN = ("dice", "volume_ratio", "hd95_mm", "assd_mm", "nsd")


def evaluation_html(result: Evaluation, versus: Sequence[Versus], figures: Sequence[tuple[str, Path]]) -> str:
    """The whole page. figures: what each shows, and its SVG file."""
    from lumbardisc.report.evaluation import convention_words
    from lumbardisc.report.page import render

    values = {
        "predicted": result.predicted.name,
        "truth": result.truth.name,
        "version": __version__,
        "notice": words.NOTICE,
        "notice_short": words.NOTICE_SHORT,
        "headlines": headlines(result),
        "tolerance": f"{result.settings.tolerance_mm:g}",
        "conventions": convention_words(result),
        "concerns": [*result.failed, *result.notes],
        "cohort": _spreads(result.groups["all"]["all discs"]),
        "versus": [_versus(one) for one in versus],
        "tables": [_table(kind, named) for kind, named in result.groups.items() if kind != "all"],
        "contrasts": [_contrast(result, kind) for kind in result.contrasts],
        "sizes": [_sizes(side.measure, findings) for side, findings in result.sizes.items()],
        "detection": _detection(result),
        "grading": _grading(result),
        "figures": [{"shows": shows, "code": _svg(path)} for shows, path in figures],
    }
    return render("evaluation.html.j2", values)


def headlines(result: Evaluation) -> list[tuple[str, str]]:
    """What to know first: a title and a value each."""
    group = result.groups["all"]["all discs"]
    cases = counted(len({row.case for row in result.rows}), "case")
    discs, patients = counted(group.discs, "disc"), counted(group.patients, "patient")
    found = [
        ("Compared", f"{discs} of {cases} ({patients})"),
        ("Not found under their name", f"{group.missed} of {group.discs}"),
        ("Level names right", f"{result.naming.right:.1%}"),
        *((TITLES[name], interval_text(group.spreads[name].mean)) for name in _MAIN),
    ]
    if result.grading:
        kappa = result.grading.statistics["weighted_kappa_quadratic"]
        found.append(("Pfirrmann grade, weighted kappa", interval_text(kappa)))
    return found


def interval_text(found: Interval) -> str:
    """``0.812 (0.701 to 0.903)``; only what is defined."""
    value, low, high = (short(number) for number in (found.value, found.low, found.high))
    return f"{value} ({low} to {high})" if low and high else value or UNDEFINED


def p_text(p: float) -> str:
    """``0.034``, ``< 0.001``."""
    return "< 0.001" if p < 0.001 else short(p) or UNDEFINED


def _spreads(group: Group) -> list[list[str]]:
    rows = ((TITLES[name], group.spreads[name]) for name in METRICS)
    return [
        [
            title,
            interval_text(one.mean),
            *(short(value) or UNDEFINED for value in (one.median, one.sd)),
            str(one.defined),
        ]
        for title, one in rows
    ]


def _table(kind: str, named: Mapping[str, Group]) -> dict[str, Any]:
    """Dice with its interval, the other means alone; the record has all of them."""
    rows = [
        [name, str(one.discs), str(one.missed), interval_text(one.spreads["dice"].mean)]
        + [short(one.spreads[metric].mean.value) or UNDEFINED for metric in _MAIN[1:]]
        for name, one in named.items()
    ]
    heads = [kind.capitalize(), "Discs", "Missed", *(TITLES[metric] for metric in _MAIN)]
    return {"title": f"By {kind}", "heads": heads, "rows": rows}


def _contrast(result: Evaluation, kind: str) -> dict[str, Any]:
    found = result.contrasts[kind]
    test = found.overall
    statistic = f"chi-squared {short(test.statistic)}, {test.degrees_of_freedom} degrees of freedom"
    return {
        "kind": kind,
        "overall": f"{statistic}, p {p_text(test.p)}" if short(test.p) else "not defined: too few groups, or all equal",
        "letters": ", ".join(f"{name} {letter}" for name, letter in found.letters.items()),
        "pairs": _pairs(found.pairs),
    }


def _versus(found: Versus) -> dict[str, Any]:
    rows = [[name, interval_text(mean), found.letters[name]] for name, mean in found.means.items()]
    title = {"dice": "Dice", "volume_error": "Volume ratio, distance from 1"}[found.measure]
    return {"title": title, "discs": found.discs, "rows": rows, "pairs": _pairs(found.pairs)}


def _pairs(pairs: Sequence[Pair]) -> list[list[str]]:
    return [[one.first, one.second, p_text(one.p), p_text(one.p_holm)] for one in pairs]


def _sizes(measure: str, findings: Sequence[Any]) -> dict[str, Any]:
    rows = [[one.statistic.title, interval_text(one.found), one.reading] for one in findings]
    return {"measure": words.plain(measure), "discs": findings[0].items, "rows": rows}


def _detection(result: Evaluation) -> list[list[str]]:
    if result.detection is None:
        return []
    named = [*((NAMES[label], one) for label, one in result.detection.items()), ("All", overall(result.detection))]
    return [
        [name, str(one.truths), str(one.given), str(one.right), short(one.ap50), short(one.ap50_95)]
        for name, one in named
    ]


def _grading(result: Evaluation) -> list[list[str]]:
    if result.grading is None:
        return []
    return [[_STATISTICS[name], interval_text(found)] for name, found in result.grading.statistics.items()]


def _svg(path: Path) -> str:
    return f"data:image/svg+xml;base64,{b64encode(path.read_bytes()).decode()}"
