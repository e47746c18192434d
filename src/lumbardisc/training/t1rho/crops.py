"""Crops of discs with known T1rho, cut where the segmentation finds them, as the main job cuts them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.errors import InputError, UsageError
from lumbardisc.inference.segmentation import Segmenter
from lumbardisc.inference.t1rho import PLANES
from lumbardisc.inference.weights import default_weights, load_weights
from lumbardisc.pipeline.clock import Clock
from lumbardisc.pipeline.estimate import disc_planes
from lumbardisc.pipeline.images import LabelledImage, companions, main_image
from lumbardisc.pipeline.spine import find_spine
from lumbardisc.preprocess.intensity import Image
from lumbardisc.training.kept import read_kept, write_kept
from lumbardisc.training.t1rho.data import MatchedExam

KEPT = (96, 144)
"""Rows and columns that are kept of each disc: more than a network sees, so that crops can be turned and shifted."""

Cut = Callable[[Sequence[LabelledImage], tuple[int, int]], dict[int, Image]]
"""Images of an exam and a size -> the planes of each disc, by label."""


@dataclass(frozen=True, eq=False)
class T1rhoCrops:
    """One row per disc.

    planes: (n, PLANES, rows, columns), grey values about 0-1, all 0 where there was no such image. patient: names.
    disc: from the bottom. values: (n, VALUES) ms. grade: Pfirrmann 1-5, 0 where it is unknown. drawn: phantoms.
    """

    planes: NDArray[np.float16]
    patient: NDArray[np.str_]
    disc: NDArray[np.int64]
    values: NDArray[np.float64]
    grade: NDArray[np.int64]
    drawn: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.disc)

    def only(self, rows: NDArray[np.bool_]) -> T1rhoCrops:
        """Some of the rows. rows: (n,)."""
        return T1rhoCrops(*(getattr(self, field.name)[rows] for field in fields(self)))


def load_crops(
    exams: Sequence[MatchedExam],
    segmentation: Path | None,
    kept: Path,
    progress: Callable[[str, float], None],
    cut: Cut = disc_planes,
) -> tuple[T1rhoCrops, list[str]]:
    """Crops of all exams, and a line for every exam that could not be used.

    They are kept in ``kept`` (NPZ): the same exams are not read a second time. Raises UsageError where no disc with
    T1rho was found at all.
    """
    weights = load_weights(segmentation or default_weights("segmentation"), "segmentation")
    key = _key(exams, weights.sha256, cut)
    if kept.exists() and (found := read_kept(kept, key, T1rhoCrops)):
        return found
    segmenter = Segmenter(weights.path)
    rows: list[tuple[Any, ...]] = []
    notes: list[str] = []
    for done, exam in enumerate(exams):
        progress(f"finding discs, {exam.patient}", done / len(exams))
        try:
            rows.extend(_rows(segmenter, exam, cut, notes))
        except InputError as error:
            notes.append(f"{exam.patient}: left out: {error}")
    if not rows:
        raise UsageError(f"no disc with T1rho was found in any of the {len(exams)} exams; {' '.join(notes[:1])}")
    crops = T1rhoCrops(*(np.array(column) for column in zip(*rows, strict=True)))
    write_kept(kept, key, crops, notes)
    return crops, notes


def _rows(segmenter: Segmenter, exam: MatchedExam, cut: Cut, notes: list[str]) -> Iterator[tuple[Any, ...]]:
    """A row for every disc with T1rho that is found, in the order of the fields of T1rhoCrops."""
    matched = exam.load()
    main = main_image(matched.scan, exam.patient, lambda volume: find_spine(segmenter, volume, Clock()))
    beside, unused = companions(matched.scan, main, lambda volume: find_spine(segmenter, volume, Clock()))
    notes += [f"{exam.patient}: {line}" for line in unused]
    for disc, planes in cut([main, *beside], KEPT).items():
        if disc in matched.t1rho:
            grade = matched.grades.get(disc, 0)
            yield planes.astype(np.float16), exam.patient, disc, matched.t1rho[disc], grade, exam.drawn


def _key(exams: Sequence[MatchedExam], weights: str, cut: Cut) -> str:
    """What the crops depend on; the T1rho values are part of it."""
    told = [weights, KEPT, PLANES, cut.__qualname__, [(exam.patient, exam.key) for exam in exams]]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
