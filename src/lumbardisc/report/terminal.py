"""A study in a few lines of plain text, for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lumbardisc.io.scan import Scan
from lumbardisc.pipeline.study import Disc, Study
from lumbardisc.quantify.change import Change
from lumbardisc.report import changes, numbers, words
from lumbardisc.report.concerns import concerns
from lumbardisc.report.estimates import mean_text
from lumbardisc.report.grades import grade_text

_SHOWN = {
    "pfirrmann": "Pfirrmann",
    "level_confidence": "naming",
    "height_mm": "height mm",
    "disc_height_index": "height index",
    "area_mm2": "area mm2",
    "volume_mm3": "volume mm3",
    "signal_ratio_csf": "signal/CSF",
    "t1rho_mean_ms": "T1rho ms",
    "phase": "phase",
}


def summary(study: Study) -> str:
    """What was found, a small table from the top disc down, then what is uncertain; no line break at the end."""
    discs = list(study.discs.values())[::-1]
    lines = [headline(study), *_table(discs)]
    lines += [f"  {who or 'note'}: {sentence}" for who, sentence in concerns(study)]
    lines += _changes(study.change) if study.change else []
    return "\n".join(lines)


def _changes(change: Change) -> list[str]:
    """What changed since the prior study, the warnings first."""
    lines = [f"  {changes.lead(change)}", *(f"    note: {warning}" for warning in change.warnings)]
    lines += [f"    {level}: {moved}" for level, moved in changes.changed(change)]
    lines += [f"    {changes.unchanged(change)}"] if change.rows else []
    return lines + [f"    {level}: not compared, {reason}" for level, reason in reversed(change.absent)]


def told(scan: Scan, study: Study) -> tuple[list[str], list[str]]:
    """What a terminal is told of a study that was analysed, and what only when it asks for more: lines."""
    said, more = _choice(scan.choice)
    details = {**scan.headers, **study.provenance["timings"]}
    return [summary(study), *said], [*more, *(f"  {name}: {value}" for name, value in details.items())]


def _choice(facts: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Which series was read and why, and the others with why not (see ``Scan.choice``); no lines without a choice."""
    if not facts:
        return [], []
    chosen = facts["chosen"]
    said = [f"  read: {words.series(chosen)}: {'; '.join(chosen['reasons'])}"]
    said += [f"  beside it: {words.series(other)}" for other in facts["companions"]]
    others = [f"  also fit: {words.series(other)}" for other in facts["also_fit"]]
    return said, others + [f"  refused: {words.series(other)}: {other['reason']}" for other in facts["refused"]]


def headline(study: Study) -> str:
    """One line: the name of the study and the discs that were found."""
    names = list(study.discs)
    if not names:
        return f"{study.name}: no disc found"
    return f"{study.name}: 1 disc, {names[0]}" if len(names) == 1 else _range(study.name, names)


def _range(study: str, names: list[str]) -> str:
    return f"{study}: {len(names)} discs, {names[-1]} to {names[0]}"


def _table(discs: list[Disc]) -> list[str]:
    columns = [name for name in _SHOWN if any(name in disc.values for disc in discs)]
    rows = [["", *(_SHOWN[name] for name in columns)]] if discs else []
    rows += [[disc.level, *(_cell(disc, name) or "-" for name in columns)] for disc in discs]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  " + "  ".join(f"{cell:>{width}}" for cell, width in zip(line, widths, strict=True)) for line in rows]


def _cell(disc: Disc, name: str) -> str:
    if name == "pfirrmann":
        return grade_text(disc).replace("\N{NO-BREAK SPACE}", " ")  # which a terminal may not know
    estimate = mean_text(disc) if name == "t1rho_mean_ms" else ""
    return estimate or numbers.text(name, disc.values.get(name))
