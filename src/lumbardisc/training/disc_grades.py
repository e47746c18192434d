"""Graded discs as samples: the T2 image of each patient, its discs found and cut out, learnt and graded in classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from lumbardisc.evaluation.grading import MISSING, degeneration, one_vs_rest, pairwise_auc
from lumbardisc.preprocess.intensity import Image
from lumbardisc.training.disc_crops import SHAPE, Crop, network_input
from lumbardisc.training.grades import GradedData, GradedImage
from lumbardisc.training.grades.loading import load_scan
from lumbardisc.training.sgd import Sample
from lumbardisc.training.variation import Variation, sample

CONTRASTS = ("t2", None, "t2_space")
"""The image of a patient that is graded: T2, else one of unknown contrast, else T2-SPACE; never T1."""
CLASSES = 3
Finder = Callable[[NDArray[np.generic], tuple[float, float]], dict[int, Crop]]
"""Stack (slice, row, column) and (row, column) mm -> disc from the bottom -> its crop."""


@dataclass(frozen=True, eq=False)
class GradedDisc:
    """One graded disc. disc: from the bottom. truth: 1 mild, 2 moderate, 3 severe. crop: None where not found."""

    source: str
    patient: str
    disc: int
    truth: int
    crop: Crop | None


def t2_images(data: GradedData) -> list[GradedImage]:
    """One image per patient, by ``CONTRASTS``; patients without any are left out."""
    best: dict[str, GradedImage] = {}
    for image in sorted((one for one in data.images if one.contrast in CONTRASTS), key=_preference):
        best.setdefault(image.patient, image)
    return [best[patient] for patient in sorted(best)]


def without_t2(data: GradedData) -> list[str]:
    """A note on the patients that ``t2_images`` leaves out, if there are any."""
    left_out = sorted(set(data.grades) - {image.patient for image in t2_images(data)})
    return [f"{data.source}: left out for want of a T2 image: patients {', '.join(left_out)}"] if left_out else []


def _preference(image: GradedImage) -> tuple[int, str]:
    return CONTRASTS.index(image.contrast), image.case


def graded_discs(data: GradedData, images: Iterable[GradedImage], find: Finder) -> list[GradedDisc]:
    """Every graded disc of the images' patients, found or not. Raises InputError."""
    discs = []
    for image in images:
        volume = load_scan(image).volume.sagittal()
        crops = find(volume.array, volume.spacing[1:])
        for disc, grade in sorted(data.grades[image.patient].items()):
            truth = int(degeneration(np.array(grade.pfirrmann)))
            discs.append(GradedDisc(data.source, image.patient, disc, truth, crops.get(disc)))
    return discs


def training_sample(disc: GradedDisc, masked: bool, variation: Variation, rng: np.random.Generator) -> Sample:
    """Varied input (slice, row, column) and class 0-2 of a disc that was found."""
    assert disc.crop is not None
    matrix, centre = variation.matrix(rng), (np.asarray(SHAPE) - 1) / 2.0
    moved = centre + rng.uniform(-variation.shift, variation.shift, 2) * SHAPE
    image = np.stack([sample(one, matrix, moved, SHAPE, order=1) for one in network_input(disc.crop, masked)])
    return variation.grey(variation.flip(image, rng), rng), disc.truth - 1


def class_loss(scores: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Cross-entropy."""
    return nn.functional.cross_entropy(scores, truth)


@torch.no_grad()
def class_probabilities(network: nn.Module, crops: Sequence[Crop], masked: bool) -> Image:
    """(discs, 3): mild, moderate, severe."""
    if not crops:
        return np.zeros((0, CLASSES), dtype=np.float32)
    device = next(network.parameters()).device
    inputs = torch.from_numpy(np.stack([network_input(crop, masked) for crop in crops]))
    parts = [network(part.to(device)).softmax(dim=1).cpu() for part in inputs.split(16)]
    probabilities: Image = torch.cat(parts).numpy()
    return probabilities


def grade(network: nn.Module, discs: Sequence[GradedDisc], masked: bool) -> tuple[NDArray[np.int_], Image]:
    """Predicted classes (discs,) and probabilities (discs, 3); ``MISSING`` and NaN for a disc that was not found."""
    found = [k for k, disc in enumerate(discs) if disc.crop is not None]
    probabilities = np.full((len(discs), CLASSES), np.nan, dtype=np.float32)
    probabilities[found] = class_probabilities(network, [disc.crop for disc in discs if disc.crop is not None], masked)
    predicted = np.full(len(discs), MISSING)
    predicted[found] = probabilities[found].argmax(axis=1) + 1
    return predicted, probabilities


def class_scores(network: nn.Module, discs: Sequence[GradedDisc], masked: bool) -> dict[str, float]:
    """Macro sensitivity, accuracy one-vs-rest, mean pairwise AUC."""
    truth = np.array([disc.truth for disc in discs])
    predicted, probabilities = grade(network, discs, masked)
    table = one_vs_rest(truth, predicted, CLASSES)
    area = float(np.mean(list(pairwise_auc(truth, probabilities).values())))
    return {"sensitivity": table.sensitivity, "accuracy": table.accuracy, "auc": area}
