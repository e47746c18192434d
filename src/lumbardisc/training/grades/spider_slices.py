"""SPIDER mid-sagittal slices (T1, T2, SPACE) with one expert's grades and findings per disc."""

from __future__ import annotations

from pathlib import Path

from lumbardisc.errors import InputError
from lumbardisc.training.grades import cells
from lumbardisc.training.grades.data import GradedData, GradedImage
from lumbardisc.training.grades.gradings import grades_of, read_gradings
from lumbardisc.training.grades.image_list import spacing_of
from lumbardisc.training.grades.pairing import pair
from lumbardisc.training.grades.sheet import Columns, Row, read_sheet

_SPACING = ("slice_thickness_mm", "row_spacing_mm", "col_spacing_mm")
_SERIES: Columns = dict.fromkeys(("series", "patient", "sequence", *_SPACING), ())


def read(folder: Path) -> GradedData:
    """``folder`` holds ``midsagittal/SERIES.png``, ``series.csv`` and ``gradings.csv``. Raises InputError."""
    sheet = read_gradings(folder / "gradings.csv")
    grades, notes = grades_of(sheet.path, sheet.rows)
    images = [_image(folder, row) for row in read_sheet(folder / "series.csv", _SERIES, {}).rows]
    return pair("spider_midsagittal", folder, images, grades, notes)


def _image(folder: Path, row: Row) -> GradedImage:
    path = folder / "midsagittal" / f"{row['series']}.png"
    if not path.is_file():
        raise InputError(f"{row.where}: there is no {path}; copy it there, or take the row out")
    contrast = cells.contrast(row["sequence"])
    return GradedImage(cells.patient(row["patient"]), row["series"], path, contrast, spacing_of(row, _SPACING))
