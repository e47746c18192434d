"""report.html: one self-contained page that a clinician reads in a minute."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from lumbardisc import __version__, levels
from lumbardisc.pipeline.study import Study
from lumbardisc.report import words
from lumbardisc.report.cards import cards
from lumbardisc.report.changes import comparison
from lumbardisc.report.columns import COLUMNS, Column
from lumbardisc.report.concerns import concerns
from lumbardisc.report.estimates import estimates
from lumbardisc.report.grades import by_grade
from lumbardisc.report.identity import Identity, banner
from lumbardisc.report.measured import angles, defined, rows, sources
from lumbardisc.report.overlay import slice_png
from lumbardisc.report.reference_ranges import COMMON
from lumbardisc.report.structures import hex_color
from lumbardisc.report.terminal import headline
from lumbardisc.report.view import Line, Outline, View

SHOWN = tuple(column for column in COLUMNS if column.shown)
_TIMES = " \N{MULTIPLICATION SIGN} "


def report_html(values: Mapping[str, Any]) -> str:
    """The whole page as text: no scripts, nothing loaded from elsewhere, every outside text escaped.

    values: what ``context`` says of a study.
    """
    return render("report.html.j2", values)


def render(template: str, values: Mapping[str, Any]) -> str:
    """A template of ours filled in."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("lumbardisc.report")
    house = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    house.filters |= {"plain": title, "embedded": _code}
    return house.get_template(template).render(values)


def context(
    study: Study, view: View, identity: Identity | None = None, shown: Sequence[Column] = SHOWN
) -> dict[str, Any]:
    """What page and PDF of a study are filled with. shown: columns of the table, where any disc has a value."""
    discs = list(study.discs.values())[::-1]  # from the top down, as on the picture
    columns = defined(shown, discs)
    provenance = dict(study.provenance)
    return {
        "study": study,
        "patient": banner(identity),
        "version": __version__,
        "notice": words.NOTICE,
        "notice_short": words.NOTICE_SHORT,
        "notes": words.NOTES,
        "lead": lead(study),
        "headline": headline(study),
        "concerns": concerns(study),
        "comparison": comparison(study),
        "angles": angles(study),
        "by_grade": by_grade(study),
        "cards": cards(study),
        "common": COMMON,
        "estimates": estimates(discs),
        "facts": _facts(study, _contrast(provenance)),
        "columns": columns,
        "rows": rows(study, columns),
        "sources": sources(study, columns),
        "picture": _picture(view),
        "choice": _choice(provenance.pop("series_choice", {})),
        "provenance": _shown(provenance),
    }


def _facts(study: Study, contrast: str) -> list[tuple[str, str]]:
    """Of the images, what is known: title and text."""
    image = study.image.sagittal()
    facts = {
        "Contrast": contrast,
        "Slice shown": f"{study.working_mid_slice + 1} of {image.shape[0]}, from the patient's left",
        "Image size": _TIMES.join(map(str, image.shape)),
        "Voxel size": f"{_TIMES.join(f'{step:.2f}' for step in image.spacing)} mm",
    }
    return [(title, text) for title, text in facts.items() if text]


def lead(study: Study) -> str:
    """What was done, in one line."""
    done = "measured and graded" if any(disc.grading for disc in study.discs.values()) else "measured"
    return f"Lumbar discs on MRI, found, named, outlined, {done} by lumbardisc {__version__}"


def _code(png: bytes) -> str:
    return f"data:image/png;base64,{b64encode(png).decode()}"


def _contrast(provenance: Mapping[str, Any]) -> str:
    """``"t2_space"`` -> ``"T2 SPACE"``; empty where it is not known."""
    name = provenance.get("contrast", {}).get("name") or ""
    return str(name).replace("_", " ").upper()


def _picture(view: View) -> dict[str, Any]:
    return {
        "width": view.width,
        "height": view.height,
        "font_size": view.font_size,
        "slice": slice_png(view),
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


def title(key: str) -> str:
    """A key of a record as a heading in words."""
    text = words.plain(key)
    return text[:1].upper() + text[1:]
