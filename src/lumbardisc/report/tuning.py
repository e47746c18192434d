"""The results of a tuning study: analysis.json, leaderboard.csv, page and figures."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from math import isnan
from pathlib import Path
from typing import Any

from lumbardisc import __version__
from lumbardisc.evaluation.comparison.figures import draw_boxes
from lumbardisc.evaluation.comparison.letters import ALPHA
from lumbardisc.report import words
from lumbardisc.report.folder import write_files
from lumbardisc.report.record import ready
from lumbardisc.tuning.analysis import BY, Analysis, Comparison, Groups, analyse
from lumbardisc.tuning.leaderboard import FILE, leaderboard_csv
from lumbardisc.tuning.study import Study

SUFFIXES = (".png", ".svg")
_DASH = "\N{EN DASH}"


@dataclass(frozen=True)
class Picture:
    """One figure. stem: of its file. shows: in words. draw: writes it to a path, PNG or SVG by its suffix."""

    stem: str
    shows: str
    draw: Callable[[Path], None]


def write_tuning(study: Study) -> Analysis:
    """Analyse a study and write all results into its folder, whole or not at all. Raises OutputError."""
    analysis = analyse(study)
    drawn = list(pictures(analysis))
    names = [f"{one.stem}{suffix}" for one in drawn for suffix in SUFFIXES]
    write_files(
        study.config.out,
        (*names, FILE, "report.html", "analysis.json"),
        lambda folder: _fill(analysis, study, drawn, folder),
    )
    return analysis


def headlines(analysis: Analysis, study: Study) -> list[str]:
    """The best run, and for each score the best version and whether versions differ by more than chance."""
    best = study.runs[0]
    lines = [f"best run: {best.name}, {best.score_text} over {len(best.subjects)} subjects"]
    for one in analysis.comparisons:
        first, p = one.versions[0], one.model.effect.p
        told = "" if isnan(p) else f"; versions {'differ' if p < ALPHA else 'may be alike'}, p {p_text(p)}"
        lines.append(f"{one.title}: best version {first.version}, mean {first.mean:.3f} of {first.runs} runs{told}")
    return lines


def pictures(analysis: Analysis) -> Iterator[Picture]:
    """Figure 4 A and B of the paper for every score, then the best run by grade and by level."""
    for one in analysis.comparisons:
        shared = {version.version: version.letters for version in one.versions}
        boxes = {version: scores for version, scores in one.runs.items() if len(scores)}
        shows = f"{one.title} of every run, by version; versions without a common letter differ"
        draw = partial(draw_boxes, groups=boxes, letters=shared, ylabel=one.title)
        yield Picture(f"{one.score}_versions", shows, draw)
        shows = f"{one.title} of every subject, the best {len(one.best)} runs"
        yield Picture(f"{one.score}_leaderboard", shows, partial(draw_boxes, groups=one.best, ylabel=one.title))
    for own in analysis.groups:
        shows = f"{own.title} of {own.run} by {BY[own.by]}; groups without a common letter differ"
        draw = partial(draw_boxes, groups=own.scores, letters=own.letters, ylabel=own.title, title=f"by {BY[own.by]}")
        yield Picture(f"{own.score}_by_{own.by}", shows, draw)


def p_text(p: float) -> str:
    """``0.032``, ``<0.001``; a dash where undefined."""
    return _DASH if isnan(p) else "<0.001" if p < 0.001 else f"{p:.3f}"


def _fill(analysis: Analysis, study: Study, drawn: Sequence[Picture], folder: Path) -> None:
    for one in drawn:
        for suffix in SUFFIXES:
            one.draw(folder / f"{one.stem}{suffix}")
    texts = {
        FILE: leaderboard_csv(study.runs),
        "report.html": _page(analysis, study, drawn, folder),
        "analysis.json": _record(analysis, study),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _record(analysis: Analysis, study: Study) -> str:
    versions = {name: one.model_dump(mode="json") for name, one in study.versions.items()}
    settings = study.config.model_dump(mode="json", exclude={"out", "config"})
    record = {"version": __version__, "settings": settings, "versions": versions}
    record |= {"failed": study.failed, **asdict(analysis)}
    return json.dumps(ready(record), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _page(analysis: Analysis, study: Study, drawn: Sequence[Picture], folder: Path) -> str:
    from lumbardisc.report.page import render

    codes = {one.stem: {"shows": one.shows, "code": _svg(folder / f"{one.stem}.svg")} for one in drawn}
    values = {
        "version": __version__,
        "notice": words.NOTICE,
        "notice_short": words.NOTICE_SHORT,
        "recipe": study.config.recipe,
        "headlines": headlines(analysis, study),
        "comparisons": [_comparison(one, codes) for one in analysis.comparisons],
        "groups": [_groups(one, codes) for one in analysis.groups],
        "left_out": [*study.failed, *analysis.notes],
    }
    return render("tuning.html.j2", values)


def _comparison(one: Comparison, codes: dict[str, Any]) -> dict[str, Any]:
    effects = {"version": one.model.effect, **one.factors}
    return {
        "title": one.title,
        "versions": [
            [v.version, v.runs, *map(_number, (v.mean, v.between_runs, v.between_subjects)), v.letters or _DASH]
            for v in one.versions
        ],
        "effects": [
            [name, _number(e.f), e.degrees_of_freedom, e.residual_degrees_of_freedom, p_text(e.p)]
            for name, e in effects.items()
        ],
        "pairs": [
            [d.first, d.second, *map(_number, (d.difference, d.error)), p_text(d.p_holm)] for d in one.model.differences
        ],
        "figures": [codes[f"{one.score}_versions"], codes[f"{one.score}_leaderboard"]],
    }


def _groups(one: Groups, codes: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": f"{one.title} of {one.run} by {BY[one.by]}",
        "overall": f"Kruskal-Wallis chi-squared {_number(one.overall.statistic)}, "
        f"{one.overall.degrees_of_freedom} degrees of freedom, p {p_text(one.overall.p)}",
        "pairs": [[pair.first, pair.second, p_text(pair.p), p_text(pair.p_holm)] for pair in one.pairs],
        "figures": [codes[f"{one.score}_by_{one.by}"]],
    }


def _svg(path: Path) -> str:
    return f"data:image/svg+xml;base64,{b64encode(path.read_bytes()).decode()}"


def _number(value: float) -> str:
    return _DASH if isnan(value) else f"{value:.3f}"
