"""`lumbardisc train`: train a network from a configuration file."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from lumbardisc.cli.console import Voice
from lumbardisc.cli.options import Quiet
from lumbardisc.errors import UsageError

app = typer.Typer(help="Train a network from a configuration file.", rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Keeps `segmentation` a sub-command although it is the only one."""


@app.command()
def segmentation(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="Settings in TOML; every field is documented.")],
    resume: Annotated[
        bool, typer.Option("--resume/--restart", help="Go on from the last checkpoint, or begin again.")
    ] = True,
    quiet: Quiet = False,
) -> None:
    """Train the segmentation network.

    CONFIG names the data sets, the working resolution (mm), the augmentation and the schedule (steps, learning rate);
    its output folder gets history.csv, curves.png, the checkpoints best.pt and last.pt, and the exported network. An
    interrupted run goes on where it stopped. Needs PyTorch: pip install "lumbardisc[train]".

    Example: lumbardisc train segmentation segmentation.toml
    """
    if find_spec("torch") is None:
        raise UsageError('training needs PyTorch, which is not installed here; pip install "lumbardisc[train]"')
    from lumbardisc.training.segmentation import train

    voice = Voice(quiet)
    with voice.progress(1.0) as advance:
        folder = train(
            config,
            resume=resume,
            progress=lambda step, steps, loss: advance(f"step {step} of {steps}, loss {loss:.3f}", step / steps),
        )
    voice.say(f"checkpoints, curves and exported weights: {folder}")
