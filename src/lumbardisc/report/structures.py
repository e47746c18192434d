"""segmentation.tsv: the look-up table (BIDS dseg) of the structures that are in the label map."""

from __future__ import annotations

from lumbardisc import levels
from lumbardisc.pipeline.study import Study


def present(study: Study) -> list[levels.Label]:
    """Rows of the level table whose label occurs in the study, in order of label number."""
    found = set(study.labels.present)
    return [label for label in levels.table() if label.index in found]


def hex_color(label: levels.Label) -> str:
    """The colour of a structure as ``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*label.color)


def color_of(index: int) -> str:
    """The same by the label's number."""
    return hex_color(next(label for label in levels.table() if label.index == index))


def look_up_tsv(study: Study) -> str:
    """The text of ``segmentation.tsv``: index, name and color, tab-separated."""
    rows = [f"{label.index}\t{label.name}\t{hex_color(label)}\n" for label in present(study)]
    return "index\tname\tcolor\n" + "".join(rows)
