"""A folder of images and labels looked through, case by case and across cases: what is fit to learn from, what not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lumbardisc.errors import InputError
from lumbardisc.preprocess.intensity import windowed
from lumbardisc.training.detection.boxes import Box
from lumbardisc.training.grades.words import some
from lumbardisc.training.labelled.case import Case, Labelled
from lumbardisc.training.labelled.find import Found, find_cases
from lumbardisc.training.labelled.load import Reader

Progress = Callable[[str, float], None]
"""Called with what is being read, and the share done."""


@dataclass(frozen=True, eq=False)
class View:
    """The slice to show. image: (rows, columns), 0-255. labels: the same, our numbers. pixel: (row, column) mm."""

    image: NDArray[np.uint8]
    labels: NDArray[np.int32]
    boxes: Mapping[int, Box]
    pixel: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Row:
    """One case. structures: our numbers that are labelled, ascending. problems: one line each, with the file.

    shape, spacing (mm): (slice, row, column). Without ``view`` it cannot be learnt from, and these are empty.
    """

    case: Case
    shape: tuple[int, ...] = ()
    spacing: tuple[float, ...] = ()
    structures: tuple[int, ...] = ()
    view: View | None = None
    digest: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Check:
    """rows: one per case. problems: those across cases. convention: that of numbers without names, if there are any."""

    found: Found
    convention: str | None
    rows: tuple[Row, ...]
    problems: tuple[str, ...]

    @property
    def every_problem(self) -> tuple[str, ...]:
        """Those of the cases, then those across them."""
        return (*(problem for row in self.rows for problem in row.problems), *self.problems)

    @property
    def usable(self) -> tuple[Row, ...]:
        """The cases that can be learnt from."""
        return tuple(row for row in self.rows if row.view)


def check(
    folder: Path,
    convention: str | None = None,
    spacing: tuple[float, float, float] | None = None,
    progress: Progress | None = None,
) -> Check:
    """Read every case of a folder. convention: of label numbers; spacing: slice, row, column in mm, for TIFF and PNG.

    Raises InputError where no layout fits or numbers have no meaning, UsageError for an unknown convention.
    """
    found = find_cases(folder)
    reader = Reader.of(found, convention, spacing)
    rows = []
    for index, case in enumerate(found.cases):
        if progress:
            progress(case.name, index / len(found.cases))
        rows.append(_row(case, reader))
    return Check(found, reader.convention, tuple(rows), (*_duplicates(rows), *_in_two_parts(found.cases)))


def _row(case: Case, reader: Reader) -> Row:
    try:
        one = reader.read(case)
    except InputError as error:
        return Row(case, problems=(str(error),))
    structures = sorted(one.boxes) or [int(label) for label in np.unique(one.labels) if label]
    problems = tuple(f"{_where(case, warning)}: {warning}" for warning in one.warnings)
    return Row(case, one.volume.shape, one.volume.spacing, tuple(structures), _view(one), one.digest, problems)


def _where(case: Case, warning: str) -> Path | None:
    """The file that a warning is about: of voxel sizes and headers the image, else the labels."""
    return case.labels if "label" in warning or "lies" in warning else case.image


def _view(one: Labelled) -> View:
    """The slice in the middle of what is labelled."""
    areas = one.labels.astype(bool).sum(axis=(1, 2))
    middle = round(float(np.average(np.arange(len(areas)), weights=areas))) if areas.any() else len(areas) // 2
    image = np.rint(windowed(one.volume.array[middle]) * 255).astype(np.uint8)
    row, column = one.volume.spacing[1:]
    return View(image, one.labels[middle], one.boxes, (row, column))


def _duplicates(rows: Iterable[Row]) -> Iterator[str]:
    """One image under two patients would be learnt from and judged on."""
    same = defaultdict(list)
    for row in rows:
        if row.digest:
            same[row.digest].append(row.case)
    for cases in same.values():
        if len({case.patient for case in cases}) > 1:
            told = some([f"{case.image} ({case.patient})" for case in cases[1:]])
            yield f"{cases[0].image} ({cases[0].patient}): is the same image as {told}; keep one"


def _in_two_parts(cases: Iterable[Case]) -> Iterator[str]:
    parts = defaultdict(set)
    for case in cases:
        parts[case.patient].add(case.part or "train")
    for patient, own in parts.items():
        if len(own) > 1:
            yield f"patient {patient}: is in {' and '.join(sorted(own))}; all images of a patient belong into one part"
