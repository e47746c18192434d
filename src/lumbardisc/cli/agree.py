"""`lumbardisc agree`: how well readers agree, from a table of their readings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lumbardisc.cli.console import Voice, complain
from lumbardisc.cli.options import Out, Quiet
from lumbardisc.cli.studies import check_writable

if TYPE_CHECKING:
    from lumbardisc.reader_study import Agreement


def parse_kinds(texts: list[str]) -> dict[str, str]:
    """``["volume=continuous"]`` -> ``{"volume": "continuous"}``."""
    kinds = {}
    for text in texts:
        measure, equals, kind = text.rpartition("=")
        if not (measure and equals and kind):
            reason = f"'{text}' is not like pfirrmann=ordinal or size=small<medium<large."
            raise typer.BadParameter(reason, param_hint="'--kind'")
        kinds[measure.strip()] = kind.strip()
    return kinds


def agree(
    ratings: Annotated[Path, typer.Argument(metavar="RATINGS.csv", help="One row per reading, any number of each.")],
    out: Out,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MEASURE=KIND",
            help="nominal, ordinal, continuous or mask, or the order of words (a<b<c); told from the values otherwise.",
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Tell how well readers agree, with each other and with themselves.

    RATINGS.csv has the columns subject, disc, reader, repeat, measure, value; disc and repeat may be left out, and a
    value may be the path of a label file. Kappas (Cohen, weighted, Fleiss), ICC (all six), Bland-Altman, measurement
    error and Dice are computed where they fit, with 95 % intervals; values keep the unit of the table (mm, mm3, ms).
    OUT gets agreement.csv, report.html, agreement.json and, with matplotlib (pip install "lumbardisc[evaluate]"),
    figures as PNG and SVG.

    Exit code: 0 done, 1 some measures cannot be compared, 2 nothing could be done.

    Example: lumbardisc agree ratings.csv -o agreement
    """
    from lumbardisc import reader_study
    from lumbardisc.report.agreement import write_agreement

    kinds, voice = parse_kinds(kind or []), Voice(quiet)
    check_writable(out)
    with voice.progress(1.0) as advance:
        result = reader_study.agree(ratings, kinds, advance)
        advance("figures", 1.0)
        write_agreement(result, out)
    _tell(result, out, voice)
    if result.left_out:
        raise typer.Exit(1)


def _tell(result: Agreement, out: Path, voice: Voice) -> None:
    """Say what was found: one number for every two readings, what was left out, and where the rest is."""
    from lumbardisc.report.agreement import can_draw, headlines, interval_text

    for one in headlines(result):
        value = f"{one.statistic.title} {interval_text(one)}".strip()
        voice.say(f"{one.measure}, {' and '.join(one.between)}: {value}, {one.reading}")
    for note in result.notes:
        voice.say(f"  {note}")
    if not can_draw():
        voice.say('  no figures, as matplotlib is not installed here; pip install "lumbardisc[evaluate]"')
    for line in result.left_out:
        complain(line)
    voice.say(f"  report: {out / 'report.html'}")
