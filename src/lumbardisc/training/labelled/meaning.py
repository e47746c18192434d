"""From the numbers of a label file to ours (``levels``): by names, by a convention, or by what numbers occur."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.conventions import find_convention, guess, names, to_ours
from lumbardisc.errors import InputError
from lumbardisc.training.grades.words import some
from lumbardisc.training.labelled.structures import code_of

OURS = "lumbardisc"
IDLE = {"background", "clear label", "unlabeled", "unlabelled", "air", ""}


@dataclass(frozen=True, eq=False)
class Meant:
    """labels: our numbers. whole: whether vertebrae come with their arches. unknown: what has no meaning, as told."""

    labels: NDArray[np.int32]
    whole: bool
    unknown: tuple[str, ...]


def by_names(labels: NDArray[Any], table: Mapping[int, str]) -> Meant:
    """Numbers by their names. Several numbers may be one structure; those without a known name become 0."""
    ours = np.zeros(labels.shape, dtype=np.int32)
    unknown = []
    for number in _present(labels):
        code = code_of(table.get(number, ""))
        if code is not None:
            ours[labels == number] = code
        elif table.get(number, "?").strip().lower() not in IDLE:
            unknown.append(f"{number} ('{table[number]}')" if number in table else str(number))
    return Meant(ours, whole=False, unknown=tuple(unknown))


def by_convention(labels: NDArray[Any], name: str) -> Meant:
    """Numbers by a row of ``conventions``. labels: working order. Raises UsageError for an unknown name."""
    row = find_convention(name)
    known = {0, *row.labels, *row.others, row.merged}
    unknown = tuple(str(number) for number in _present(labels) if number not in known)
    return Meant(to_ours(labels, name), row.arches, unknown)


def guessed(values: Collection[int], where: str) -> str:
    """The convention that numbers are of; ours where there are none, which is told of each label map.

    Raises InputError where it is in doubt, with what to do about it.
    """
    convention = guess(values) if values else OURS
    if convention is None:
        told = some([str(value) for value in sorted(values)])
        raise InputError(
            f"{where}: what the numbers of its label maps mean is in doubt ({told}); name them in dseg.tsv, "
            f"or tell with --labels (`labels` in a configuration): {names()}"
        )
    return convention


def _present(labels: NDArray[Any]) -> list[int]:
    return [int(number) for number in np.unique(labels) if number]
