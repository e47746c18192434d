"""`lumbardisc recipe`: train, evaluate and use a published method."""

from __future__ import annotations

from collections.abc import Callable, Sized
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from lumbardisc.cli.console import Advance, Voice, complain, explain
from lumbardisc.cli.options import Config, Quiet, Spacing, parse_spacing
from lumbardisc.cli.studies import check_writable
from lumbardisc.errors import LumbardiscError, UsageError

if TYPE_CHECKING:
    from lumbardisc.io import Source

Discs = TypeVar("Discs", bound=Sized)
_NAMES = {"torch": "PyTorch", "sklearn": "scikit-learn", "imblearn": "imbalanced-learn"}

app = typer.Typer(help="Train, evaluate and use a published method.", rich_markup_mode=None)


@app.command()
def ding2024(
    config: Config,
    grade: Annotated[
        list[Path] | None,
        typer.Option(metavar="IMAGE", help="Grade new T2 images with the trained recipe; may be given several times."),
    ] = None,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="CSV", help="Table of the graded images' discs.")] = Path(
        "grades.csv"
    ),
    spacing: Spacing = None,
    quiet: Quiet = False,
) -> None:
    """Ding 2024: discs of sagittal T2 images segmented, then graded mild, moderate or severe.

    CONFIG names a folder of images and disc masks, and graded images. Both networks are trained and evaluated on
    patients held back; its output folder gets results.md, results.json, figures, checkpoints and split.csv. An
    interrupted run goes on where it stopped. With --grade a finished run grades new images: one row per disc with the
    three probabilities (0-1). Needs PyTorch and matplotlib: pip install "lumbardisc[train]".

    Example: lumbardisc recipe ding2024 ding2024.toml --grade scan.nii.gz -o grades.csv
    """
    _check_installed("torch", "matplotlib")
    voice = Voice(quiet)
    if grade:
        raise typer.Exit(_grade(config, grade, out, spacing, voice))
    from lumbardisc.recipes.ding2024 import run

    _train(run, config, voice)


@app.command()
def li2024(
    config: Config,
    phases: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="IMAGE", help="Phases of new T1 images by the trained recipe; may be given several times."
        ),
    ] = None,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="CSV", help="Table of the new images' discs.")] = Path(
        "phases.csv"
    ),
    spacing: Spacing = None,
    quiet: Quiet = False,
) -> None:
    """Li 2024: T1rho and degeneration phases of discs, from routine T1 images.

    CONFIG names folders of T1 images with LabelImg boxes and T1rho values, or of phantoms. Detector, regression and
    classifier are trained, cross-validated, and evaluated on patients held back; its output folder gets results.md,
    results.json, figures, checkpoints and split.csv. An interrupted run goes on where it stopped. With --phases a
    finished run reads new images: one row per disc with its box, T1rho in ms, phase (1-3) and the three probabilities
    (0-1). Needs the train extra: pip install "lumbardisc[train]".

    Example: lumbardisc recipe li2024 li2024.toml --phases scan.nii.gz -o phases.csv
    """
    _check_installed("torch", "matplotlib", "sklearn", "imblearn", "defusedxml", "faster_coco_eval")
    voice = Voice(quiet)
    if phases:
        raise typer.Exit(_phases(config, phases, out, spacing, voice))
    from lumbardisc.recipes.li2024 import run

    _train(run, config, voice)


