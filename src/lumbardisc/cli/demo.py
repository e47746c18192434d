"""`lumbardisc demo`: the main job on an example study, drawn by our own phantom."""

from __future__ import annotations

from pathlib import Path

import typer

from lumbardisc.cli.console import Voice
from lumbardisc.cli.options import Out, Quiet, Verbose
from lumbardisc.cli.studies import analyze_studies, check_writable

SEED = 2024  # fixed, so that everyone's demo shows the same spine


def demo(out: Out = Path("demo"), quiet: Quiet = False, verbose: Verbose = False) -> None:
    """Run the main job on an example study and say where the report is.

    The study is a T2-weighted DICOM series that the MR phantom draws and writes to OUT/study (spacings and lengths in
    mm, times in ms); no patient was imaged. The report is what `lumbardisc analyze` writes for any study.

    Example: lumbardisc demo -o demo
    """
    from lumbardisc.phantom import write_phantom

    voice = Voice(quiet, verbose)
    check_writable(out)
    studies = write_phantom(out / "study", seed=SEED)
    voice.say(f"example study: {studies[0]}")
    raise typer.Exit(analyze_studies(studies, out, voice))
