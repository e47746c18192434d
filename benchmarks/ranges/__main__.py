"""Where discs that an expert graded I or II lie in the ranges of the literature: `python benchmarks/ranges DATA`.

DATA is a folder with SPIDER (``spider/midsagittal``, ``spider/series.csv``, ``spider/gradings.csv``). T2 slices of
training patients alone (`splits.toml`). A range that many of these discs leave was measured in another way than ours.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from lumbardisc import analyze
from lumbardisc.errors import LumbardiscError
from lumbardisc.pipeline.study import Study
from lumbardisc.report.measured import DOUBTFUL
from lumbardisc.report.reference_ranges import RANGES, Range
from lumbardisc.training.splits import part_of

HEALTHY = ("1", "2")
SLICE_MM = 1.5
"""Series called T2 whose slices are thinner bear the header of the T2-SPACE series, and with it a wrong pixel size."""


def main() -> None:
    """Analyse the patients and print a table."""
    options = _options()
    grades = _grades(options.data)
    studies = list(islice(_studies(options.data, grades), options.patients))
    print(
        f"{len(studies)} patients\n\n| measure | level | range | measured | mean | SD | below | above |\n|" + "---|" * 8
    )
    for one in RANGES:
        values = np.array(list(_values(studies, grades, one)))
        below, above = (int(count) for count in ((values < one.low).sum(), (values > one.high).sum()))
        told = f"{len(values)} | {values.mean():.1f} | {values.std(ddof=1):.1f} | {below} | {above}"
        print(f"| {one.measure} | {one.level} | {one.low:.1f} to {one.high:.1f} | {told} |")


def _studies(data: Path, grades: dict[tuple[str, str], str]) -> Iterator[tuple[str, Study]]:
    """Patients most of whose lumbar discs are healthy."""
    for row in _rows(data / "spider" / "series.csv"):
        patient = row["patient"]
        healthy = sum(grades.get((patient, str(count))) in HEALTHY for count in range(1, 6))
        fits = row["sequence"] == "t2" and float(row["slice_thickness_mm"] or 0) > SLICE_MM and healthy >= 3
        if fits and part_of("spider", patient) == "train":
            spacing = (4.0, float(row["row_spacing_mm"]), float(row["col_spacing_mm"]))
            try:
                path = data / "spider" / "midsagittal" / f"{row['series']}.png"
                study = analyze(path, spacing=spacing, contrast="t2")
                if DOUBTFUL not in study.flags:
                    yield patient, study
            except LumbardiscError as error:
                print(error)


def _values(studies: list[tuple[str, Study]], grades: dict[tuple[str, str], str], one: Range) -> Iterator[float]:
    """What was measured of healthy discs at the range's level, or of the whole spine; what is undefined is left out."""
    for patient, study in studies:
        disc = study.discs.get(one.level)
        if not one.level:
            value = study.spine.get(one.measure, np.nan)
        elif disc and grades.get((patient, str(disc.label))) in HEALTHY:
            value = float(disc.values[one.measure])
        else:
            continue
        if np.isfinite(value):
            yield value


def _grades(data: Path) -> dict[tuple[str, str], str]:
    return {
        (row["patient"], row["disc_from_bottom"]): row["pfirrmann"] for row in _rows(data / "spider" / "gradings.csv")
    }


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with spider/")
    parser.add_argument("--patients", type=int, default=40, help="how many at most [40]")
    return parser.parse_args()


if __name__ == "__main__":
    main()
