"""Which image of a patient is graded, and what becomes of discs that were not found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from lumbardisc.networks.attention_vgg import AttentionVGG
from lumbardisc.training.disc_crops import SHAPE, Crop
from lumbardisc.training.disc_grades import GradedDisc, class_scores, grade, t2_images, training_sample, without_t2
from lumbardisc.training.grades import DiscGrade, GradedData, GradedImage
from lumbardisc.training.variation import Variation

pytestmark = pytest.mark.train

RNG = np.random.default_rng(0)


def disc(truth: int, found: bool = True) -> GradedDisc:
    image = RNG.uniform(0.2, 0.8, (1, *SHAPE)).astype(np.float32)
    mask = np.zeros((1, *SHAPE), dtype=bool)
    mask[:, 40:90, 40:220] = True
    return GradedDisc("table", "1", 1, truth, Crop(image, mask) if found else None)


def test_t2_before_unknown_before_space_and_never_t1() -> None:
    images = [
        GradedImage(patient, f"{patient}_{contrast}", Path("x"), contrast)
        for patient, contrasts in {"a": ("t2_space", "t2", "t1"), "b": ("t2_space", None), "c": ("t1",)}.items()
        for contrast in contrasts
    ]
    data = GradedData("table", tuple(images), {patient: {1: DiscGrade(3, {})} for patient in "abc"})
    assert [(one.patient, one.contrast) for one in t2_images(data)] == [("a", "t2"), ("b", None)]
    (note,) = without_t2(data)
    assert note.endswith("patients c")


def test_a_disc_that_was_not_found_counts_as_wrong() -> None:
    network = AttentionVGG(width=1 / 32).eval()
    discs = [disc(1), disc(2, found=False), disc(3)]
    predicted, probabilities = grade(network, discs, masked=True)
    assert predicted[1] == 0
    assert np.isnan(probabilities[1]).all()
    assert probabilities[[0, 2]].sum(axis=1) == pytest.approx([1, 1])
    nothing = class_scores(network, [disc(k, found=False) for k in (1, 2, 3)], masked=True)
    assert nothing["sensitivity"] == 0
    assert nothing["auc"] == 0


def test_samples_show_the_disc_alone_or_what_lies_round_it() -> None:
    one = disc(3)
    assert one.crop is not None
    image, truth = training_sample(one, True, Variation(), RNG)
    assert truth == 2
    assert (image[~one.crop.mask] == 0).all()
    assert image[one.crop.mask] == pytest.approx(one.crop.image[one.crop.mask])
    unmasked, _ = training_sample(one, False, Variation(), RNG)
    assert (unmasked > 0).all()
