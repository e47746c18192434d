"""The tables and figures of Markhali 2024 that a single trained network can be held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.evaluation.bootstrap import Interval
from lumbardisc.evaluation.segmentation.groups import Contrast, contrast
from lumbardisc.levels import disc_label
from lumbardisc.recipes.markhali2024_measure import MEASURES, WITHOUT, Measured, Row
from lumbardisc.recipes.markhali2024_versions import ROUNDS, Version
from lumbardisc.recipes.published import Figure

TITLES = {"dice": "DSC", "precision": "precision", "recall": "recall", "volume_ratio": "volume ratio"}
PUBLISHED: dict[Version, dict[str, float]] = {
    ROUNDS["round1"]["model_1"]: {"dice": 0.5},
    ROUNDS["round2"]["baseline"]: {"dice": 0.918},
    ROUNDS["round2"]["increased_dropout"]: {"dice": 0.916, f"dice{WITHOUT}": 0.920},
}
"""Mean validation DSC over eight runs (sections 3.2 and 3.3)."""
COMPARED = ("dice", "volume_ratio")
"""Measures that Figure 7 shows."""


@dataclass(frozen=True)
class Subjects:
    """A row per subject: as Figure 6 does, whom the network serves well and whom not."""

    rows: Sequence[Row]

    def to_markdown(self) -> str:
        """After orphan removal, and the DSC before it."""
        head = ["subject", "worst grade", "DSC before", *(TITLES[name] for name in MEASURES)]
        lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
        for row in self.rows:
            numbers = [row["dice"], *(row[f"{name}{WITHOUT}"] for name in MEASURES)]
            told = [str(row["subject"]), str(row["grade"] or ""), *(_told(number) for number in numbers)]
            lines.append(f"| {' | '.join(told)} |")
        return "\n".join(lines) + "\n"

    def to_json(self) -> Any:
        """JSON-ready; None where undefined."""
        return Measured(self.rows, ()).to_json()["subjects"]


@dataclass(frozen=True)
class Compared:
    """Discs in groups, by one measure after orphan removal, and whether these differ."""

    measure: str
    groups: Mapping[str, NDArray[np.float64]]
    contrast: Contrast


@dataclass(frozen=True)
class Groups:
    """Figure 7: whether some levels, or some grades, are outlined worse than others."""

    compared: Sequence[Compared]

    def to_markdown(self) -> str:
        """Means and standard deviations with letters, and the test above them."""
        names = self.compared[0].groups
        head = [f"{TITLES[one.measure]} ({_probability(one.contrast.overall.p)})" for one in self.compared]
        lines = [f"| | discs | {' | '.join(head)} |", "|---" * (2 + len(head)) + "|"]
        for name, values in names.items():
            cells = [f"{_mean(one.groups[name])} {one.contrast.letters[name]}" for one in self.compared]
            lines.append(f"| {name} | {len(values)} | {' | '.join(cells)} |")
        return "\n".join(lines) + "\n"

    def to_json(self) -> Any:
        """JSON-ready; None where undefined."""
        return {
            one.measure: {
                "kruskal_wallis_p": None if np.isnan(one.contrast.overall.p) else one.contrast.overall.p,
                "groups": {
                    name: {"discs": len(values), "mean": float(values.mean()), "letters": one.contrast.letters[name]}
                    for name, values in one.groups.items()
                },
            }
            for one in self.compared
        }


def compared(discs: Sequence[Row], by: str) -> list[Compared]:
    """The discs in groups by ``level`` or ``grade``, those without it left out; a disc that was missed has DSC 0."""
    names = sorted({row[by] for row in discs} - {None}, key=lambda name: name if by == "grade" else disc_label(name))
    return [_compared(discs, by, measure, names) for measure in COMPARED] if names else []


def _compared(discs: Sequence[Row], by: str, measure: str, names: Sequence[Any]) -> Compared:
    groups = {str(name): np.array([row[f"{measure}{WITHOUT}"] for row in discs if row[by] == name]) for name in names}
    return Compared(measure, groups, contrast(groups))


def overlap_figures(
    measured: Measured, version: Version, compare: bool, bootstrap: Callable[..., Interval]
) -> list[Figure]:
    """Means over subjects, before orphan removal and after. compare: with the published figures of this version."""
    subjects = [row["subject"] for row in measured.subjects]
    published = PUBLISHED.get(version, {}) if compare else {}
    return [
        Figure(
            f"{TITLES[name]}{', without orphans' if suffix else ''}",
            bootstrap(np.nanmean, subjects, [row[f"{name}{suffix}"] for row in measured.subjects]),
            published.get(f"{name}{suffix}"),
        )
        for suffix in ("", WITHOUT)
        for name in MEASURES
    ]


def _told(number: float) -> str:
    return "" if np.isnan(number) else f"{number:.3f}"


def _probability(p: float) -> str:
    return "p undefined" if np.isnan(p) else f"p = {p:.2g}"


def _mean(values: NDArray[np.float64]) -> str:
    spread = f" ± {values.std(ddof=1):.3f}" if len(values) > 1 else ""
    return f"{values.mean():.3f}{spread}"
