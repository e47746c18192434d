"""What Li 2024 shows, from a trained run: its tables, ROC curves, confusion matrix and an example, written to files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.evaluation.bootstrap import clustered_interval
from lumbardisc.evaluation.figures import draw_boxes, draw_confusion, draw_roc
from lumbardisc.evaluation.grading import MISSING, auc, confusion, roc_points
from lumbardisc.levels import disc_name
from lumbardisc.recipes.li2024_cohort import cohort, reliability_figures
from lumbardisc.recipes.li2024_config import Li2024Config
from lumbardisc.recipes.li2024_parts import Stages
from lumbardisc.recipes.li2024_tables import (
    AREAS,
    CONFUSION,
    Answers,
    Fold,
    answers,
    area_figures,
    detection_figures,
    error_figures,
    fold_figures,
    of_drawn_boxes,
    phase_figures,
)
from lumbardisc.recipes.published import Figure, Table, write_page
from lumbardisc.training.detection.boxes import BoxedSlice
from lumbardisc.training.phases.crops import measured_discs
from lumbardisc.training.phases.data import PhaseData
from lumbardisc.training.phases.readings import PHASES

NAMES = tuple(f"phase {phase}" for phase in PHASES)
DRAWN = "the data are phantoms: no figure here says anything about patients"


@dataclass(frozen=True)
class Confusion:
    """Fig. 5a. counts: (true phase, predicted phase or not found)."""

    counts: NDArray[np.int_]

    def to_markdown(self) -> str:
        """With the published counts in brackets."""
        lines = ["| | called phase 1 (paper) | phase 2 | phase 3 | not found |", "|---|---|---|---|---|"]
        for name, row, paper in zip(NAMES, self.counts.tolist(), CONFUSION, strict=True):
            both = [f"{ours} ({count})" for ours, count in zip(row, paper, strict=False)]
            lines.append(f"| {name} | {' | '.join(both)} | {row[-1]} |")
        return "\n".join(lines) + "\n"

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"ours": self.counts.tolist(), "published": [list(row) for row in CONFUSION]}


def write_results(
    config: Li2024Config,
    stages: Stages,
    folds: Sequence[Fold],
    parts: Mapping[str, Sequence[PhaseData]],
) -> None:
    """Everything the paper shows, into ``config.out``. parts: ``all``, ``train``, ``test``."""
    bootstrap = partial(clustered_interval, samples=config.resamples)
    test = parts["test"]
    slices = [piece for one in test for piece in one.slices]
    found = [stages.find(one.image, one.pixel) for one in slices]
    told = answers(stages, test, found)
    by_hand = of_drawn_boxes(stages, measured_discs(test))
    figures: dict[str, Sequence[Figure]] = {
        "Reliability of the readings": reliability_figures(parts["all"], bootstrap),
        "Table 2, detection, test patients": detection_figures(slices, found),
        "Table 3, phases, test patients": phase_figures(told, bootstrap),
        "Areas under the ROC curves (Fig. 5b), test patients": area_figures(told, bootstrap),
        "Table 4, cross-validation in the training patients": fold_figures(folds, bootstrap),
        "Beyond the paper: values, and what each stage costs": error_figures(told, by_hand, bootstrap),
    }
    counts = Confusion(confusion(told.truth, told.predicted, len(PHASES)))
    tables: dict[str, Table] = {"Table 1, patients": cohort(parts), "Confusion matrix (Fig. 5a), test patients": counts}
    draw(told, counts.counts, config.out)
    draw_example(stages, slices[0], config.out / "example.png")
    sections = {name: rows for name, rows in figures.items() if rows}
    pictures = ("roc_test", "confusion_test", "example")
    write_page("Li 2024", config.out, tables, sections, pictures, notes(config, parts, told))


def notes(config: Li2024Config, parts: Mapping[str, Sequence[PhaseData]], told: Answers) -> list[str]:
    """What to know of the run; that its data are phantoms comes first."""
    drawn = [DRAWN] if any(one.drawn for one in parts["all"]) else []
    lost, patients = int((told.predicted == MISSING).sum()), len(set(told.patients.tolist()))
    return [
        *drawn,
        *(note for one in parts["all"] for note in one.notes),
        f"test: {len(told.truth)} discs of {patients} patients, {lost} not found (each counts as wrong)",
        f"stage 3 learnt from the values of {config.phases.fitted_on.replace('_', ' ')} discs",
    ]


def draw(one: Answers, counts: NDArray[np.int_], out: Path) -> None:
    """ROC curves of the phases and the confusion matrix, as PNG and SVG."""
    curves = {}
    for phase, (paper, *_) in AREAS.items():
        positive, score = one.truth == phase, one.probabilities[:, phase - 1]
        curves[f"phase {phase}, AUC {auc(positive, score):.2f} (paper {paper:.2f})"] = roc_points(positive, score)
    for suffix in ("png", "svg"):
        draw_roc(curves, out / f"roc_test.{suffix}")
        draw_confusion(counts, NAMES, (*NAMES, "not found"), out / f"confusion_test.{suffix}")


def draw_example(stages: Stages, one: BoxedSlice, out: Path) -> None:
    """Fig. 6: one test slice with the boxes, levels and phases found on it."""
    discs = stages.read(one.image, stages.find(one.image, one.pixel))
    named = {
        f"{disc_name(disc.found.label)}  phase {disc.phase}  {disc.values[2]:.0f} ms": disc.found.box for disc in discs
    }
    draw_boxes(one.image, one.pixel, named, out)
