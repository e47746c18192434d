"""Examples in memory, an endless stream of random crops, and whole slices to validate on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import IterableDataset, get_worker_info

from lumbardisc.errors import UsageError
from lumbardisc.training.augment import Augmentation, crop
from lumbardisc.training.sources import SOURCES, Example
from lumbardisc.training.splits import Part, part_of


def load_examples(data: Mapping[str, Path]) -> dict[Part, list[Example]]:
    """Read every data set and deal its cases out by the fixed split. Raises UsageError for an unknown or empty one."""
    parts: dict[Part, list[Example]] = {"train": [], "validation": [], "test": []}
    for source, folder in data.items():
        if source not in SOURCES:
            raise UsageError(f"data.{source}: unknown data set; known are {', '.join(SOURCES)}")
        try:
            examples = list(SOURCES[source](folder))
        except OSError as error:
            raise UsageError(f"data.{source}: {folder}: {error.strerror or error}") from None
        if not examples:
            raise UsageError(f"data.{source}: no cases found in {folder}")
        for example in examples:
            parts[part_of(source, example.patient)].append(example)
    return parts


class RandomCrops(IterableDataset[tuple[NDArray[Any], NDArray[Any]]]):
    """Endless random crops: first a data set by its weight, then one of its cases."""

    def __init__(
        self,
        examples: Sequence[Example],
        weights: Mapping[str, float],
        shape: tuple[int, int],
        spacing: float,
        augmentation: Augmentation,
        seed: int,
    ) -> None:
        self.by_source = {
            source: [example for example in examples if example.source == source]
            for source in sorted({example.source for example in examples})
        }
        odds = np.array([weights.get(source, 1.0) for source in self.by_source])
        self.odds = odds / odds.sum()
        self.shape, self.spacing, self.augmentation, self.seed = shape, spacing, augmentation, seed

    def __iter__(self) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        worker = get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        torch.set_num_threads(1) if worker else None
        sources = list(self.by_source.values())
        while True:
            cases = sources[rng.choice(len(sources), p=self.odds)]
            yield crop(cases[rng.integers(len(cases))], self.shape, self.spacing, rng, self.augmentation)
