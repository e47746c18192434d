"""Tables 2 to 4 of Li 2024 and the areas under its ROC curves, from a trained run, beside the published figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lumbardisc.evaluation.bootstrap import Interval
from lumbardisc.evaluation.detection import (
    LUMBAR,
    Detection,
    all_named_right,
    coco_average_precision,
    overall,
)
from lumbardisc.evaluation.grading import MISSING, accuracy, auc, class_scores
from lumbardisc.inference.detection import FoundDisc
from lumbardisc.inference.svm import Svm
from lumbardisc.levels import disc_name
from lumbardisc.quantify.t1rho import phase_of
from lumbardisc.recipes.li2024_parts import Stages, by_label
from lumbardisc.recipes.published import Figure
from lumbardisc.training.detection.boxes import BoxedSlice
from lumbardisc.training.phases.crops import MeasuredDisc
from lumbardisc.training.phases.data import PhaseData
from lumbardisc.training.phases.readings import PHASES
from lumbardisc.training.phases.regression import Array, of_boxes, regress

TABLE_2 = {5: 0.996, 4: 0.996, 3: 0.996, 2: 0.995, 1: 0.995}
"""Average precision by level; its mean is told as ``MEAN_PRECISION``."""
MEAN_PRECISION = 0.996
TABLE_3 = {1: (0.840, 0.840, 0.840), 2: (0.733, 0.917, 0.815), 3: (1.000, 0.769, 0.870)}
"""Precision, recall and F1 by phase."""
ACCURACY = 0.840
MACRO, WEIGHTED = (0.858, 0.842, 0.841), (0.856, 0.840, 0.842)
AREAS = {1: (0.840, 0.737, 0.926, 0.002), 2: (0.906, 0.810, 0.986, 0.001), 3: (0.885, 0.773, 1.000, 0.002)}
"""Area under the ROC curve by phase, the ends of its 95 % interval, its standard error."""
MEAN_AREA = (0.871, 0.769, 0.957, 0.002)
TABLE_4 = (0.796, 0.863, 0.876, 0.815, 0.863)
MEAN_OF_FOLDS = 0.843
CONFUSION = ((21, 4, 0), (1, 11, 0), (3, 0, 10))
"""Fig. 5a, as it follows from Table 3: true phase, predicted phase."""
SCORES = ("precision", "recall", "f1")
_NAN = float("nan")

Bootstrap = Callable[..., Interval]
"""``evaluation.bootstrap.clustered_interval`` with its number of resamples set."""


@dataclass(frozen=True, eq=False)
class Fold:
    """One fold of the cross-validation: its discs, their values (discs, 3) as regressed, the machine without them."""

    discs: Sequence[MeasuredDisc]
    values: Array
    svm: Svm


@dataclass(frozen=True, eq=False)
class Answers:
    """What the stages say of measured discs; one entry or row per disc.

    truth: phases 1-3. predicted: 1-3 or MISSING where no disc of that level was found, and then NaN in probabilities
    (discs, 3) and in values (discs, 3). measured: (discs, 3), T1rho in ms.
    """

    patients: NDArray[np.str_]
    truth: NDArray[np.int_]
    predicted: NDArray[np.int_]
    probabilities: Array
    values: Array
    measured: Array


def answers(stages: Stages, data: Sequence[PhaseData], found: Sequence[Sequence[FoundDisc]]) -> Answers:
    """Stages 2 and 3 on what stage 1 found, slice by slice in the order of ``data``."""
    rows = []
    slices = [(one, piece) for one in data for piece in one.slices]
    for (one, piece), of_slice in zip(slices, found, strict=True):
        phased = by_label(stages.read(piece.image, of_slice))
        for disc, measured in one.discs[piece.patient].items():
            said = phased.get(disc)
            told = (said.phase, said.probabilities, said.values) if said else (MISSING, [_NAN] * 3, [_NAN] * 3)
            rows.append((piece.patient, measured.phase, *told, measured.values))
    return Answers(*(np.array(column) for column in zip(*rows, strict=True)))


def of_drawn_boxes(stages: Stages, discs: Sequence[MeasuredDisc]) -> Answers:
    """Stages 2 and 3 on the boxes that people drew."""
    return of_values(discs, regress(stages.regressor, of_boxes(discs, stages.shape)), stages.svm)


def of_values(discs: Sequence[MeasuredDisc], values: Array, svm: Svm) -> Answers:
    """Stage 3 on values that were regressed."""
    return Answers(
        np.array([disc.patient for disc in discs]),
        np.array([disc.measured.phase for disc in discs]),
        svm.predict(values),
        svm.probabilities(values),
        values,
        np.array([disc.measured.values for disc in discs]),
    )


def detection_figures(slices: Sequence[BoxedSlice], found: Sequence[Sequence[FoundDisc]]) -> list[Figure]:
    """Table 2, by COCO's measure."""
    truths = [one.boxes for one in slices]
    given = [[Detection(disc.label, disc.box, _score(disc)) for disc in of_slice] for of_slice in found]
    levels = coco_average_precision(truths, given)
    mean = overall(levels)
    named = np.mean([all_named_right(truth, of_slice) for truth, of_slice in zip(truths, given, strict=True)])
    return [
        Figure("mAP@0.5, all levels", _alone(mean.ap50), MEAN_PRECISION),
        *(Figure(f"AP@0.5 {disc_name(k)}", _alone(levels[k].ap50), TABLE_2[k]) for k in reversed(LUMBAR)),
        Figure("mAP@0.5:0.95, all levels", _alone(mean.ap50_95)),
        Figure("share of slices with every disc found and named right", _alone(float(named))),
    ]


