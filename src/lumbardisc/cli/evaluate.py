"""`lumbardisc evaluate`: how right label maps are, against their truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lumbardisc.cli.console import Voice, complain
from lumbardisc.cli.options import Out, Quiet
from lumbardisc.cli.studies import check_writable
from lumbardisc.errors import OutputError

if TYPE_CHECKING:
    from lumbardisc.scoring import Evaluation
    from lumbardisc.scoring.evaluate import Settings


def evaluate(
    predicted: Annotated[Path, typer.Argument(metavar="PREDICTED", help="A label map, or a folder of them.")],
    truth: Annotated[Path, typer.Argument(metavar="TRUTH", help="The true one, or a folder of them.")],
    out: Out,
    labels: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="What the numbers stand for: lumbardisc, spider, totalspineseg, spineps, spineps_subreg, merged:N "
            "(all discs are N); auto tells it from the numbers.",
        ),
    ] = "auto",
    predicted_labels: Annotated[
        str | None, typer.Option(metavar="NAME", help="The same for PREDICTED, where it differs from that of TRUTH.")
    ] = None,
    grades: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="True Pfirrmann grades: the columns patient, disc (or level), pfirrmann."),
    ] = None,
    tolerance: Annotated[float, typer.Option(metavar="MM", help="Tolerance of the surface Dice (nsd), in mm.")] = 1.0,
    resample: Annotated[
        bool, typer.Option("--resample", help="Put a prediction on another grid than its truth's on that.")
    ] = False,
    also: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=PATH",
            help="Another tool's predictions, compared with PREDICTED on the same truth; may be given again. "
            "A NAME of --labels says its labels.",
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Tell how right segmentations are: per disc, level, grade, patient and in all.

    PREDICTED and TRUTH are a label map each, or folders of them (any nesting), paired by name; the output of analyze
    can be given as it is. A disc or a case that was not found counts as missed. Lengths are in mm, volumes in mm3.
    OUT gets metrics.csv (one row per case and disc), structures.csv, summary.json, report.html and, with matplotlib
    (pip install "lumbardisc[evaluate]"), figures as PNG and SVG.

    Exit code: 0 done, 1 some cases cannot be compared, 2 nothing could be done.

    Example: lumbardisc evaluate results truth -o evaluation --labels spider
    """
    from lumbardisc import scoring
    from lumbardisc.report.evaluation import write_evaluation
    from lumbardisc.scoring.evaluate import Settings

    voice, settings = Voice(quiet), Settings(labels, predicted_labels, tolerance, resample, grades)
    others = parse_tools(also or [], predicted.resolve().name)
    _check_apart(out, predicted, truth, *others.values())
    check_writable(out)
    with voice.progress(1.0) as advance:
        result = scoring.evaluate(predicted, truth, settings, advance)
        tools = _evaluated(others, truth, settings, advance)
        versus = scoring.compare_tools({predicted.resolve().name: result, **tools}) if tools else ()
        result = _with_lines_of(tools, result)
        write_evaluation(result, out, versus)
    _tell(result, out, voice)
    if result.failed:
        raise typer.Exit(1)


def parse_tools(texts: list[str], first: str) -> dict[str, Path]:
    """``["spineps=out"]`` -> ``{"spineps": Path("out")}``. first: the name that PREDICTED has."""
    tools: dict[str, Path] = {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not (name and equals and path):
            raise typer.BadParameter(f"'{text}' is not like spineps=folder.", param_hint="'--also'")
        if name in {first, *tools}:
            raise typer.BadParameter(f"'{name}' is the name of two predictions; choose another.", param_hint="'--also'")
        tools[name] = Path(path)
    return tools


def _evaluated(
    tools: dict[str, Path], truth: Path, settings: Settings, advance: Callable[[str, float], None]
) -> dict[str, Evaluation]:
    """Each tool on the truth; what its numbers mean is told by its name, else by themselves."""
    from lumbardisc import scoring
    from lumbardisc.conventions import CONVENTIONS

    labels = {name: name if name in CONVENTIONS else None for name in tools}
    return {
        name: scoring.evaluate(path, truth, replace(settings, predicted_labels=labels[name]), advance)
        for name, path in tools.items()
    }


def _with_lines_of(tools: dict[str, Evaluation], result: Evaluation) -> Evaluation:
    """The first tool's evaluation, which also tells what is to know of the others, and what failed with them."""
    notes, failed = (
        tuple(f"{name}: {line}" for name, one in tools.items() for line in getattr(one, lines))
        for lines in ("notes", "failed")
    )
    return replace(result, notes=(*result.notes, *notes), failed=(*result.failed, *failed))


def _check_apart(out: Path, *inputs: Path) -> None:
    """Raises OutputError where the results would lie among label maps, or replace the report of `analyze`."""
    if out.resolve() in {one.resolve() for one in inputs if one.is_dir()} or (out / "result.json").exists():
        raise OutputError(f"{out}: holds what is to be compared, or results of analyze; give another folder with -o")


def _tell(result: Evaluation, out: Path, voice: Voice) -> None:
    """Say what was found, what to know of it, what failed and where the rest is."""
    from lumbardisc.report.agreement import can_draw
    from lumbardisc.report.evaluation_page import headlines

    for title, value in headlines(result):
        voice.say(f"{title}: {value}")
    for note in result.notes:
        voice.say(f"  {note}")
    if result.detection is None:
        voice.say('  no boxes, as faster-coco-eval is not installed here; pip install "lumbardisc[evaluate]"')
    if not can_draw():
        voice.say('  no figures, as matplotlib is not installed here; pip install "lumbardisc[evaluate]"')
    for line in result.failed:
        complain(line)
    voice.say(f"  report: {out / 'report.html'}")
