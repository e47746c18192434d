"""SPIDER mid-sagittal slices (T1, T2, SPACE) with one expert's grades and findings per disc."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

from lumbardisc.training.grades.data import FINDINGS, DiscGrade, GradedData, GradedImage
from lumbardisc.training.sources.spider_boxes import read_series

_CONTRASTS = {"t1": "t1", "t2": "t2", "t2_SPACE": "t2_space"}


def read(folder: Path) -> GradedData:
    """``folder`` holds ``midsagittal/SERIES.png``, ``series.csv`` and ``gradings.csv``."""
    grades = _read_grades(folder / "gradings.csv")
    images = tuple(
        GradedImage(
            row["patient"],
            series,
            folder / "midsagittal" / f"{series}.png",
            _CONTRASTS[row["sequence"]],
            (float(row["slice_thickness_mm"]), float(row["row_spacing_mm"]), float(row["col_spacing_mm"])),
        )
        for series, row in read_series(folder / "series.csv").items()
        if row["patient"] in grades
    )
    return GradedData("spider_midsagittal", images, grades)


def _read_grades(path: Path) -> dict[str, dict[int, DiscGrade]]:
    """Modic types 1-3 count as present."""
    grades: dict[str, dict[int, DiscGrade]] = defaultdict(dict)
    with path.open() as file:
        for row in csv.DictReader(file):
            findings = {name: int(int(row[name]) > 0) for name in FINDINGS}
            grades[row["patient"]][int(row["disc_from_bottom"])] = DiscGrade(int(row["pfirrmann"]), findings)
    return dict(grades)
