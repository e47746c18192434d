"""Examples in memory, an endless stream of random crops, and whole slices to validate on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.errors import UsageError
from lumbardisc.training.augment import Augmentation, crop
from lumbardisc.training.config import SegmentationConfig
from lumbardisc.training.endless import Endless
from lumbardisc.training.patients import Split, deal, has_fixed_split
from lumbardisc.training.sources import SOURCES, Example, labelled
from lumbardisc.training.splits import Part


def load_examples(settings: SegmentationConfig) -> tuple[dict[Part, list[Example]], Split]:
    """Read every data set and deal its cases out: public ones by the fixed split, one's own by their patients.

    Raises UsageError for a data set that is unknown or empty, or where a part to learn from or to validate on is empty
    or tells nothing; InputError where a case cannot be learnt from.
    """
    examples = [example for source, folder in settings.data.items() for example in _read(source, folder, settings)]
    split = _split(examples, settings)
    parts: dict[Part, list[Example]] = {"train": [], "validation": [], "test": []}
    for example in examples:
        parts[split.part(example.source, example.patient)].append(example)
    if empty := [name for name in ("train", "validation") if not parts[name]]:
        patients = len({(example.source, example.patient) for example in examples})
        raise UsageError(f"data: none of {patients} patients is for {empty[0]}; add patients, two are the least")
    if not any(example.settles for example in parts["validation"]):
        raise UsageError(
            "data: the labels of the patients validated on settle no structure (whole vertebrae need the spinal "
            "canal to tell their bodies); label discs, or name others to validate on in patients.csv"
        )
    return parts, split


def _read(source: str, folder: Path, settings: SegmentationConfig) -> list[Example]:
    if source not in SOURCES:
        raise UsageError(f"data.{source}: unknown data set; known are {', '.join(SOURCES)}")
    try:
        own = source == labelled.OWN
        found = labelled.read(folder, settings.labels, settings.spacing_mm) if own else SOURCES[source](folder)
        examples = list(found)
    except OSError as error:
        raise UsageError(f"data.{source}: {folder}: {error.strerror or error}") from None
    if not examples:
        raise UsageError(f"data.{source}: no cases found in {folder}")
    return examples


def _split(examples: Sequence[Example], settings: SegmentationConfig) -> Split:
    """One's own patients where their folder puts them, the others dealt out by name: the same at every run."""
    told = labelled.parts(settings.data[labelled.OWN]) if labelled.OWN in settings.data else {}
    names = {(example.source, example.patient) for example in examples}
    open_ = {(source, patient) for source, patient in names if not has_fixed_split(source) and patient not in told}
    validation = max(settings.validation, 1 / len(open_)) if open_ and "validation" not in told.values() else 0.0
    return Split({**deal(open_, validation, settings.test, seed=0).own, **told})


class RandomCrops(Endless[Example, tuple[NDArray[Any], NDArray[Any]]]):
    """Endless random crops."""

    def __init__(
        self,
        examples: Sequence[Example],
        weights: Mapping[str, float],
        shape: tuple[int, int],
        spacing: float,
        augmentation: Augmentation,
        seed: int,
    ) -> None:
        super().__init__(examples, weights, seed)
        self.shape, self.spacing, self.augmentation = shape, spacing, augmentation

    def sample(self, case: Example, rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
        """Network input and allowed classes, see ``augment.crop``."""
        return crop(case, self.shape, self.spacing, rng, self.augmentation)
