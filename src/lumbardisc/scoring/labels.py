"""What the numbers of both sides stand for, and a pair of label maps on one grid with our numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lumbardisc import io
from lumbardisc.conventions import find_convention, guess, names, to_ours
from lumbardisc.errors import InputError, UsageError
from lumbardisc.levels import CANAL, SACRUM, is_disc
from lumbardisc.preprocess.onto_grid import onto_grid
from lumbardisc.quantify.regions import Spacing
from lumbardisc.scoring.files import Pair
from lumbardisc.training.grades.words import some
from lumbardisc.volume import LabelMap, Volume

Labels = NDArray[np.int32]

AUTO = "auto"
OURS = "lumbardisc"
NEAR = 0.1
"""Two grids are one where no corner is farther apart than this share of a voxel, which rounded headers do not reach."""


@dataclass(frozen=True)
class Conventions:
    """Names of those of both sides, see ``conventions``."""

    predicted: str
    truth: str

    @property
    def same_bodies(self) -> bool:
        """Whether a vertebra is the same on both sides: a body alone, or with its arch."""
        return find_convention(self.predicted).arches == find_convention(self.truth).arches


@dataclass(frozen=True, eq=False)
class Maps:
    """Both maps of a case in the working order, (slice, row, column), with our numbers. spacing: mm."""

    predicted: Labels
    truth: Labels
    spacing: Spacing


def choose(pairs: Sequence[Pair], labels: str = AUTO, predicted_labels: str | None = None) -> Conventions:
    """The conventions that were asked for, or those that the numbers in the files tell.

    labels: of the truth, and of the predictions where theirs are not told and their numbers do not say otherwise.
    Raises UsageError for an unknown name and for numbers that may mean several things.
    """
    for name in (labels, predicted_labels or AUTO):
        if name != AUTO:
            find_convention(name)
    predicted, truth = [pair.predicted for pair in pairs if pair.predicted], [pair.truth for pair in pairs]
    if predicted_labels is None or predicted_labels == AUTO:
        return Conventions(_told(labels, predicted, "predicted-labels"), _told(labels, truth, "labels"))
    return Conventions(predicted_labels, labels if labels != AUTO else _told(AUTO, truth, "labels"))


def load(pair: Pair, conventions: Conventions, resample: bool = False) -> Maps:
    """Both maps of a case; without a prediction an empty one. resample: put the prediction on the truth's grid.

    Raises InputError with one line for a file that cannot be read, a truth without a disc and another grid.
    """
    truth = _read(pair.truth)
    numbers = to_ours(truth.array, conventions.truth)
    if not any(map(is_disc, np.unique(numbers))):
        there = ", ".join(map(str, truth.present)) or "none"
        raise InputError(
            f"{pair.truth}: holds no disc, as {conventions.truth} numbers them (labels there: {there}); "
            "check the file, or say --labels"
        )
    if pair.predicted is None:
        return Maps(np.zeros_like(numbers), numbers, truth.spacing)
    predicted = to_ours(_on_grid(_read(pair.predicted), truth, pair, resample).array, conventions.predicted)
    if not conventions.same_bodies:
        predicted, numbers = _without_bodies(predicted), _without_bodies(numbers)
    return Maps(predicted, numbers, truth.spacing)


def _without_bodies(numbers: Labels) -> Labels:
    return np.where((numbers > SACRUM) & (numbers < CANAL), 0, numbers)


def _told(asked: str, paths: Iterable[Path], option: str) -> str:
    """The convention of files: what was asked for, unless their numbers can only be another."""
    found = _numbers(paths)
    if asked != AUTO and _are_classes(found, find_convention(asked).merged):
        return asked
    told = guess(found)
    if told or asked != AUTO:
        return told or asked
    if not found:  # any will do: each case tells what it lacks
        return OURS
    numbers = some(list(map(str, sorted(found))))
    raise UsageError(f"the numbers {numbers} do not tell what they stand for; say --{option}: one of {names()}")


def _are_classes(numbers: set[int], merged: int | None) -> bool:
    """Whether numbers may be those of classes, discs being one of them, even where they fit discs of ours as well."""
    return merged in numbers and max(numbers) < SACRUM


def _numbers(paths: Iterable[Path]) -> set[int]:
    """All numbers in label maps; those that cannot be read are told later."""
    found: set[int] = set()
    for path in paths:
        try:
            found.update(io.load_labels(path).present)
        except InputError:
            continue
    return found


def _read(path: Path) -> LabelMap:
    """In the working order. Raises InputError that names the file."""
    try:
        return io.load_labels(path).sagittal()
    except InputError as error:
        line = str(error)
        raise type(error)(line if line.startswith(str(path)) else f"{path}: {line}") from error


def _on_grid(predicted: LabelMap, truth: LabelMap, pair: Pair, resample: bool) -> LabelMap:
    """Raises InputError for a map on another grid that is not to be resampled."""
    if predicted.shape == truth.shape and _apart(predicted, truth) <= NEAR:
        return predicted
    if resample:
        return onto_grid(predicted, truth)
    sizes = [" x ".join(map(str, one.shape)) for one in (predicted, truth)]
    shifted = f", up to {_apart(predicted, truth):.1f} voxels apart" if sizes[0] == sizes[1] else ""
    raise InputError(
        f"{pair.predicted}: lies on another grid than its truth {pair.truth} ({sizes[0]} and {sizes[1]} voxels"
        f"{shifted}); predict on the same image, or say --resample"
    )


def _apart(one: Volume, other: Volume) -> float:
    """How far apart two volumes of the same shape put a corner of the grid, in voxels of the other."""
    corners = np.array(list(product(*((0, size - 1) for size in one.shape))))
    return float(np.abs(other.indices(one.world(corners)) - corners).max())
