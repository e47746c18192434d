"""Figures of an evaluation: reliability, coverage, confusion, ROC curves, boxes on a slice. Needs matplotlib."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.evaluation.calibration import Bin
from lumbardisc.evaluation.detection import Box
from lumbardisc.evaluation.grading import Scores

INCHES = 4.2
DPI = 110
CROWDED = 36
"""Names under an axis with more characters together stand upright, so that they do not run into each other."""


def draw_reliability(series: Mapping[str, Sequence[Bin]], out: Path) -> None:
    """Accuracy against stated confidence, a line per series; the area of a point is its share of the discs."""
    with figure(out) as axes:
        axes.plot([0, 1], [0, 1], color="0.6", linestyle="--", linewidth=1)
        for name, bins in series.items():
            stated, right = [one.confidence for one in bins], [one.accuracy for one in bins]
            (line,) = axes.plot(stated, right, linewidth=1.2, label=name)
            total = sum(one.count for one in bins)
            axes.scatter(stated, right, s=[400 * one.count / total for one in bins], color=line.get_color(), alpha=0.7)
        axes.set(xlabel="stated confidence", ylabel="share that is right", xlim=(0, 1), ylim=(0, 1.02))


def draw_coverage(series: Mapping[str, tuple[Scores, Scores]], out: Path) -> None:
    """Accuracy among the surest discs against their share; each series is (coverage, accuracy)."""
    with figure(out) as axes:
        for name, (coverage, accuracy) in series.items():
            axes.plot(coverage, accuracy, linewidth=1.2, label=name)
        axes.set(xlabel="share of discs graded (the surest first)", ylabel="share that is right")
        axes.set(xlim=(0, 1), ylim=(None, 1.01))


def draw_confusion(counts: NDArray[np.integer], truth: Sequence[str], predicted: Sequence[str], out: Path) -> None:
    """Counts (true class, predicted class), each shaded by its share of the true class."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    with figure(out) as axes:
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for (row, column), count in np.ndenumerate(counts):
            shade = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=shade)
        axes.set(xlabel="predicted", ylabel="truth")
        axes.set_xticks(range(len(predicted)), predicted, rotation=90 if len("".join(predicted)) > CROWDED else 0)
        axes.set_yticks(range(len(truth)), truth)


def draw_roc(series: Mapping[str, tuple[Scores, Scores]], out: Path) -> None:
    """True against false positive rate, a line per series: see ``grading.roc_points``."""
    with figure(out) as axes:
        axes.plot([0, 1], [0, 1], color="0.6", linestyle="--", linewidth=1)
        for name, (false_positive, true_positive) in series.items():
            axes.plot(false_positive, true_positive, linewidth=1.2, label=name)
        axes.set(xlabel="1 - specificity", ylabel="sensitivity", xlim=(0, 1), ylim=(0, 1.02))


def draw_boxes(image: Scores, pixel: tuple[float, float], boxes: Mapping[str, Box], out: Path) -> None:
    """A slice (rows, columns) with named boxes on it. pixel: (row, column) mm, for its proportions."""
    from matplotlib.patches import Rectangle

    with figure(out) as axes:
        axes.imshow(image, cmap="gray", aspect=pixel[0] / pixel[1], extent=(0, image.shape[1], image.shape[0], 0))
        for number, (name, (x0, y0, x1, y1)) in enumerate(boxes.items()):
            colour = f"C{number}"
            axes.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, edgecolor=colour, linewidth=1.2))
            place = x0 - 0.02 * image.shape[1], (y0 + y1) / 2  # before the spine, where it hides little
            dark = {"facecolor": "black", "alpha": 0.7, "edgecolor": "none", "pad": 1.5}
            axes.text(*place, name, color=colour, fontsize=7, ha="right", va="center", bbox=dark)
        axes.set_axis_off()


@contextmanager
def figure(out: Path, width: float = INCHES) -> Iterator[Any]:
    """One pair of axes, square or ``width`` inches wide, written to ``out`` (PNG or SVG by its suffix).

    With a legend where lines have names.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(width, INCHES), layout="constrained")
    FigureCanvasAgg(drawing)
    axes = drawing.add_subplot()
    yield axes
    if axes.get_legend_handles_labels()[1]:
        axes.legend(frameon=False)
    drawing.savefig(out, dpi=DPI)
