"""The folder of results of `evaluate`: tables, page, figures, record."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lumbardisc import __version__
from lumbardisc.conventions import find_convention
from lumbardisc.evaluation.detection import overall
from lumbardisc.evaluation.segmentation.structures import SIZES
from lumbardisc.report.agreement import SUFFIXES, can_draw
from lumbardisc.report.folder import write_files
from lumbardisc.scoring.cases import NAMES, Row
from lumbardisc.scoring.evaluate import Evaluation
from lumbardisc.scoring.tables import METRICS, column, split
from lumbardisc.scoring.versus import Versus

FILES = ("metrics.csv", "structures.csv", "report.html", "summary.json")
FIGURES = ("dice_by_level", "dice_by_grade", "volume_bland_altman", "height_bland_altman", "levels", "grades")
"""Stems of their names; which of them are drawn depends on what is known."""
_OTHER_SIZES = (*(f"predicted_{size}" for size in SIZES), *(f"true_{size}" for size in SIZES))
COLUMNS = (
    *("case", "level", *METRICS[:-1]),
    *("structure", "patient", "grade", "predicted_grade", "called", METRICS[-1], *_OTHER_SIZES),
)
_DIGITS = 6
"""Significant digits of a value in the tables."""

Figure = tuple[str, str, Callable[[Path], None]]
"""Stem of its file name, what it shows, and what draws it."""


def write_evaluation(result: Evaluation, out: Path, versus: Sequence[Versus] = ()) -> None:
    """Write all results into ``out``, whole or not at all; figures of an earlier run there are removed.

    versus: tools side by side, where there are several. Raises OutputError.
    """
    figures = list(_figures(result)) if can_draw() else []
    names = [f"{stem}{suffix}" for stem in FIGURES for suffix in SUFFIXES]
    write_files(out, (*names, *FILES), lambda folder: _fill(result, versus, figures, folder))


def metrics_csv(rows: Sequence[Row]) -> str:
    """The text of ``metrics.csv``: one row per case and structure, undefined values empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_cells(row) for row in rows)
    return out.getvalue()


def summary_json(result: Evaluation, versus: Sequence[Versus] = (), figures: Sequence[str] = ()) -> str:
    """The text of ``summary.json``: every figure of the evaluation, undefined ones null."""
    record = {
        "version": __version__,
        "predicted": result.predicted.name,
        "truth": result.truth.name,
        "labels": asdict(result.conventions),
        "settings": {"tolerance_mm": result.settings.tolerance_mm, "resample": result.settings.resample},
        "cases": len({row.case for row in result.rows}),
        "patients": len({row.patient for row in result.rows}),
        "groups": result.groups,
        "tests": result.contrasts,
        "levels": {
            "true": result.naming.levels,
            "called": result.naming.called,
            "counts": result.naming.counts.tolist(),
        },
        "named_right": result.naming.right,
        "sizes": {side.measure: {one.statistic.name: one.found for one in own} for side, own in result.sizes.items()},
        "detection": _detection(result),
        "grading": _grading(result),
        "tools": {one.measure: one for one in versus},
        "notes": result.notes,
        "failed": result.failed,
        "figures": figures,
    }
    return json.dumps(_plain(record), indent=2, ensure_ascii=False) + "\n"


def _figures(result: Evaluation) -> Iterator[Figure]:
    from lumbardisc.evaluation.agreement.figures import draw_bland_altman
    from lumbardisc.evaluation.comparison.figures import draw_boxes
    from lumbardisc.evaluation.figures import draw_confusion

    for kind, named in split(result.rows).items():
        scores = {name: column(rows, "dice") for name, rows in named.items()}
        draw = partial(draw_boxes, groups=scores, letters=result.contrasts[kind].letters, ylabel="Dice")
        yield f"dice_by_{kind}", f"Dice by {kind}; groups that share a letter are not told apart", draw
    for side, own in result.sizes.items():
        found = {one.statistic.name: one.found for one in own}
        lines = [found[name] for name in ("limit_lower", "bias", "limit_upper")]
        size = side.measure.partition("_")[0]
        yield (
            f"{size}_bland_altman",
            f"Bland-Altman plot of {size}",
            partial(_at, draw_bland_altman, side, (0, 1), lines),
        )
    levels = result.naming
    draw = partial(_at, draw_confusion, levels.counts, levels.levels, levels.called)
    yield "levels", "Which true disc is called what", draw
    if result.grading:
        grades = [str(grade) for grade in range(1, len(result.grading.counts) + 1)]
        draw = partial(_at, draw_confusion, result.grading.counts, grades, [*grades, "none"])
        yield "grades", "Pfirrmann grades, predicted against true", draw


def _at(draw: Callable[..., None], *arguments: Any) -> None:
    """A figure whose path comes last, after what it shows."""
    *shown, path = arguments
    draw(*shown, path)


def _fill(result: Evaluation, versus: Sequence[Versus], figures: Sequence[Figure], folder: Path) -> None:
    from lumbardisc.report.evaluation_page import evaluation_html

    for stem, _, draw in figures:
        for suffix in SUFFIXES:
            draw(folder / f"{stem}{suffix}")
    texts = {
        "metrics.csv": metrics_csv(result.rows),
        "structures.csv": metrics_csv(result.structures),
        "report.html": evaluation_html(result, versus, [(shows, folder / f"{stem}.svg") for stem, shows, _ in figures]),
        "summary.json": summary_json(
            result, versus, [f"{stem}{suffix}" for stem, *_ in figures for suffix in SUFFIXES]
        ),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _cells(row: Row) -> dict[str, str]:
    scored = row.scored
    sizes = {
        f"{side}_{size}": of[size]
        for side, of in (("predicted", scored.predicted), ("true", scored.true))
        for size in of
    }
    numbers = {name: number_text(value) for name, value in {**scored.values, **sizes}.items()}
    told = {"case": row.case, "level": row.level, "structure": row.structure, "patient": row.patient}
    grades = {"grade": str(row.grade or ""), "predicted_grade": str(row.predicted_grade or "")}
    return {**told, **grades, "called": row.called, **numbers}


def number_text(value: float) -> str:
    """A number as it stands in a table; empty where undefined."""
    return "" if math.isnan(value) else f"{value:.{_DIGITS}g}"


def _detection(result: Evaluation) -> dict[str, Any] | None:
    if result.detection is None:
        return None
    named = {NAMES[label]: one for label, one in result.detection.items()}
    scores = {**named, "all": overall(result.detection)}
    return {name: {**asdict(one), "precision": one.precision, "recall": one.recall} for name, one in scores.items()}


def _grading(result: Evaluation) -> dict[str, Any] | None:
    found = result.grading
    if found is None:
        return None
    by_grade = {str(grade): asdict(one) for grade, one in enumerate(found.by_grade, start=1)}
    return {"discs": found.discs, **found.statistics, "counts": found.counts.tolist(), "by_grade": by_grade}


def _plain(value: Any) -> Any:
    """A nested record as JSON has it: undefined numbers null."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain({name: getattr(value, name) for name in value.__dataclass_fields__})
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def convention_words(result: Evaluation) -> list[tuple[str, str]]:
    """What the numbers of both sides were taken for: side and convention."""
    sides = (("predictions", result.conventions.predicted), ("truth", result.conventions.truth))
    return [(side, find_convention(name).title) for side, name in sides]
