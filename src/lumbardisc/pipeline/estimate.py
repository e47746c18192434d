"""T1rho of a study's discs as a network estimates it from routine images: one step of the main job, off by default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lumbardisc.anatomy.frames import disc_crops
from lumbardisc.inference.grading import T2_LIKE
from lumbardisc.inference.t1rho import PHASES, PLANES, VALUES, T1rhoEstimate, T1rhoEstimator
from lumbardisc.levels import is_disc
from lumbardisc.pipeline.images import LabelledImage
from lumbardisc.pipeline.study import Value
from lumbardisc.preprocess.intensity import Image, windowed
from lumbardisc.quantify.measure import measured_slice
from lumbardisc.quantify.nucleus import split
from lumbardisc.quantify.regions import regions
from lumbardisc.volume import Array

COLUMNS = (*VALUES, "t1rho_mean_sd_ms", "phase", *(f"phase_p{phase}" for phase in range(1, PHASES + 1)))
PHANTOM_TRAINED = "phantom_trained"
"""Flag of a disc whose T1rho comes from a network that has seen no patient."""
_BEYOND = (-1.0, 3.0)
"""Where grey values are cut that are scaled to about 0-1: far out, so that nothing but single pixels is lost."""
_WARNING = (
    "T1rho and phase were estimated by a network that has seen no patient, only computed phantoms; "
    "they show how it would work and say nothing about this patient"
)


@dataclass(frozen=True, eq=False)
class Estimated:
    """The T1rho of a study. discs: by label, those that were seen. phantom_trained: whether by phantoms alone."""

    discs: Mapping[int, T1rhoEstimate] = field(default_factory=dict)
    phantom_trained: bool = False

    def columns(self, labels: Iterable[int]) -> dict[int, dict[str, Value]]:
        """The columns of each disc by label; a disc without an estimate has them undefined (NaN)."""
        rows = {label: _columns(estimate) for label, estimate in self.discs.items()}
        undefined: dict[str, Value] = dict.fromkeys(next(iter(rows.values()), {}), float("nan"))
        return {label: rows.get(label, undefined) for label in labels}

    def flags(self, label: int) -> tuple[str, ...]:
        """What to be careful of in the T1rho of a disc."""
        return (PHANTOM_TRAINED,) if self.phantom_trained and label in self.discs else ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """One line each."""
        return (_WARNING,) if self.phantom_trained and self.discs else ()


def estimate_t1rho(estimator: T1rhoEstimator, images: Sequence[LabelledImage]) -> Estimated:
    """Estimate the T1rho of every disc of a study. images: the main one first."""
    return Estimated(estimator(disc_planes(images, estimator.shape)), estimator.phantom_trained)


def disc_planes(images: Sequence[LabelledImage], shape: tuple[int, int]) -> dict[int, Image]:
    """What the network sees of every disc, by label: (PLANES, *shape), of the slice where the disc is measured.

    Of several images of one kind the first is taken; images of unknown contrast count as T1, as for grades.
    """
    found: dict[int, Image] = {}
    kinds = {"t2" if image.contrast in T2_LIKE else "t1": image for image in reversed(images)}
    for kind, image in kinds.items():
        for source, plane in ((image.volume.array, kind), (_nuclei(image), f"{kind}_nucleus")):
            for label, crop in _crops(source, image, shape).items():
                empty = np.zeros((len(PLANES), *shape), dtype=np.float32)
                found.setdefault(label, empty)[PLANES.index(plane)] = windowed(crop, _BEYOND) if plane == kind else crop
    return {label: found[label] for label in sorted(found)}


def _crops(source: Array, image: LabelledImage, shape: tuple[int, int]) -> dict[int, Image]:
    _, row_mm, column_mm = image.volume.spacing
    crops = disc_crops(source, image.labels, (row_mm, column_mm), image.mid_slice, shape)
    return {label: slices[0] for label, slices in crops.items()}


def _nuclei(image: LabelledImage) -> Array:
    """1 in the nucleus of each disc on the slice where it is measured, 0 elsewhere."""
    nuclei = np.zeros(image.labels.shape, dtype=np.float32)
    for label, region in regions(image.labels).items():
        if is_disc(label):
            index = measured_slice(region, image.mid_slice)
            disc = image.labels[[index]] == label
            nuclei[index][split(image.volume.array[[index]], disc, image.volume.spacing[1:]).nucleus[0]] = 1.0
    return nuclei


def _columns(estimate: T1rhoEstimate) -> dict[str, Value]:
    values = (estimate.mean_ms, estimate.min_ms, estimate.max_ms, estimate.mean_sd_ms, estimate.phase)
    return dict(zip(COLUMNS, (*values, *estimate.phases), strict=True))
