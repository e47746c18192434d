"""Ding et al. 2024: discs of T2 images segmented, then graded mild, moderate or severe. Wiring of both steps.

doi 10.13429/j.cnki.cjcr.2024.05.039. Settings and their sections stand in ``ding2024_config``, tables and figures in
``ding2024_results``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from lumbardisc.errors import UsageError
from lumbardisc.io.folders import make_folder
from lumbardisc.networks.attention_vgg import AttentionVGG
from lumbardisc.networks.unet import UNet
from lumbardisc.recipes.ding2024_config import Ding2024Config, read_config
from lumbardisc.recipes.ding2024_parts import ATTENTION, PLAIN, finder, unet, vgg
from lumbardisc.recipes.ding2024_results import write_results
from lumbardisc.training.disc_grades import (
    GradedDisc,
    class_loss,
    class_scores,
    graded_discs,
    t2_images,
    training_sample,
    without_t2,
)
from lumbardisc.training.disc_mask import mask_loss, mean_dice, squares, training_crop
from lumbardisc.training.grades import GRADES, GradedData
from lumbardisc.training.masked_slices import MaskedSlices, read_masks
from lumbardisc.training.patients import Split, deal, write_split
from lumbardisc.training.sgd import Progress, batches_of, fit, seed
from lumbardisc.training.splits import Part

Case = TypeVar("Case", MaskedSlices, GradedDisc)
Parts = dict[Part, list[Case]]


def run(path: Path, progress: Progress | None = None) -> Path:
    """Train both steps, evaluate on the test patients, write tables and figures; returns the folder.

    A run that was interrupted goes on where it stopped. Raises UsageError, InputError and OutputError.
    """
    config = read_config(path)
    data = [_grades(name, folder) for name, folder in config.grades.items()]
    named = {patient for one in data for patient in one.grades}
    masks = [case for name, folder in config.masks.items() for case in read_masks(name, folder, named)]
    patients = [(case.source, case.patient) for case in masks]
    patients += [(one.source, patient) for one in data for patient in one.grades]
    split = deal(patients, config.validation_share, config.test_share, config.split_seed)
    outlined = _dealt(masks, split, "masks")
    make_folder(config.out)
    write_split(split, patients, config.out / "split.csv")
    segmenter = train_segmentation(config, outlined, progress)
    find = finder(config, segmenter)
    graded = _dealt([disc for one in data for disc in graded_discs(one, t2_images(one), find)], split, "grades")
    variants = (ATTENTION, PLAIN) if config.grading.ablation else (ATTENTION,)
    networks = {name: train_grading(config, name, graded, progress) for name in variants}
    notes = [note for one in data for note in (*one.notes, *without_t2(one))]
    write_results(config, segmenter, networks, outlined, graded, notes)
    return config.out


def train_segmentation(config: Ding2024Config, parts: Parts[MaskedSlices], progress: Progress | None = None) -> UNet:
    """Step 1: the disc mask of a slice."""
    step = config.segmentation
    train = squares(parts["train"], step.slices, step.size)
    validation = squares(parts["validation"], 1, step.size)
    seed(step.schedule.seed)
    network = unet(config)
    fit(
        network,
        batches_of(train, lambda one, rng: training_crop(one, step.crop, step.variation, rng), step.schedule),
        mask_loss,
        lambda trained: {"dice": mean_dice(trained, validation)},
        step.schedule,
        (step, train, validation),
        config.out / "segmentation",
        _named(progress, "segmentation"),
    )
    return network


def train_grading(
    config: Ding2024Config, name: str, parts: Parts[GradedDisc], progress: Progress | None = None
) -> AttentionVGG:
    """Step 2: the class of a disc from its crop; ``name`` says with attention or without."""
    step = config.grading
    train = [disc for disc in parts["train"] if disc.crop is not None]
    if not train:
        raise UsageError("grades: step 1 found no disc on any training image; train segmentation longer")
    seed(step.schedule.seed)
    network = vgg(config, name == ATTENTION)
    fit(
        network,
        batches_of(train, lambda one, rng: training_sample(one, step.masked, step.variation, rng), step.schedule),
        class_loss,
        lambda trained: class_scores(trained, parts["validation"], step.masked),
        step.schedule,
        (step.model_dump(exclude={"ablation", "schedule"}), train, parts["validation"]),
        config.out / name,
        _named(progress, name.replace("_", " ")),
    )
    return network


def _grades(name: str, folder: Path) -> GradedData:
    try:
        return GRADES[name](folder)
    except OSError as error:
        raise UsageError(f"grades.{name}: {error.filename or folder}: {error.strerror or error}") from None


def _dealt(cases: Sequence[Case], split: Split, what: str) -> Parts[Case]:
    """The cases of each part. Raises UsageError where a part has none."""
    parts: Parts[Case] = {"train": [], "validation": [], "test": []}
    for case in cases:
        parts[split.part(case.source, case.patient)].append(case)
    if empty := [part for part, of_part in parts.items() if not of_part]:
        raise UsageError(f"{what}: no patient is left for {empty[0]}; give more patients, or a larger share of them")
    return parts


def _named(progress: Progress | None, name: str) -> Progress | None:
    return (lambda text, done: progress(f"{name}: {text}", done)) if progress else None
