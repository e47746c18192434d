"""Box plots of groups of scores, with the letters that tell them apart. Needs matplotlib."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbardisc.evaluation.figures import INCHES, figure

_INCHES_PER_BOX = 0.55
_CHARACTERS_PER_INCH = 10


def draw_boxes(
    path: Path,
    groups: Mapping[str, ArrayLike],
    letters: Mapping[str, str] | None = None,
    points: Mapping[str, ArrayLike] | None = None,
    *,
    ylabel: str,
    title: str = "",
) -> None:
    """A box per group: median, quartiles, whiskers to the last score within 1.5 quartile ranges (Tukey 1977).

    groups: name -> scores; NaN are left out. letters: name -> what stands above the box. points: name -> scores drawn
    as points, where they are not those of the boxes. path: PNG or SVG by its suffix.
    """
    boxes = {name: _known(scores) for name, scores in groups.items()}
    dots = {name: _known(scores) for name, scores in (points or groups).items()}
    spread = np.random.default_rng(0)  # sideways, so that equal ones do not hide each other
    width = max(INCHES, _INCHES_PER_BOX * (len(boxes) + 1))
    crowded = max(map(len, boxes)) * len(boxes) > _CHARACTERS_PER_INCH * width
    with figure(path, width) as axes:
        axes.boxplot(list(boxes.values()), positions=range(len(boxes)), widths=0.6, showfliers=points is not None)
        for place, name in enumerate(boxes):
            own = dots.get(name, np.zeros(0))
            axes.scatter(
                place + spread.uniform(-0.15, 0.15, len(own)), own, s=12, c="C0", alpha=0.7, linewidths=0, zorder=3
            )
            above = {"transform": axes.get_xaxis_transform(), "ha": "center", "va": "bottom"}
            axes.text(place, 1.01, (letters or {}).get(name, ""), **above)
        axes.set(ylabel=ylabel, xlim=(-0.6, len(boxes) - 0.4))
        axes.set_title(title, fontsize=10, pad=20 if letters else 6)
        axes.set_xticks(range(len(boxes)), list(boxes), rotation=90 if crowded else 0)


def _known(scores: ArrayLike) -> NDArray[np.float64]:
    given = np.asarray(scores, dtype=np.float64)
    return given[~np.isnan(given)]
