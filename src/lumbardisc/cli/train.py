"""`lumbardisc train`: train a network from a configuration file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from lumbardisc.cli.console import Advance, Voice
from lumbardisc.cli.options import Config, Quiet
from lumbardisc.errors import UsageError

app = typer.Typer(help="Train a network from a configuration file.", rich_markup_mode=None)

Resume = Annotated[bool, typer.Option("--resume/--restart", help="Go on from the last checkpoint, or begin again.")]


@app.command()
def segmentation(
    config: Config,
    init: Annotated[
        str | None,
        typer.Option(metavar="START", help="Go on from these weights, .onnx or .pt; default: those that ship."),
    ] = None,
    resume: Resume = True,
    quiet: Quiet = False,
) -> None:
    """Train the segmentation network.

    CONFIG names the data sets (your own folder too, see data check), the working resolution (mm), the augmentation and
    the schedule (steps, learning rate); its output folder gets history.csv, curves.png, split.csv (which patient is for
    what), the checkpoints best.pt and last.pt, and the exported network, for analyze --weights. With --init default
    a few of your own cases make the network that ships better on images like them. An interrupted run goes on where it
    stopped. Needs PyTorch: pip install "lumbardisc[train]".

    Example: lumbardisc train segmentation segmentation.toml --init default
    """
    with _training(quiet) as (voice, advance):
        from lumbardisc.training.segmentation import train

        folder = train(
            config,
            init=init,
            resume=resume,
            progress=lambda step, steps, loss: advance(f"step {step} of {steps}, loss {loss:.3f}", step / steps),
        )
    voice.say(f"checkpoints, curves and exported weights: {folder}")


@app.command()
def grading(config: Config, resume: Resume = True, quiet: Quiet = False) -> None:
    """Train the grading network on discs that a person graded.

    CONFIG names the data sets: a folder of images with a CSV of Pfirrmann grades (1-5), or SPIDER as downloaded. What
    was found in them, and what was left out and why, is printed first. The output folder gets the checkpoints,
    history.csv, the predictions for patients that a network never saw, and the exported network with its calibration.
    Sizes are in mm. An interrupted run goes on where it stopped. Needs PyTorch: pip install "lumbardisc[train]".

    Example: lumbardisc train grading grading.toml
    """
    with _training(quiet) as (voice, advance):
        from lumbardisc.training import grading

        if not quiet:
            _introduce(config, voice)
        folder = grading.train(config, resume=resume, progress=advance)
    voice.say(f"checkpoints, predictions and exported weights: {folder}")


@app.command()
def detection(config: Config, resume: Resume = True, quiet: Quiet = False) -> None:
    """Train the detector of discs on boxes with level names.

    CONFIG names the data sets: images with LabelImg boxes, images with label maps of their discs, or public ones. The
    output folder gets the slices as they are learnt from, notes.txt (what was left out and why), history.csv, the
    checkpoint last.pt, and the exported network. Boxes are in pixels, sizes in mm. An interrupted run goes on where it
    stopped. Needs PyTorch: pip install "lumbardisc[train]".

    Example: lumbardisc train detection detection.toml
    """
    with _training(quiet) as (voice, advance):
        from lumbardisc.training.detection.training import train

        folder = train(config, resume=resume, progress=advance)
    voice.say(f"checkpoint, history and exported weights: {folder}")


@app.command()
def refinement(config: Config, resume: Resume = True, quiet: Quiet = False) -> None:
    """Train the network that draws the outlines of discs more finely.

    CONFIG names the data sets: SPIDER's outlined T2-SPACE volumes and what is aligned to them (needs SimpleITK, the
    extra "registration"), or a folder of your own images and label maps. The output folder gets the discs as they are
    learnt from, history.csv, the checkpoint last.pt, and the exported network with its card, for analyze --weights.
    Sizes are in mm. An interrupted run goes on where it stopped. Needs PyTorch: pip install "lumbardisc[train]".

    Example: lumbardisc train refinement refinement.toml
    """
    with _training(quiet) as (voice, advance):
        from lumbardisc.training.refinement.training import train

        folder = train(config, resume=resume, progress=advance)
    voice.say(f"checkpoint, history and exported weights: {folder}")


@app.command()
def t1rho(config: Config, resume: Resume = True, quiet: Quiet = False) -> None:
    """Train the network that estimates T1rho and phase from routine T1 and T2 images.

    CONFIG names exams with T1rho (ms) of their discs: a folder of images with a CSV, the output of fit-t1rho beside T1
    and T2 images, or a number of phantoms. The output folder gets the checkpoints, history.csv, the answers for
    patients that a network never saw, notes.txt (what was left out and why), and the exported network with its card,
    for analyze --weights. An interrupted run goes on where it stopped. Needs PyTorch: pip install
    "lumbardisc[train]".

    Example: lumbardisc train t1rho t1rho.toml
    """
    with _training(quiet) as (voice, advance):
        from lumbardisc.training.t1rho.loop import train

        folder = train(config, resume=resume, progress=advance)
    voice.say(f"checkpoints, answers and exported weights: {folder}")


@contextmanager
def _training(quiet: bool) -> Iterator[tuple[Voice, Advance]]:
    """What a training speaks through. Raises UsageError where its libraries are missing."""
    if find_spec("torch") is None:
        raise UsageError('training needs PyTorch, which is not installed here; pip install "lumbardisc[train]"')
    voice = Voice(quiet)
    with voice.progress(1.0) as advance:
        yield voice, advance


def _introduce(config: Path, voice: Voice) -> None:
    """Print what the data sets hold, before hours go into them."""
    from lumbardisc.training.config import GradingConfig, read_config
    from lumbardisc.training.grades import summary
    from lumbardisc.training.grading import read_grades

    for data in read_grades(read_config(config, GradingConfig)):
        voice.say("\n".join(summary(data)))
