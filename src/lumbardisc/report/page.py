"""report.html: one self-contained page that a clinician reads in a minute."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from lumbardisc import __version__, levels
from lumbardisc.pipeline.study import Disc, Study
from lumbardisc.report import numbers, words
from lumbardisc.report.columns import COLUMNS, Column
from lumbardisc.report.concerns import concerns
from lumbardisc.report.estimates import estimates
from lumbardisc.report.evidence import crop_png, evidence_png, full_scale
from lumbardisc.report.grades import by_grade, grade_card, grade_text
from lumbardisc.report.identity import Identity
from lumbardisc.report.overlay import slice_png
from lumbardisc.report.structures import color_of, hex_color
from lumbardisc.report.terminal import headline
from lumbardisc.report.view import Line, Outline, View

SHOWN = tuple(column for column in COLUMNS if column.shown)
_UNDEFINED = "\N{EN DASH}"


def report_html(study: Study, view: View, identity: Identity | None = None) -> str:
    """The whole page as text: no scripts, nothing loaded from elsewhere, every outside text escaped."""
    return render("report.html.j2", context(study, view, identity))


def render(template: str, values: Mapping[str, Any]) -> str:
    """A template of ours filled in."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("lumbardisc.report")
    house = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    house.filters["plain"] = _title
    return house.get_template(template).render(values)


def context(
    study: Study, view: View, identity: Identity | None = None, shown: Sequence[Column] = SHOWN
) -> dict[str, Any]:
    """What the page of a study is filled with. shown: columns of the table, where any disc has a value."""
    discs = list(study.discs.values())[::-1]  # from the top down, as on the picture
    columns = _defined(shown, discs)
    provenance = dict(study.provenance)
    return {
        "study": study,
        "identity": identity,
        "version": __version__,
        "notice": words.NOTICE,
        "notice_short": words.NOTICE_SHORT,
        "headline": headline(study),
        "angles": _angles(study),
        "by_grade": by_grade(study),
        "grades": _grades(discs),
        "estimates": estimates(discs),
        "contrast": _contrast(provenance),
        "image": study.image.sagittal(),
        "slice_number": study.working_mid_slice + 1,
        "concerns": concerns(study),
        "columns": columns,
        "rows": [_row(disc, columns) for disc in discs],
        "picture": _picture(view),
        "choice": _choice(provenance.pop("series_choice", {})),
        "provenance": _shown(provenance),
    }


def _defined(columns: Sequence[Column], discs: list[Disc]) -> list[Column]:
    """The columns that at least one disc has a value for."""
    return [one for one in columns if any(numbers.text(one.name, disc.values.get(one.name)) for disc in discs)]


def _row(disc: Disc, columns: list[Column]) -> dict[str, Any]:
    return {
        "level": disc.level,
        "color": color_of(disc.label),
        "cells": [_cell(disc, column.name) for column in columns],
        "flagged": bool(disc.flags),
    }


def _cell(disc: Disc, name: str) -> str:
    if name == "pfirrmann":
        return grade_text(disc) or _UNDEFINED
    text = numbers.text(name, disc.values.get(name), fewer=1)
    return _volume(disc, text) if text and name == "volume_mm3" else text or _UNDEFINED


def _volume(disc: Disc, text: str) -> str:
    if numbers.text("volume_complete", disc.values.get("volume_complete")) == "false":
        return f"≥ {text}"
    error = numbers.text("volume_error_mm3", disc.values.get("volume_error_mm3"), fewer=1)
    return f"{text} ± {error}" if error else text


def _grades(discs: list[Disc]) -> list[dict[str, Any]]:
    """A card for each graded disc: what the grader saw, what moved it, and what its grade means."""
    graded = [(disc, disc.grading) for disc in discs if disc.grading]
    scale = full_scale(grading.evidence for _, grading in graded)
    return [
        {
            "level": disc.level,
            "color": color_of(disc.label),
            "flagged": bool(disc.flags),
            "crop": _code(crop_png(grading.crop)),
            "evidence": _code(evidence_png(grading.evidence, scale)),
            **grade_card(grading),
        }
        for disc, grading in graded
    ]


def _code(png: bytes) -> str:
    return f"data:image/png;base64,{b64encode(png).decode()}"


def _angles(study: Study) -> list[tuple[str, str]]:
    """Angles of the whole spine that are defined: title and value."""
    found = {key: numbers.text(key, study.spine.get(key), fewer=1) for key in words.ANGLES}
    return [(words.ANGLES[key], f"{text}°") for key, text in found.items() if text]


def _contrast(provenance: Mapping[str, Any]) -> str:
    """``"t2_space"`` -> ``"T2 SPACE"``; empty where it is not known."""
    name = provenance.get("contrast", {}).get("name") or ""
    return str(name).replace("_", " ").upper()


def _picture(view: View) -> dict[str, Any]:
    return {
        "width": view.width,
        "height": view.height,
        "font_size": view.font_size,
        "slice": _code(slice_png(view)),
        "outlines": [_drawn(outline) for outline in view.outlines],
        "names": [
            {"text": one.label.name, "color": hex_color(one.label), "x": one.x, "y": one.y, "anterior": one.anterior}
            for one in view.names
        ],
    }


def _drawn(outline: Outline) -> dict[str, str]:
    kind = "disc" if levels.is_disc(outline.label.index) else "other"
    path = "".join(map(_path, outline.lines))
    return {"name": outline.label.name, "color": hex_color(outline.label), "path": path, "kind": kind}


def _path(line: Line) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in line[:-1]) + "Z"


def _choice(choice: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """What was read and why, what else would have done, what was left out: a title and lines (see ``Scan.choice``)."""
    if not choice:
        return []
    refused = [f"{words.series(one)}: {one['reason']}" for one in choice.get("refused", ())]
    parts = [
        ("Read", [words.series(choice["chosen"])]),
        ("Beside it", [words.series(one) for one in choice.get("companions", ())]),
        ("Because", list(choice["chosen"].get("reasons", ()))),
        ("Also suitable", [words.series(one) for one in choice.get("also_fit", ())]),
        ("Left out", refused),
    ]
    return [(title, lines) for title, lines in parts if lines]


def _shown(value: Any) -> Any:
    """A nested record for the page: mappings and lists kept, every leaf as text, empty ones left out."""
    if isinstance(value, Mapping):
        parts = {str(key): _shown(part) for key, part in value.items()}
        return {key: part for key, part in parts.items() if part not in ("", {}, [])}
    if isinstance(value, list | tuple):
        return _shown_list([_shown(part) for part in value])
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)


def _shown_list(parts: list[Any]) -> Any:
    """Short words go on one line."""
    short = all(isinstance(part, str) and len(part) < 25 for part in parts)
    return ", ".join(parts) if short else parts


def _title(key: str) -> str:
    text = words.plain(key)
    return text[:1].upper() + text[1:]
