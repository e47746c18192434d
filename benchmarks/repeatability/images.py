"""Two images of one spine of one day: of patients, and of phantoms that lie otherwise the second time."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import count, islice
from pathlib import Path

import numpy as np

from lumbardisc import io
from lumbardisc.errors import NoSpineError
from lumbardisc.io.scan import Scan
from lumbardisc.phantom import SEQUENCES, Geometry, make_exam
from lumbardisc.phantom.acquire import Exam
from lumbardisc.pipeline import default_pipeline
from lumbardisc.pipeline.earlier import LABELS, RECORD, Earlier, read_results
from lumbardisc.pipeline.pair import Pair
from lumbardisc.report.record import result_json
from lumbardisc.training.splits import part_of
from lumbardisc.volume import Volume

FIRST_SEED = 500
CONTRASTS = {"t1": "t1", "t2": "t2", "t2_SPACE": "t2_space"}
SPACE_MM = 1.5
"""Series called T2 whose slices are thinner bear the header of the T2-SPACE series, and with it a wrong pixel size."""


@dataclass(frozen=True, eq=False)
class Twice:
    """One spine imaged twice. patient: of a phantom, its seed."""

    patient: str
    pair: Pair

    @property
    def validation(self) -> bool:
        """Whether no network has learnt from the patient."""
        return part_of("spider", self.patient) == "validation"


@dataclass(frozen=True, eq=False)
class Images:
    """The images of a folder of data, and what was found in each. results: the folder that keeps it."""

    data: Path
    results: Path

    @cached_property
    def series(self) -> dict[str, Mapping[str, str]]:
        """The rows of the table of series, of patients that may be looked at."""
        with (self.data / "spider" / "series.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if part_of("spider", row["patient"]) != "test"]
        wrong = [row for row in rows if row["sequence"] == "t2" and float(row["slice_thickness_mm"]) < SPACE_MM]
        return {row["series"]: row for row in rows if row not in wrong}

    def found(self, name: str, read: Callable[[], Scan]) -> Earlier | None:
        """What is found in an image; None where that is no spine."""
        folder = self.results / name
        if not (folder / RECORD).exists():
            print(name, file=sys.stderr, flush=True)
            try:
                study = default_pipeline().run(read(), name)
            except NoSpineError:
                return None
            folder.mkdir(parents=True, exist_ok=True)
            io.save_nifti(study.labels, folder / LABELS)
            (folder / RECORD).write_text(result_json(study), encoding="utf-8")
        return read_results(folder)

    def twice(self, patient: str, one: Earlier | None, other: Earlier | None) -> Iterator[Twice]:
        """The pair, where a spine is seen in both."""
        if one and other:
            yield Twice(patient, Pair(now=other, before=one))


def slices(images: Images, before: str, now: str) -> Iterator[Twice]:
    """Mid-sagittal slices of two sequences of every patient who has both."""
    for name, row in images.series.items():
        patient, other = row["patient"], f"{row['patient']}_{now}"
        if row["sequence"] == before and other in images.series:
            both = (images.found(f"mid_{one}", partial(_slice, images, one)) for one in (name, other))
            yield from images.twice(patient, *both)


def _slice(images: Images, series: str) -> Scan:
    row = images.series[series]
    sizes = [float(row[name]) for name in ("slice_thickness_mm", "row_spacing_mm", "col_spacing_mm")]
    path = images.data / "spider" / "midsagittal" / f"{series}.png"
    (source,) = io.find([path], spacing=(sizes[0], sizes[1], sizes[2]), contrast=CONTRASTS[row["sequence"]])
    return source.load()


def halves(images: Images) -> Iterator[Twice]:
    """The odd and the even slices of T2-SPACE volumes."""
    for path in sorted((images.data / "spider" / "space").glob("*_SPACE.nii.gz")):
        patient = path.name.split("_")[0]
        if part_of("spider_space", patient) != "test":
            names = (f"space_{patient}_{first}" for first in (0, 1))
            both = (images.found(name, partial(_half, path, first)) for first, name in enumerate(names))
            yield from images.twice(patient, *both)


def _half(path: Path, first: int) -> Scan:
    (source,) = io.find([path], contrast="t2_space")
    scan = source.load()
    whole = scan.volume.sagittal()
    affine = whole.affine.copy()
    affine[:3, 3] += first * affine[:3, 0]
    affine[:3, 0] *= 2
    return replace(scan, volume=Volume(whole.array[first::2], affine))


def phantoms(images: Images, number: int) -> Iterator[Twice]:
    """Phantoms that are imaged by T2 twice: moved, turned by up to 5 degrees about each axis, with other noise."""
    for seed in islice(count(FIRST_SEED), number):
        draw = np.random.default_rng(seed)
        plans = [_plan(draw) for _ in range(2)]
        both = (
            images.found(f"ph_{seed}_{time}", partial(_phantom, seed, plan, time)) for time, plan in enumerate(plans)
        )
        yield from images.twice(str(seed), *both)


def _plan(draw: np.random.Generator) -> Geometry:
    """15 slices of 4.4 mm, anywhere within 3 mm to either side and 8 mm up, down, forward and backward."""
    centre = np.array((0.0, 22.0, -22.0)) + draw.uniform(-1, 1, 3) * (3, 8, 8)
    turn_deg = tuple(draw.uniform(-5, 5, 3))
    return Geometry.plan(matrix=(448, 448), pixel_mm=(0.6027, 0.6027), centre=centre, turn_deg=turn_deg)


def _phantom(seed: int, plan: Geometry, time: int) -> Scan:
    exam: Exam = make_exam(seed, geometry=plan)
    return Scan(exam.image(SEQUENCES["t2"], seed=seed + 1000 * time), contrast="t2")


CONTRAST, T2_LIKE = "T1 against T2, one slice", "T2 against T2-SPACE, one slice"
HALVES, PHANTOMS = "Every other slice of T2-SPACE", "Phantoms that lie otherwise"
SOURCES: dict[str, Callable[[Images, argparse.Namespace], Iterator[Twice]]] = {
    CONTRAST: lambda images, _options: slices(images, "t1", "t2"),
    T2_LIKE: lambda images, _options: slices(images, "t2", "t2_SPACE"),
    HALVES: lambda images, _options: halves(images),
    PHANTOMS: lambda images, options: phantoms(images, options.phantoms),
}
