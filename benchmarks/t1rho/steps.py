"""The steps from the paper's way to ours, and what no network can be blamed or praised for: each gives phases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lumbardisc.inference.t1rho import KINDS, PLANES, T1rhoEstimator, only
from lumbardisc.networks.t1rho import T1rhoNetwork
from lumbardisc.training.config import T1rhoConfig
from lumbardisc.training.phases.svm import fit_svm
from lumbardisc.training.run_folder import load, save
from lumbardisc.training.t1rho.answers import CENTRE_MS, UNIT_MS, outputs_of, phases_of
from lumbardisc.training.t1rho.batches import plain_planes
from lumbardisc.training.t1rho.crops import T1rhoCrops
from lumbardisc.training.t1rho.loop import OUTPUTS, fit, t1rho_loss

Array = NDArray[np.float64]
BOXES = (len(PLANES), len(PLANES) + 1)
"""Planes of ``boxes.planes_and_boxes`` that hold the boxes on T1 and T2."""


@dataclass(frozen=True, eq=False)
class Found:
    """What a step says of the test discs. shares: (n, phases). mean_ms, sd_ms: (n,), NaN where it tells none."""

    shares: Array
    mean_ms: Array
    sd_ms: Array


@dataclass(frozen=True)
class Step:
    """One network. planes: what it sees of ``planes_and_boxes``. group: which images. loss: of outputs and values."""

    planes: tuple[int, ...]
    group: str
    loss: Callable[[Tensor, Tensor], Tensor]

    def run(
        self, settings: T1rhoConfig, crops: T1rhoCrops, folds: NDArray[np.int64], test: T1rhoCrops, kept: Path
    ) -> Found:
        """Learn from all folds but the first, on whose discs a machine learns the phases; judge the test discs."""
        settings = settings.model_copy(update={"nucleus": len(self.planes) > len(KINDS), "withhold": 0.0})
        seen, held, test = (self._shown(part) for part in (crops.only(folds != 0), crops.only(folds == 0), test))
        torch.manual_seed(settings.seed)
        network = T1rhoNetwork(OUTPUTS, len(self.planes), width=settings.width, dropout=settings.dropout)
        if not kept.exists():
            trained = fit(
                network, settings, seen, lambda epoch, loss: print(kept.stem, epoch, round(loss, 3)), self.loss
            )
            save({"network": trained.state_dict()}, kept)
        values_of = _answers(load(network, kept), self, settings)
        machine = fit_svm(values_of(held)[:, :-1], phases_of(held.values[:, 0]))
        answers = values_of(test)
        return Found(machine.probabilities(answers[:, :-1]), answers[:, 0], np.full(len(test), np.nan))

    def _shown(self, crops: T1rhoCrops) -> T1rhoCrops:
        return replace(crops, planes=only(crops.planes[:, list(self.planes)], self.group))


def _answers(network: T1rhoNetwork, step: Step, settings: T1rhoConfig) -> Callable[[T1rhoCrops], Array]:
    """Discs -> values in ms (n, values and log-variance)."""

    def answer(crops: T1rhoCrops) -> Array:
        raw = outputs_of(network, crops.planes, step.group, settings.shape, len(step.planes))
        return np.column_stack([CENTRE_MS + UNIT_MS * raw[:, :-1], raw[:, -1]])

    return answer


def squared(outputs: Tensor, values: Tensor) -> Tensor:
    """Mean squared error of the three values."""
    return torch.nn.functional.mse_loss(outputs[:, :-1], values)


_GREYS, _ALL = (0, 1), tuple(range(len(PLANES)))
STEPS = {
    "box on T1 (as Li 2024)": Step(BOXES, "t1", squared),
    "upright disc on T1": Step(_GREYS, "t1", squared),
    "upright disc on T2": Step(_GREYS, "t2", squared),
    "upright disc on T1 and T2": Step(_GREYS, "t1+t2", squared),
    "T1, T2 and the nucleus's outline": Step(_ALL, "t1+t2", squared),
    "T1, T2, outline, uncertainty": Step(_ALL, "t1+t2", t1rho_loss),
}


def shipped(weights: Path, test: T1rhoCrops, group: str) -> Found:
    """The exported committee, through what `analyze --t1rho` runs."""
    estimator = T1rhoEstimator(weights)
    planes = torch.from_numpy(only(test.planes[:, : len(PLANES)], group)).float()
    found = estimator(dict(enumerate(plain_planes(planes, estimator.shape).numpy())))
    told = [found[row] for row in range(len(test))]
    means, sds = (np.array([getattr(one, name) for one in told]) for name in ("mean_ms", "mean_sd_ms"))
    return Found(np.array([one.phases for one in told]), means, sds)


def _signals(crops: T1rhoCrops, kinds: tuple[str, ...]) -> Array:
    """Mean grey of the nucleus on each image, on the scale of its crop."""
    columns = []
    for kind in kinds:
        grey = crops.planes[:, PLANES.index(kind)].astype(np.float64)
        nucleus = crops.planes[:, PLANES.index(f"{kind}_nucleus")].astype(np.float64)
        centred = grey - grey.mean(axis=(1, 2), keepdims=True)
        inside = (centred * nucleus).sum(axis=(1, 2)) / np.maximum(nucleus.sum(axis=(1, 2)), 1.0)
        columns.append(inside / grey.std(axis=(1, 2)))
    return np.column_stack(columns)


def _grades(crops: T1rhoCrops) -> Array:
    return np.eye(5)[crops.grade - 1]


BASELINES: dict[str, Callable[[T1rhoCrops], Array]] = {
    "no network: the true Pfirrmann grade alone": _grades,
    "no network: the nucleus's signal on T1 alone": lambda crops: _signals(crops, ("t1",)),
    "no network: the nucleus's signal on T2 alone": lambda crops: _signals(crops, ("t2",)),
    "no network: both signals": lambda crops: _signals(crops, KINDS),
}


def baseline(features: Callable[[T1rhoCrops], Array], crops: T1rhoCrops, test: T1rhoCrops) -> Found:
    """Phases by randomised trees (Geurts et al. 2006) on one or a few numbers."""
    from sklearn.ensemble import ExtraTreesClassifier

    trees = ExtraTreesClassifier(400, min_samples_leaf=10, random_state=0)
    trees.fit(features(crops), phases_of(crops.values[:, 0]))
    unknown = np.full(len(test), np.nan)
    return Found(trees.predict_proba(features(test)), unknown, unknown)