@app.command()
def markhali2024(
    config: Config,
    segment: Annotated[
        list[Path] | None,
        typer.Option(metavar="IMAGE", help="Segment new images with the trained recipe; may be given several times."),
    ] = None,
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="OUT", help="Folder for the new images' masks, NAME.nii.gz.")
    ] = Path("masks"),
    spacing: Spacing = None,
    quiet: Quiet = False,
) -> None:
    """Markhali 2024: discs of sagittal stacks outlined slice by slice, as volumes.

    CONFIG names folders of images and disc masks (TIFF stacks, NIfTI, ...), and if you like a table of grades. The
    network is trained and measured on subjects held back; its output folder gets results.md, results.json, figures,
    checkpoints and split.csv. An interrupted run goes on where it stopped. With --segment a finished run outlines the
    discs (1) of new images, without orphans, on each image's own grid in mm. Needs the train extra: pip install
    "lumbardisc[train]".

    Example: lumbardisc recipe markhali2024 markhali2024.toml --segment scan.nii.gz -o masks
    """
    _check_installed("torch", "matplotlib")
    voice = Voice(quiet)
    if segment:
        raise typer.Exit(_segment(config, segment, out, spacing, voice))
    from lumbardisc.recipes.markhali2024 import run

    _train(run, config, voice)


def _train(run: Callable[[Path, Advance], Path], config: Path, voice: Voice) -> None:
    """Run a recipe as its configuration says, and tell where its results are."""
    with voice.progress(1.0) as advance:
        folder = run(config, advance)
    voice.say(f"tables, figures and checkpoints: {folder / 'results.md'}")


def _check_installed(*packages: str) -> None:
    if missing := [name for name in packages if find_spec(name) is None]:
        names = " and ".join(_NAMES.get(name, name) for name in missing)
        raise UsageError(f'this recipe needs {names}, not installed here; pip install "lumbardisc[train]"')


def _grade(config: Path, images: list[Path], out: Path, spacing: str | None, voice: Voice) -> int:
    """Grade every image into one table; the exit code."""
    from lumbardisc.recipes.ding2024_use import Grader, write_grades

    check_writable(out.absolute().parent)
    grader = Grader(config)
    found, code = _each(images, spacing, lambda source: grader(source.load()), "T2")
    if found:
        write_grades(found, out)
        voice.say(f"{sum(map(len, found.values()))} discs found and graded: {out}")
    return code


def _phases(config: Path, images: list[Path], out: Path, spacing: str | None, voice: Voice) -> int:
    """T1rho and phases of every image into one table; the exit code."""
    from lumbardisc.recipes.li2024_use import Phaser, write_phases

    check_writable(out.absolute().parent)
    phaser = Phaser(config)
    found, code = _each(images, spacing, lambda source: phaser(source.load()), "T1")
    if found:
        write_phases(found, phaser.phantom_trained, out)
        warning = "; trained on phantoms, not for patients" if phaser.phantom_trained else ""
        voice.say(f"{sum(map(len, found.values()))} discs found and read: {out}{warning}")
    return code


def _segment(config: Path, images: list[Path], out: Path, spacing: str | None, voice: Voice) -> int:
    """Outline the discs of every image into a mask of its own; the exit code."""
    from lumbardisc.recipes.markhali2024_use import Segmenter

    check_writable(out)
    segmenter = Segmenter(config)
    out.mkdir(parents=True, exist_ok=True)
    found, code = _each(images, spacing, lambda source: segmenter.write(source, out), "MR")
    if found:
        voice.say(f"discs of {len(found)} images outlined: {out}")
    return code


def _each(
    images: list[Path], spacing: str | None, use: Callable[[Source], Discs], contrast: str
) -> tuple[dict[str, Discs], int]:
    """Name -> the discs found on each image, and the exit code. One that cannot be read stops no other."""
    from lumbardisc import io

    sources = io.find(images, spacing=parse_spacing(spacing) if spacing else None)
    found = {}
    for source in sources:
        try:
            discs = use(source)
        except LumbardiscError as error:
            reason = explain(error)
            complain(reason if reason.startswith(str(source.path)) else f"{source.path}: {reason}")
            continue
        if discs:
            found[source.name] = discs
        else:
            complain(f"{source.path}: no disc was found in it; is it a sagittal {contrast} image of the lumbar spine?")
    return found, 0 if len(found) == len(sources) else 1 if found else 2
