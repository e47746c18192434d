"""The command `lumbardisc`: its sub-commands, and the one place where errors become lines and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from lumbardisc import __version__
from lumbardisc.cli import data, recipe, train
from lumbardisc.cli.agree import agree
from lumbardisc.cli.analyze import analyze
from lumbardisc.cli.bids import bids
from lumbardisc.cli.console import complain, explain
from lumbardisc.cli.demo import demo
from lumbardisc.cli.evaluate import evaluate
from lumbardisc.cli.t1rho import fit_t1rho
from lumbardisc.cli.tune import tune
from lumbardisc.errors import DEBUG

FAILED = 2
INTERRUPTED = 130

app = typer.Typer(
    name="lumbardisc",
    help="Lumbar MRI in; every disc found, named, segmented in 3D and measured out. Not a medical device.",
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(analyze)
app.command()(bids)
app.command()(demo)
app.command()(fit_t1rho)
app.command()(evaluate)
app.command()(agree)
app.add_typer(train.app, name="train")
app.command()(tune)
app.add_typer(recipe.app, name="recipe")
app.add_typer(data.app, name="data")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"lumbardisc {__version__}")
        raise typer.Exit()


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None: ...


def main() -> None:
    """Entry point of the console script."""
    _calm_libraries()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 some inputs failed, 2 nothing done or bad usage."""
    try:
        code = app(list(arguments) or ["--help"], prog_name="lumbardisc", standalone_mode=False)
    except typer.TyperException as error:
        complain(f"{error.format_message()} See --help.")
        return FAILED
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:
        complain(explain(error))
        return FAILED
    if code == INTERRUPTED:
        complain("interrupted; what was finished is complete, nothing is half-written")
    return int(code or 0)


def _calm_libraries() -> None:
    """Keep the libraries' own warnings off the terminal, and file names of any bytes printable."""
    import logging
    import warnings

    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if not os.environ.get(DEBUG):
        warnings.simplefilter("ignore")
        logging.disable()
