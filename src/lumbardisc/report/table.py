"""discs.csv: one row per disc, lowest first."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from lumbardisc.pipeline.study import Disc, Study, Value
from lumbardisc.report import numbers

# the contract's order; what else a disc holds follows, and the flags close the row
_ORDER = (
    *("level", "level_confidence", "disc_from_bottom"),
    *("pfirrmann", "pfirrmann_p1", "pfirrmann_p2", "pfirrmann_p3", "pfirrmann_p4", "pfirrmann_p5"),
    *("degeneration", "grade_confidence", "x_mm", "y_mm", "z_mm", "x0", "y0", "x1", "y1", "slice"),
    *("volume_mm3", "volume_complete", "area_mm2"),
    *("height_mm", "height_anterior_mm", "height_middle_mm", "height_posterior_mm", "depth_mm"),
    *("disc_height_index", "signal_ratio_csf", "nucleus_signal_ratio"),
)


def row(disc: Disc) -> dict[str, Value]:
    """All that is known of one disc by column name; the flags joined by ``;``."""
    return {
        "disc_from_bottom": disc.label,
        **disc.values,
        "level": disc.level,
        "flags": ";".join(disc.flags),
    }


def columns(study: Study) -> list[str]:
    """The columns any disc of the study has, in the contract's order; without discs, those that name and flag them."""
    known = [name for disc in study.discs.values() for name in row(disc)]
    return in_order([*known, "level", "disc_from_bottom", "flags"])


def in_order(names: Iterable[str]) -> list[str]:
    """Names of columns, each once: the contract's order, then the others as they come, then the flags."""
    known = dict.fromkeys(names)
    first = [name for name in _ORDER if name in known]
    rest = [name for name in known if name not in _ORDER and name != "flags"]
    return [*first, *rest, *(["flags"] if "flags" in known else [])]


def discs_csv(study: Study) -> str:
    """The text of ``discs.csv``: comma-separated, a header line, undefined values empty."""
    names, out = columns(study), io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for disc in study.discs.values():
        values = row(disc)
        writer.writerow([numbers.text(name, values.get(name)) for name in names])
    return out.getvalue()
