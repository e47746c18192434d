"""Tables 1 and 2 of Ding 2024 and the areas of its ROC curves, from a trained run, beside the published figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from lumbardisc.evaluation.bootstrap import Interval
from lumbardisc.evaluation.grading import (
    DEGENERATION,
    OneVsRest,
    auc,
    one_vs_rest,
    pair_scores,
)
from lumbardisc.evaluation.per_disc import disc_overlaps
from lumbardisc.networks.attention_vgg import AttentionVGG
from lumbardisc.networks.unet import UNet
from lumbardisc.recipes.published import Figure
from lumbardisc.training.disc_grades import CLASSES, GradedDisc, grade
from lumbardisc.training.disc_mask import segment
from lumbardisc.training.masked_slices import MaskedSlices
from lumbardisc.training.splits import Part

TABLE_1 = {
    "validation": {"Dice": (0.914, 0.781, 0.959), "IoU": (0.854, 0.682, 0.891)},
    "test": {"Dice": (0.920, 0.796, 0.935), "IoU": (0.853, 0.661, 0.877)},
}
"""Section 2.2: median, lower and upper quartile by the English text; mean, least and greatest by the Chinese one."""
TABLE_2 = {"validation": (0.922, 0.944, 0.923, 0.769), "test": (0.913, 0.916, 0.912, 0.759)}
"""ACC, SEN, SPE, F1 (section 2.3)."""
PAIRS = {(1, 2): 0.89, (1, 3): 0.95, (2, 3): 0.90}
"""AUC of mild/moderate, mild/severe, moderate/severe on the test discs (section 2.3)."""
TABLE_2_NAMES = {"accuracy": "ACC", "sensitivity": "SEN", "specificity": "SPE", "f1": "F1"}


STATISTICS: dict[str, tuple[Callable[[NDArray[np.float64]], float], int]] = {
    "mean": (lambda values: float(values.mean()), 0),
    "median": (lambda values: float(np.median(values)), 0),
    "lower quartile": (lambda values: float(np.quantile(values, 0.25)), 1),
    "upper quartile": (lambda values: float(np.quantile(values, 0.75)), 2),
}
"""Statistic, and its place in ``TABLE_1``."""


Bootstrap = Callable[..., Interval]
"""``evaluation.bootstrap.clustered_interval`` with its number of resamples set."""


class Graded(TypedDict):
    """Arrays with one entry per graded disc. truth: 1-3. predicted: 1-3 or MISSING. probabilities: (discs, 3)."""

    patients: NDArray[np.str_]
    truth: NDArray[np.int_]
    predicted: NDArray[np.int_]
    probabilities: NDArray[np.float32]


def overlap_figures(
    network: UNet, cases: Sequence[MaskedSlices], size: int, part: Part, bootstrap: Bootstrap
) -> list[Figure]:
    """Table 1: per disc of the mid-sagittal slice of each case."""
    rows = [
        (case.patient, *pair)
        for case in cases
        for k in case.central(1)
        for pair in disc_overlaps(segment(network, case.image[k], case.pixel, size) > 0.5, case.mask[k])
    ]
    patients = np.array([row[0] for row in rows])
    return [
        Figure(f"{name} {label}", bootstrap(statistic, patients, [row[column] for row in rows]), beside[place])
        for column, (name, beside) in enumerate(TABLE_1[part].items(), start=1)
        for label, (statistic, place) in STATISTICS.items()
    ]


def graded(network: AttentionVGG, discs: Sequence[GradedDisc], masked: bool) -> Graded:
    """What the network says of every graded disc."""
    predicted, probabilities = grade(network, discs, masked)
    patients, truth = np.array([disc.patient for disc in discs]), np.array([disc.truth for disc in discs])
    return {"patients": patients, "truth": truth, "predicted": predicted, "probabilities": probabilities}


def class_figures(one: Graded, part: Part, bootstrap: Bootstrap) -> list[Figure]:
    """Table 2: each class against the rest, averaged without weights; and the share of discs with the right class."""

    def interval(name: str) -> Interval:
        return bootstrap(partial(_measure, name), one["patients"], one["truth"], one["predicted"])

    rows = zip(TABLE_2_NAMES.items(), TABLE_2[part], strict=True)
    figures = [Figure(label, interval(name), published) for (name, label), published in rows]
    right = bootstrap(lambda values: float(values.mean()), one["patients"], one["truth"] == one["predicted"])
    return [*figures, Figure("share of discs with the right class", right)]


def _measure(name: str, truth: NDArray[np.int_], predicted: NDArray[np.int_]) -> float:
    measures: OneVsRest = one_vs_rest(truth, predicted, CLASSES)
    return float(getattr(measures, name))


def ablation_figures(one: Graded, without: Graded, bootstrap: Bootstrap) -> list[Figure]:
    """What attention adds to each figure of Table 2 on the same discs; the paper does not say how much."""

    def difference(name: str, truth: NDArray[np.int_], this: NDArray[np.int_], that: NDArray[np.int_]) -> float:
        return _measure(name, truth, this) - _measure(name, truth, that)

    arrays = (one["patients"], one["truth"], one["predicted"], without["predicted"])
    return [
        Figure(f"{label} with attention, less that without", bootstrap(partial(difference, name), *arrays))
        for name, label in TABLE_2_NAMES.items()
    ]


def auc_figures(one: Graded, part: Part, bootstrap: Bootstrap) -> list[Figure]:
    """The three pairs; the paper gives them for its test discs."""

    def interval(pair: tuple[int, int]) -> Interval:
        return bootstrap(
            lambda truth, probabilities: auc(*pair_scores(truth, probabilities, *pair)),
            one["patients"],
            one["truth"],
            one["probabilities"],
        )

    return [Figure(f"AUC {pair_name(pair)}", interval(pair), PAIRS[pair] if part == "test" else None) for pair in PAIRS]


def pair_name(pair: tuple[int, int]) -> str:
    """``mild/moderate``, ..."""
    return "/".join(DEGENERATION[k - 1] for k in pair)
