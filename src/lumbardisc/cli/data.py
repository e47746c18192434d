"""`lumbardisc data`: images to test and to learn with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from lumbardisc.cli.console import Voice
from lumbardisc.cli.options import Quiet
from lumbardisc.cli.studies import check_writable

app = typer.Typer(help="Make images to test and to learn with.", rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Keeps `phantom` a sub-command although it is the only one."""


@app.command()
def phantom(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to write to; made where it is missing.")],
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Same seed, same images.")] = 0,
    format: Annotated[Literal["dicom", "nifti"], typer.Option(help="File format of the images.")] = "dicom",
    sequence: Annotated[
        Literal["t1", "t2", "stir", "flash", "spin-lock", "t1rho", "all"],
        typer.Option(help="MR sequence to simulate; t1rho: T1, T2 and spin-lock images; all: T1, T2 and STIR."),
    ] = "t2",
    count: Annotated[int, typer.Option(metavar="N", min=1, help="Number of different spines.")] = 1,
    quiet: Quiet = False,
) -> None:
    """Draw lumbar spines whose every measure is known, and image them.

    A seeded parametric anatomy goes through tissue relaxation times (ms) and sequence equations; OUT gets the images
    and truth/ with the masks and truth.csv (lengths in mm, volumes in mm3, T1rho in ms).

    Example: lumbardisc data phantom phantoms --count 3 --sequence all
    """
    from lumbardisc.phantom import write_phantom

    check_writable(out)
    write_phantom(out, seed=seed, count=count, sequence=sequence, format=format)
    Voice(quiet).say(f"images and truth: {out}")
