"""Inputs -> reports: every study is read, analysed and written by itself, so that one failure stops no other."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lumbardisc.cli.console import Advance, Voice, complain, explain
from lumbardisc.errors import OutputError

if TYPE_CHECKING:
    from lumbardisc.io.scan import Scan, Source
    from lumbardisc.pipeline import Pipeline


def analyze_studies(
    inputs: Sequence[Path],
    out: Path,
    voice: Voice,
    *,
    companion: Path | None = None,
    series: str | None = None,
    spacing: tuple[float, float, float] | None = None,
    contrast: str | None = None,
    **how: Any,
) -> int:
    """Analyse every study of ``inputs`` into ``out`` (one study) or ``out/<study>`` (many); the exit code.

    spacing: slice, row, column in mm. how: options of ``pipeline.pipeline_for``. Raises OutputError, UsageError or
    WeightsError before any work where ``out`` cannot be written or no study could be analysed so.
    """
    from lumbardisc import io, pipeline

    check_writable(out)
    parts = pipeline.pipeline_for(**how)
    sources = io.find(inputs, companion=companion, series=series, spacing=spacing, contrast=contrast)
    many = len(sources) > 1
    with voice.progress(len(sources)) as advance:
        done = [
            _analyze_one(source, out / source.name if many else out, voice, _from(index, advance), parts)
            for index, source in enumerate(sources)
        ]
    return 0 if all(done) else 1 if any(done) else 2


def check_writable(out: Path) -> None:
    """Raise OutputError where no folder ``out`` can be written: said now, not after minutes of work."""
    try:
        parent = next(folder for folder in (out, *out.absolute().parents) if folder.exists())
        if not parent.is_dir():
            raise OutputError(f"{parent} is a file, so {out} cannot be a folder; give another folder with -o")
        tempfile.TemporaryFile(dir=parent).close()
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror}); give another folder with -o") from error


def _from(index: int, advance: Advance) -> Advance:
    """The advance of the ``index``-th study alone, whose share of the bar is 1."""
    return lambda text, done: advance(text, index + done)


def _analyze_one(source: Source, out: Path, voice: Voice, advance: Advance, parts: Pipeline) -> bool:
    """Whether one study could be read, analysed and written; where not, the reason was said."""
    from lumbardisc import pipeline, report

    def advance_study(text: str, done: float) -> None:
        advance(f"{source.name}: {text}", done)

    try:
        advance_study("reading", 0.0)
        scan = source.load()
        study = pipeline.analyze_scan(scan, source.name, parts, progress=advance_study)
        report.write(study, out)
    except Exception as error:
        complain(_named(source, explain(error)))
        return False
    voice.say(report.summary(study))
    _tell_choice(scan, voice)
    for name, value in {**scan.headers, **study.provenance["timings"]}.items():
        voice.detail(f"  {name}: {value}")
    voice.say(f"  report: {out / 'report.html'}")
    return True


def _named(source: Source, reason: str) -> str:
    """The reason with the input before it, and the study where the input may hold several."""
    if reason.startswith(str(source.path)):
        return reason
    study = "" if source.name in source.path.name else f" ({source.name})"
    return f"{source.path}{study}: {reason}"


def _tell_choice(scan: Scan, voice: Voice) -> None:
    """Say which series was read and why; in detail also why not the others."""
    from lumbardisc.report.words import series

    if scan.choice:
        chosen = scan.choice["chosen"]
        voice.say(f"  read: {series(chosen)}: {'; '.join(chosen['reasons'])}")
        for other in scan.choice["companions"]:
            voice.say(f"  beside it: {series(other)}")
        for other in scan.choice["also_fit"]:
            voice.detail(f"  also fit: {series(other)}")
        for other in scan.choice["refused"]:
            voice.detail(f"  refused: {series(other)}: {other['reason']}")
