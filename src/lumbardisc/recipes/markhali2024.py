"""Markhali et al. 2024: disc volumes slice by slice, by an unpadded U-Net, and its versions. Wiring.

doi 10.1002/jsp2.70000. Settings stand in ``markhali2024_config``, the versions of both rounds of tuning in
``markhali2024_versions``, tables in ``markhali2024_results``.
"""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import Any

from lumbardisc.io.folders import make_folder
from lumbardisc.networks.unpadded_unet import UnpaddedUNet
from lumbardisc.recipes.markhali2024_config import Markhali2024Config, read_config
from lumbardisc.recipes.markhali2024_data import Cohort, cohort
from lumbardisc.recipes.markhali2024_measure import measure
from lumbardisc.recipes.markhali2024_parts import NETWORK, training_slices, unet
from lumbardisc.recipes.markhali2024_results import write_results
from lumbardisc.recipes.markhali2024_versions import ROUNDS, Version
from lumbardisc.training.patients import write_split
from lumbardisc.training.schedule import Schedule
from lumbardisc.training.sgd import Progress, seed
from lumbardisc.training.stack_masks import train_slices

__all__ = ["ROUNDS", "Version", "run", "train_version"]


def run(path: Path, progress: Progress | None = None) -> Path:
    """Train the configured version, measure it, write tables and figures; returns the folder.

    A run that was interrupted goes on where it stopped. Raises UsageError, InputError and OutputError.
    """
    config = read_config(path)
    subjects = cohort(config)
    make_folder(config.out)
    write_split(subjects.split, subjects.subjects, config.out / "split.csv")
    network = _trained(config, config.version, config.seed, config.out / NETWORK, subjects, progress)
    write_results(config, network, subjects)
    return config.out


def train_version(
    config: Markhali2024Config, version: Version, seed: int, out: Path, progress: Progress | None = None
) -> dict[str, Any]:
    """Train one version from one seed in ``out`` and measure it on the validation subjects; JSON-ready.

    ``dice``: the mean over subjects. ``subjects``: for each its name ``subject``, ``grade`` (its worst disc's, None
    where not known), ``dice``, ``precision``, ``recall`` and ``volume_ratio``, by voxels of its whole first scan; None
    where undefined. ``discs``: the same for each disc, with ``level`` and its own ``grade``. Each name with
    ``_without_orphans`` behind it is the same after orphan removal. ``seconds``: of training and measuring.
    ``config.version``, ``config.seed`` and ``config.out`` are not looked at. A run that was interrupted goes on where
    it stopped. Raises UsageError, InputError and OutputError.
    """
    begun = monotonic()
    subjects = cohort(config)
    make_folder(out)
    network = _trained(config, version, seed, out, subjects, progress)
    measured = measure(network, subjects, "validation", config, version)
    return {**measured.to_json(), "seconds": round(monotonic() - begun, 1)}


def _trained(
    config: Markhali2024Config, version: Version, start: int, out: Path, subjects: Cohort, progress: Progress | None
) -> UnpaddedUNet:
    """A version's network after the last epoch."""
    schedule = Schedule(
        epochs=config.epochs,
        batch=version.batch,
        learning_rate=version.learning_rate,
        momentum=version.beta1,
        weight_decay=version.weight_decay,
        seed=start,
    )
    seed(start)
    network = unet(config, version)
    train_slices(network, training_slices(subjects.of("train"), config, version, start), schedule, out, progress)
    return network
