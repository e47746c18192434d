"""Tables 1 and 2 of Ding 2024 and the areas of its ROC curves, from a trained run, beside the published figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from lumbardisc.evaluation.bootstrap import Interval, clustered_interval
from lumbardisc.evaluation.grading import (
    DEGENERATION,
    OneVsRest,
    one_vs_rest,
    pairwise_auc,
)
from lumbardisc.evaluation.per_disc import disc_overlaps
from lumbardisc.networks.attention_vgg import AttentionVGG
from lumbardisc.networks.unet import UNet
from lumbardisc.recipes.published import Figure
from lumbardisc.training.disc_grades import CLASSES, GradedDisc, grade
from lumbardisc.training.disc_mask import segment
from lumbardisc.training.masked_slices import MaskedSlices
from lumbardisc.training.splits import Part

TABLE_1 = {"validation": (0.914, 0.854), "test": (0.920, 0.853)}
"""Dice and IoU (section 2.2). English text: median and quartiles; Chinese text: mean, minimum and maximum."""
TABLE_2 = {"validation": (0.922, 0.944, 0.923, 0.769), "test": (0.913, 0.916, 0.912, 0.759)}
"""ACC, SEN, SPE, F1 (section 2.3)."""
PAIRS = {(1, 2): 0.89, (1, 3): 0.95, (2, 3): 0.90}
"""AUC of mild/moderate, mild/severe, moderate/severe on the test discs (section 2.3)."""
TABLE_2_NAMES = {"accuracy": "ACC", "sensitivity": "SEN", "specificity": "SPE", "f1": "F1"}


STATISTICS: dict[str, Callable[[NDArray[np.float64]], float]] = {
    "mean": lambda values: float(values.mean()),
    "median": lambda values: float(np.median(values)),
    "lower quartile": lambda values: float(np.quantile(values, 0.25)),
    "upper quartile": lambda values: float(np.quantile(values, 0.75)),
}


class Graded(TypedDict):
    """Arrays with one entry per graded disc. truth: 1-3. predicted: 1-3 or MISSING. probabilities: (discs, 3)."""

    patients: NDArray[np.str_]
    truth: NDArray[np.int_]
    predicted: NDArray[np.int_]
    probabilities: NDArray[np.float32]


def overlap_figures(network: UNet, cases: Sequence[MaskedSlices], size: int, part: Part) -> list[Figure]:
    """Table 1: per disc of the mid-sagittal slice of each case."""
    rows = [
        (case.patient, *pair)
        for case in cases
        for k in case.central(1)
        for pair in disc_overlaps(segment(network, case.image[k], case.pixel, size) > 0.5, case.mask[k])
    ]
    patients = np.array([row[0] for row in rows])
    figures = []
    for index, (name, published) in enumerate(zip(("Dice", "IoU"), TABLE_1[part], strict=True), start=1):
        values = np.array([row[index] for row in rows])
        for label, statistic in STATISTICS.items():
            beside = published if label in ("mean", "median") else None
            figures.append(Figure(f"{name} {label}", clustered_interval(statistic, patients, values), beside))
    return figures


def graded(network: AttentionVGG, discs: Sequence[GradedDisc], masked: bool) -> Graded:
    """What the network says of every graded disc."""
    predicted, probabilities = grade(network, discs, masked)
    patients, truth = np.array([disc.patient for disc in discs]), np.array([disc.truth for disc in discs])
    return {"patients": patients, "truth": truth, "predicted": predicted, "probabilities": probabilities}


def class_figures(one: Graded, part: Part) -> list[Figure]:
    """Table 2: each class against the rest, averaged without weights; and the share of discs with the right class."""

    def interval(name: str) -> Interval:
        return clustered_interval(partial(_measure, name), one["patients"], one["truth"], one["predicted"])

    rows = zip(TABLE_2_NAMES.items(), TABLE_2[part], strict=True)
    figures = [Figure(label, interval(name), published) for (name, label), published in rows]
    right = clustered_interval(lambda values: float(values.mean()), one["patients"], one["truth"] == one["predicted"])
    return [*figures, Figure("share of discs with the right class", right)]


def _measure(name: str, truth: NDArray[np.int_], predicted: NDArray[np.int_]) -> float:
    measures: OneVsRest = one_vs_rest(truth, predicted, CLASSES)
    return float(getattr(measures, name))


def auc_figures(one: Graded, part: Part) -> list[Figure]:
    """The three pairs; the paper gives them for its test discs."""

    def interval(pair: tuple[int, int]) -> Interval:
        return clustered_interval(
            lambda truth, probabilities: pairwise_auc(truth, probabilities)[pair],
            one["patients"],
            one["truth"],
            one["probabilities"],
        )

    return [Figure(f"AUC {pair_name(pair)}", interval(pair), PAIRS[pair] if part == "test" else None) for pair in PAIRS]


def pair_name(pair: tuple[int, int]) -> str:
    """``mild/moderate``, ..."""
    return "/".join(DEGENERATION[k - 1] for k in pair)
