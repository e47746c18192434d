"""The course of a training run as a picture."""

from __future__ import annotations

import csv
from pathlib import Path


def draw_curves(history: Path, out: Path) -> None:
    """Loss and validation Dice per class against the step: ``history.csv`` -> ``out`` (PNG or SVG by its suffix)."""
    from matplotlib.figure import Figure

    with history.open() as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    steps = [row["step"] for row in rows]
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(steps, [row["loss"] for row in rows], marker=".")
    left.set(xlabel="step", ylabel="training loss")
    for name in list(rows[0])[2:]:
        right.plot(steps, [row[name] for row in rows], marker=".", label=name.replace("_", " "))
    right.set(xlabel="step", ylabel="Dice on validation patients", ylim=(0, 1))
    right.legend(frameon=False)
    figure.savefig(out, dpi=120)