def _score(disc: FoundDisc) -> float:
    return disc.confidence * disc.level_probabilities[disc.label]


def _alone(value: float) -> Interval:
    return Interval(value, _NAN, _NAN)


def phase_figures(one: Answers, bootstrap: Bootstrap) -> list[Figure]:
    """Table 3, the share of right discs first."""

    def figure(name: str, statistic: Callable[..., float], published: float) -> Figure:
        return Figure(name, bootstrap(statistic, one.patients, one.truth, one.predicted), published)

    return [
        figure("accuracy", accuracy, ACCURACY),
        *(
            figure(f"phase {phase}, {score}", partial(_of_phase, phase, score), published)
            for phase, row in TABLE_3.items()
            for score, published in zip(SCORES, row, strict=True)
        ),
        *(
            figure(f"{name} average, {score}", partial(average, score), published)
            for name, average, row in (("macro", _macro, MACRO), ("weighted", _weighted, WEIGHTED))
            for score, published in zip(SCORES, row, strict=True)
        ),
    ]


def _of_phase(phase: int, score: str, truth: NDArray[np.int_], predicted: NDArray[np.int_]) -> float:
    return float(getattr(class_scores(truth, predicted, len(PHASES))[phase - 1], score))


def _macro(score: str, truth: NDArray[np.int_], predicted: NDArray[np.int_]) -> float:
    return float(np.mean([_of_phase(phase, score, truth, predicted) for phase in PHASES]))


def _weighted(score: str, truth: NDArray[np.int_], predicted: NDArray[np.int_]) -> float:
    """By the discs of each phase."""
    found = class_scores(truth, predicted, len(PHASES))
    return float(np.average([getattr(one, score) for one in found], weights=[one.support for one in found]))


def area_figures(one: Answers, bootstrap: Bootstrap) -> list[Figure]:
    """Fig. 5b: each phase against the rest, and the mean of the three; each with its standard error."""
    published: dict[str, tuple[Callable[..., float], tuple[float, ...]]] = {
        f"phase {phase}": (partial(_area, phase), row) for phase, row in AREAS.items()
    }
    published["mean of the phases"] = (mean_area, MEAN_AREA)
    figures = []
    for name, (statistic, (area, low, high, error)) in published.items():
        interval = bootstrap(statistic, one.patients, one.truth, one.probabilities)
        figures.append(Figure(f"AUC {name} (paper's interval {low:.3f} to {high:.3f})", interval, area))
        figures.append(Figure(f"AUC {name}, standard error", _alone(interval.error), error))
    return figures


def _area(phase: int, truth: NDArray[np.int_], probabilities: Array) -> float:
    return auc(truth == phase, probabilities[:, phase - 1])


def mean_area(truth: NDArray[np.int_], probabilities: Array) -> float:
    """Mean over the phases of the area of each against the rest; NaN where one of them does not occur."""
    return float(np.mean([_area(phase, truth, probabilities) for phase in PHASES]))


def fold_figures(folds: Sequence[Fold], bootstrap: Bootstrap) -> list[Figure]:
    """Table 4: the mean area of each fold, by boxes that people drew, and their mean."""
    held = [of_values(fold.discs, fold.values, fold.svm) for fold in folds]
    areas = [bootstrap(mean_area, one.patients, one.truth, one.probabilities) for one in held]
    mean = _alone(float(np.mean([area.value for area in areas])))
    paper: Mapping[int, float] = dict(enumerate(TABLE_4)) if len(folds) == len(TABLE_4) else {}
    return [
        Figure("AUC, mean of the folds", mean, MEAN_OF_FOLDS),
        *(Figure(f"AUC fold {k + 1}", area, paper.get(k)) for k, area in enumerate(areas)),
    ]


def error_figures(one: Answers, drawn: Answers, bootstrap: Bootstrap) -> list[Figure]:
    """What the paper does not show: how far the regressed values are off, and what each stage takes away.

    drawn: answers on the boxes that people drew.
    """
    seen = one.predicted != MISSING
    patients, values, measured = one.patients[seen], one.values[seen], one.measured[seen]
    errors = zip(("maximum", "minimum", "mean"), abs(values - measured).T, strict=True)
    limits = np.array([MISSING if np.isnan(mean) else phase_of(mean) for mean in one.values[:, 2]])
    rows = {
        **{f"{name} T1rho, mean absolute error, ms": (_mean, patients, error) for name, error in errors},
        "mean T1rho, correlation with the measured": (_correlation, patients, values[:, 2], measured[:, 2]),
        "accuracy by the limits on the regressed mean, without stage 3": (accuracy, one.patients, one.truth, limits),
        "accuracy on drawn boxes, without stage 1": (accuracy, drawn.patients, drawn.truth, drawn.predicted),
        "AUC on drawn boxes, mean of the phases": (mean_area, drawn.patients, drawn.truth, drawn.probabilities),
    }
    return [Figure(name, bootstrap(*arguments)) for name, arguments in rows.items()]


def _mean(values: Array) -> float:
    return float(values.mean())


def _correlation(one: Array, other: Array) -> float:
    """Pearson's; NaN where one side does not vary."""
    varies = one.std() > 0 and other.std() > 0
    return float(np.corrcoef(one, other)[0, 1]) if varies else _NAN
