"""`lumbardisc recipe`: train, evaluate and use a published method."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from lumbardisc.cli.analyze import parse_spacing
from lumbardisc.cli.console import Voice, complain, explain
from lumbardisc.cli.options import Quiet
from lumbardisc.cli.studies import check_writable
from lumbardisc.errors import LumbardiscError, UsageError

app = typer.Typer(help="Train, evaluate and use a published method.", rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Keeps `ding2024` a sub-command although it is the only one."""


@app.command()
def ding2024(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="Settings in TOML; every field is documented.")],
    grade: Annotated[
        list[Path] | None,
        typer.Option(metavar="IMAGE", help="Grade new T2 images with the trained recipe; may be given several times."),
    ] = None,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="CSV", help="Table of the graded images' discs.")] = Path(
        "grades.csv"
    ),
    spacing: Annotated[
        str | None, typer.Option(metavar="SLICE,ROW,COL", help="Voxel spacing in mm, for PNG and TIFF.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Ding 2024: discs of sagittal T2 images segmented, then graded mild, moderate or severe.

    CONFIG names a folder of images and disc masks, and graded images. Both networks are trained and evaluated on
    patients held back; its output folder gets results.md, results.json, figures, checkpoints and split.csv. An
    interrupted run goes on where it stopped. With --grade a finished run grades new images: one row per disc with the
    three probabilities (0-1). Needs PyTorch and matplotlib: pip install "lumbardisc[train]".

    Example: lumbardisc recipe ding2024 ding2024.toml --grade scan.nii.gz -o grades.csv
    """
    if find_spec("torch") is None or find_spec("matplotlib") is None:
        raise UsageError('recipes need PyTorch and matplotlib, not installed here; pip install "lumbardisc[train]"')
    voice = Voice(quiet)
    if grade:
        raise typer.Exit(_grade(config, grade, out, parse_spacing(spacing) if spacing else None, voice))
    from lumbardisc.recipes.ding2024 import run

    with voice.progress(1.0) as advance:
        folder = run(config, advance)
    voice.say(f"tables, figures and checkpoints: {folder / 'results.md'}")


def _grade(
    config: Path, images: list[Path], out: Path, spacing: tuple[float, float, float] | None, voice: Voice
) -> int:
    """Grade every image into one table; the exit code. An image that cannot be read stops no other."""
    from lumbardisc import io
    from lumbardisc.recipes.ding2024_use import Grader, write_grades

    check_writable(out.absolute().parent)
    grader = Grader(config)
    sources = io.find(images, spacing=spacing)
    grades = {}
    for source in sources:
        try:
            grades[source.name] = grader(source.load())
        except LumbardiscError as error:
            reason = explain(error)
            complain(reason if reason.startswith(str(source.path)) else f"{source.path}: {reason}")
            continue
        if not grades[source.name]:
            complain(f"{source.path}: no disc was found in it; is it a sagittal T2 image of the lumbar spine?")
    found = {name: discs for name, discs in grades.items() if discs}
    if found:
        write_grades(found, out)
        voice.say(f"{sum(len(discs) for discs in found.values())} discs found and graded: {out}")
    return 0 if len(found) == len(sources) else 1 if found else 2
