"""What training and use of `li2024` share: its networks, and the way from a slice to values and phases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lumbardisc.evaluation.detection import LUMBAR
from lumbardisc.inference.detection import Detector, FoundDisc
from lumbardisc.inference.svm import Svm
from lumbardisc.preprocess.intensity import Image
from lumbardisc.recipes.li2024_config import Li2024Config
from lumbardisc.training.config import DetectionConfig
from lumbardisc.training.phases.crops import box_crop
from lumbardisc.training.phases.regression import Regressor, regress

DETECTOR, REGRESSOR, PHASES = Path("detection"), Path("regression"), Path("phases.json")
"""Where a run keeps its three stages."""
_WARMUP = 0.05
"""Share of stage 1 in which the learning rate rises; the weights are averaged over as long."""


@dataclass(frozen=True, eq=False)
class PhasedDisc:
    """One disc as the recipe sees it. values: maximum, minimum, mean T1rho in ms. probabilities: of phases 1-3."""

    found: FoundDisc
    values: NDArray[np.float64]
    phase: int
    probabilities: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Stages:
    """All three stages, trained."""

    detector: Detector
    regressor: Regressor
    svm: Svm
    shape: tuple[int, int]

    def find(self, image: Image, pixel: tuple[float, float]) -> tuple[FoundDisc, ...]:
        """Stage 1 on a slice (rows, columns), its window set; lowest first."""
        return self.detector(image, pixel)

    def read(self, image: Image, found: Sequence[FoundDisc]) -> list[PhasedDisc]:
        """Stages 2 and 3 on the boxes of the same slice."""
        if not found:
            return []
        values = regress(self.regressor, [box_crop(image, disc.box, self.shape) for disc in found])
        phases, probabilities = self.svm.predict(values), self.svm.probabilities(values)
        return [PhasedDisc(*one) for one in zip(found, values, phases.tolist(), probabilities, strict=True)]


def detection_settings(config: Li2024Config, slices: int) -> DetectionConfig:
    """Stage 1 as the detector's own loop takes it. slices: how many there are to learn from."""
    stage = config.detection
    steps = stage.epochs * ceil(slices / stage.batch)
    return DetectionConfig(
        data=config.data,
        out=config.out / DETECTOR,
        side=stage.side,
        width=stage.width,
        labels=len(LUMBAR),
        batch=stage.batch,
        steps=steps,
        warmup=ceil(_WARMUP * steps),
        average=min(0.998, 1.0 - 1.0 / ceil(_WARMUP * steps)),
        learning_rate=stage.learning_rate,
        validate_every=ceil(slices / stage.batch) * max(1, stage.epochs // 20),
        workers=0,
        seed=stage.seed,
        views=stage.views,
    )


def regressor(config: Li2024Config) -> Regressor:
    """Stage 2, untrained."""
    return Regressor(config.regression.width, config.regression.dropout)


def by_label(discs: Sequence[PhasedDisc]) -> Mapping[int, PhasedDisc]:
    """Discs by their level; of two with the same, the surer."""
    return {disc.found.label: disc for disc in sorted(discs, key=lambda disc: disc.found.confidence)}
