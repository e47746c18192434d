"""Scores of discs by level, grade and patient: how they spread, and whether the groups differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbardisc.evaluation.segmentation.groups import Contrast, Spread, contrast, spreads
from lumbardisc.levels import DISCS
from lumbardisc.scoring.cases import Row
from lumbardisc.training.grades.words import in_order

METRICS = ("dice", "iou", "precision", "recall", "volume_ratio", "hd95_mm", "assd_mm", "nsd", "dice_any_name")


@dataclass(frozen=True)
class Group:
    """Some discs. missed: how many were not found under their name; they count with overlaps of 0."""

    discs: int
    patients: int
    missed: int
    spreads: Mapping[str, Spread]


def groups(rows: Sequence[Row]) -> dict[str, dict[str, Group]]:
    """Kind of group -> its name -> its discs: all, by level (lowest first), grade and patient."""
    kinds = {"all": {"all discs": list(rows)}, **split(rows), "patient": _by_patient(rows)}
    return {kind: {name: _group(own) for name, own in named.items()} for kind, named in kinds.items()}


def split(rows: Sequence[Row]) -> dict[str, dict[str, list[Row]]]:
    """level and, where any is known, grade -> name -> rows."""
    by_level = {level: [row for row in rows if row.level == level] for level in DISCS}
    by_grade = {str(grade): [row for row in rows if row.grade == grade] for grade in range(1, 6)}
    kinds = {"level": by_level, "grade": by_grade}
    present = {kind: {name: own for name, own in named.items() if own} for kind, named in kinds.items()}
    return {kind: named for kind, named in present.items() if named}


def contrasts(rows: Sequence[Row]) -> dict[str, Contrast]:
    """level and grade -> whether Dice differs among them."""
    return {
        kind: contrast({name: column(own, "dice") for name, own in named.items()})
        for kind, named in split(rows).items()
    }


def column(rows: Sequence[Row], metric: str) -> NDArray[np.float64]:
    """One metric of every row, (rows,)."""
    return np.array([row.scored.values[metric] for row in rows], dtype=np.float64)


def _by_patient(rows: Sequence[Row]) -> dict[str, list[Row]]:
    return {name: [row for row in rows if row.patient == name] for name in in_order(row.patient for row in rows)}


def _group(rows: Sequence[Row]) -> Group:
    patients = np.array([row.patient for row in rows])
    table = {metric: column(rows, metric) for metric in METRICS}
    missed = sum(row.scored.missed for row in rows)
    return Group(len(rows), len(np.unique(patients)), missed, spreads(table, patients))
