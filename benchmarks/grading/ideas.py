"""The ideas: each turns crops into out-of-fold scores of "above grade 1" ... "above grade 4" and of the findings."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from numpy.typing import NDArray
from torch import Tensor, nn

from lumbardisc import io
from lumbardisc.errors import InputError
from lumbardisc.inference.grading import T2_LIKE, THRESHOLDS
from lumbardisc.inference.segmentation import Segmenter
from lumbardisc.networks.grader import Grader
from lumbardisc.pipeline import Pipeline
from lumbardisc.training.config import GradingConfig
from lumbardisc.training.grade_calibration import out_of_fold
from lumbardisc.training.grade_crops import GradedCrops
from lumbardisc.training.grades import GradedData
from lumbardisc.training.grading import HEADS, MIRRORED, fit, grade_loss, member

Scores = NDArray[np.float64]
Loss = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Idea:
    """A network that learns from T2 images. network: made anew for each fold. loss: of the grades.

    changes: settings that differ from the configuration. odds: raw grade scores (n, 4) -> log-odds of the thresholds.
    """

    network: Callable[[GradingConfig], nn.Module]
    loss: Loss = grade_loss
    changes: tuple[tuple[str, object], ...] = ()
    odds: Callable[[Scores], Scores] = lambda scores: scores

    def scores(self, settings: GradingConfig, crops: GradedCrops, folds: NDArray[np.int64], seed: int) -> Scores:
        """(n, HEADS); rows that the idea does not learn from are scored all the same."""
        settings = settings.model_copy(update=dict(self.changes))
        learnt = np.isin(crops.contrast, T2_LIKE)
        members = []
        for fold in range(settings.folds):
            torch.manual_seed(100 * seed + fold)
            network = self.network(settings)
            members.append(
                (fold, fit(network, settings, crops.only(learnt & (folds != fold)), _tell, self.loss).eval())
            )
        raw = out_of_fold(members, crops, folds, settings.shape, MIRRORED)
        return np.hstack([self.odds(raw[:, :THRESHOLDS]), raw[:, THRESHOLDS:]])


def _tell(epoch: int, loss: float) -> None:
    print(f"epoch {epoch}, loss {loss:.3f}", flush=True)


def _grader(settings: GradingConfig) -> nn.Module:
    return Grader(HEADS, settings.widths, settings.dropout)


class Mirrored(nn.Module):
    """A grader that looks at a crop and at its mirror image upside down."""

    def __init__(self, grader: nn.Module) -> None:
        super().__init__()
        self.grader = grader

    def forward(self, x: Tensor) -> Tensor:
        """The mean evidence of both, where upper and lower endplate have changed places in the second."""
        evidence: Tensor = (self.grader(x) + self.grader(x.flip(2)).flip(2)[:, MIRRORED]) / 2.0
        return evidence


class Attentive(nn.Module):
    """The grader with its evidence weighted by a learnt map of attention in place of a plain mean."""

    def __init__(self, settings: GradingConfig) -> None:
        super().__init__()
        self.grader = Grader(HEADS + 1, settings.widths, settings.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Evidence (n, HEADS, rows, columns), whose plain mean is the weighted one."""
        *evidence, attention = self.grader(x).split([HEADS, 1], dim=1)
        weights = attention.flatten(2).softmax(dim=-1).view_as(attention) * attention[0, 0].numel()
        weighted: Tensor = evidence[0] * weights
        return weighted


def five_classes(scores: Tensor, grades: Tensor) -> Tensor:
    """Cross-entropy over five classes, in which the order of the grades plays no part; grade 1 has the logit 0."""
    return functional.cross_entropy(functional.pad(scores[:, :THRESHOLDS], (1, 0)), grades - 1)


def odds_of_classes(scores: Scores) -> Scores:
    """Logits of grades 2-5 beside 0 for grade 1 -> log-odds of each threshold."""
    powers = np.exp(np.pad(scores, [(0, 0), (1, 0)]))
    return odds_of_shares(powers / powers.sum(axis=1, keepdims=True))


def odds_of_shares(shares: Scores) -> Scores:
    """Probabilities of grades 1-5 (n, 5) -> log-odds of "above grade 1" ... (n, 4)."""
    above = np.clip(1.0 - np.cumsum(shares, axis=1)[:, :-1], 1e-4, 1.0 - 1e-4)
    return np.log(above / (1.0 - above))


SHIPPED = "tighter crops, wider network, T2 and T1 (shipped)"
_LARGER = (("shape", (96, 128)), ("widths", (16, 32, 64, 96)))
IDEAS = {
    "five classes (softmax), T2": Idea(_grader, five_classes, odds=odds_of_classes, changes=_LARGER),
    "ordered thresholds, T2": Idea(_grader, changes=_LARGER),
    "ordered thresholds, T2, attention in place of the mean": Idea(Attentive, changes=_LARGER),
    "tighter crops, wider network, T2": Idea(_grader),
}


def shipped_scores(settings: GradingConfig, crops: GradedCrops, folds: NDArray[np.int64], seed: int) -> Scores:
    """The networks of `lumbardisc train grading`, which learn from T1 images too; trained where they are not yet."""
    members = [
        (fold, member(settings, crops, folds, fold, seed, lambda text, _: print(text, flush=True)))
        for fold in range(settings.folds)
    ]
    return out_of_fold(members, crops, folds, settings.shape)


MEASURED = (
    *("height_mm", "height_anterior_mm", "height_middle_mm", "height_posterior_mm", "depth_mm", "area_mm2"),
    *("disc_height_index", "wedge_angle_deg", "signal_ratio_csf", "nucleus_signal_ratio", "nucleus_annulus_contrast"),
)


def measured_scores(crops: GradedCrops, folds: NDArray[np.int64], table: Path, seed: int) -> Scores:
    """No network: extremely randomised trees (Geurts et al. 2006) on what the main job measures of T2 discs."""
    from sklearn.ensemble import ExtraTreesClassifier

    with table.open(encoding="utf-8") as file:
        known = {(row["case"], int(row["disc"])): row for row in csv.DictReader(file)}
    rows = [known.get((case, disc), {}) for case, disc in zip(crops.case, crops.disc, strict=True)]
    values = np.array([[float(row.get(name) or "nan") for name in MEASURED] for row in rows])
    values = np.column_stack([crops.disc, np.where(np.isnan(values), np.nanmedian(values, axis=0), values)])
    learnt, scores = np.isin(crops.contrast, T2_LIKE), np.zeros((len(crops), HEADS))
    for fold in np.unique(folds):
        seen, left = learnt & (folds != fold), folds == fold
        trees = ExtraTreesClassifier(300, min_samples_leaf=4, random_state=seed).fit(values[seen], crops.grade[seen])
        scores[left, :THRESHOLDS] = odds_of_shares(trees.predict_proba(values[left]))
    return scores


def measure_all(sets: list[GradedData], table: Path) -> None:
    """The measurements of every disc of every image, by the main job, as CSV."""
    pipeline = Pipeline(Segmenter())
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["case", "disc", *MEASURED], extrasaction="ignore")
        writer.writeheader()
        for image in (image for data in sets for image in data.images):
            try:
                (source,) = io.find([image.path], spacing=image.spacing, contrast=image.contrast)
                study = pipeline.run(source.load(), source.name)
            except InputError:
                continue
            writer.writerows({"case": image.case, "disc": disc.label, **disc.values} for disc in study.discs.values())
