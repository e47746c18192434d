"""Endless training samples: first a data set by its weight, then one of its cases, then what is made of that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

import numpy as np
import torch
from torch.utils.data import IterableDataset, get_worker_info

Generator = np.random.Generator


class OfSource(Protocol):
    """A case that says which data set it is of."""

    @property
    def source(self) -> str: ...


Case = TypeVar("Case", bound=OfSource)
Sample = TypeVar("Sample")


class Endless(IterableDataset[Sample], Generic[Case, Sample]):
    """What is made of a case is told by a subclass. weights: odds of the data sets, 1 where not named."""

    def __init__(self, cases: Sequence[Case], weights: Mapping[str, float], seed: int) -> None:
        self.by_source = {
            source: [case for case in cases if case.source == source]
            for source in sorted({case.source for case in cases})
        }
        odds = np.array([weights.get(source, 1.0) for source in self.by_source])
        self.odds = odds / odds.sum()
        self.seed = seed

    def sample(self, case: Case, rng: Generator) -> Sample:
        """One sample of a case, varied at random."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[Sample]:
        worker = get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        torch.set_num_threads(1) if worker else None
        sources = list(self.by_source.values())
        while True:
            cases = sources[rng.choice(len(sources), p=self.odds)]
            yield self.sample(cases[rng.integers(len(cases))], rng)
