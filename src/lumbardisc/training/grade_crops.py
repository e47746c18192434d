"""Crops of graded discs, cut where the segmentation finds them, with what a person read at each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc import io
from lumbardisc.anatomy.frames import disc_crops
from lumbardisc.errors import InputError, UsageError
from lumbardisc.inference.segmentation import Segmenter
from lumbardisc.inference.weights import default_weights, load_weights
from lumbardisc.pipeline import Pipeline
from lumbardisc.preprocess.intensity import windowed
from lumbardisc.training.grades import FINDINGS, DiscGrade, GradedData, GradedImage
from lumbardisc.training.kept import files_of, read_kept, write_kept

KEPT = (144, 192)
"""Rows and columns that are kept of each disc: more than a network sees, so that crops can be turned and shifted."""

_BEYOND = (-1.0, 3.0)
"""Where grey values are cut that are scaled to about 0-1, so that half precision holds them."""


@dataclass(frozen=True, eq=False)
class GradedCrops:
    """One row per disc and slice it was cut on.

    crops: (n, rows, columns), grey values about 0-1. patient, case: names. contrast: of ``io.CONTRASTS``, or empty.
    disc: from the bottom. grade: 1-5. findings: (n, FINDINGS), 0 or 1, NaN where nobody told.
    """

    crops: NDArray[np.float16]
    patient: NDArray[np.str_]
    case: NDArray[np.str_]
    contrast: NDArray[np.str_]
    disc: NDArray[np.int64]
    grade: NDArray[np.int64]
    findings: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.grade)

    def only(self, rows: NDArray[np.bool_]) -> GradedCrops:
        """Some of the rows. rows: (n,)."""
        return GradedCrops(*(getattr(self, field.name)[rows] for field in fields(self)))


def load_crops(
    sets: Sequence[GradedData],
    segmentation: Path | None,
    kept: Path,
    progress: Callable[[str, float], None],
) -> tuple[GradedCrops, list[str]]:
    """Crops of all images, and a line for every image without discs.

    They are kept in ``kept`` (NPZ): the same images are not segmented a second time by the same weights. Raises
    UsageError where no graded disc was found at all.
    """
    weights = load_weights(segmentation or default_weights("segmentation"), "segmentation")
    images = [(data, image) for data in sets for image in data.images]
    key = _key(images, weights.sha256)
    if kept.exists() and (found := read_kept(kept, key, GradedCrops)):
        return found
    pipeline = Pipeline(Segmenter(weights.path))
    rows: list[tuple[Any, ...]] = []
    notes: list[str] = []
    for done, (data, image) in enumerate(images):
        progress(f"finding discs, {image.case}", done / len(images))
        try:
            rows.extend(_rows(pipeline, image, data.grades[image.patient]))
        except InputError as error:
            notes.append(f"{image.case}: left out: {error}")
    if not rows:
        raise UsageError(f"no graded disc was found on any of the {len(images)} images; {notes[0] if notes else ''}")
    crops = GradedCrops(*(np.array(column) for column in zip(*rows, strict=True)))
    write_kept(kept, key, crops, notes)
    return crops, notes


def _rows(pipeline: Pipeline, image: GradedImage, grades: Mapping[int, DiscGrade]) -> Iterator[tuple[Any, ...]]:
    """A row for every graded disc that is found, in the order of the fields of GradedCrops."""
    for source in io.find([image.path], spacing=image.spacing, contrast=image.contrast):
        study = pipeline.run(source.load(), source.name)
        working, labels = study.image.sagittal(), study.labels.sagittal().array
        contrast = study.provenance["contrast"]["name"] or ""
        found = disc_crops(working.array, labels, working.spacing[1:], study.working_mid_slice, KEPT)
        for disc, crops in found.items():
            if grade := grades.get(disc):
                findings = np.array([grade.findings.get(name, np.nan) for name in FINDINGS], dtype=np.float32)
                for crop in crops:
                    grey = windowed(crop, _BEYOND).astype(np.float16)
                    yield grey, image.patient, image.case, contrast, disc, grade.pfirrmann, findings


def _key(images: Sequence[tuple[GradedData, GradedImage]], weights: str) -> str:
    """What the crops depend on: the images as they are now, and the grades."""
    told = [
        (str(image.path), files_of(image.path), image.contrast, image.spacing, sorted(map(str, grades.items())))
        for data, image in images
        for grades in [data.grades[image.patient]]
    ]
    return hashlib.sha256(json.dumps([weights, KEPT, told]).encode()).hexdigest()
