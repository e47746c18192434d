"""``images.csv``: which image file is whose, row by row."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from lumbardisc.errors import InputError
from lumbardisc.io import CONTRASTS
from lumbardisc.io.grid import SPACING_RANGE_MM, Spacing
from lumbardisc.io.images import FORMATS, suffix_of
from lumbardisc.training.grades import cells
from lumbardisc.training.grades.data import GradedImage
from lumbardisc.training.grades.headers import contrast_of, stem
from lumbardisc.training.grades.sheet import Columns, Row, read_sheet

LIST = "images.csv"
SPACING = ("slice_mm", "row_mm", "column_mm")
REQUIRED: Columns = {"patient": ("patient id", "subject", "case"), "image": ("file", "path", "image path")}
OPTIONAL: Columns = {"contrast": ("sequence", "weighting"), "mask": ("mask path",), **dict.fromkeys(SPACING, ())}


def read_list(folder: Path) -> tuple[list[GradedImage], tuple[str, ...]]:
    """The images of ``images.csv`` in a folder, and what there is to note. Raises InputError that names the row.

    Columns: patient, image; contrast, slice_mm, row_mm, column_mm and mask where known. Paths are within the folder.
    """
    sheet = read_sheet(folder / LIST, REQUIRED, OPTIONAL)
    images: dict[Path, tuple[Row, GradedImage]] = {}
    for row in sheet.rows:
        image = _image(folder, row)
        if image.path in images:
            raise InputError(
                f"{row.where}: {row['image']} stands in row {images[image.path][0].number} already; keep one"
            )
        images[image.path] = row, image
    return [image for _, image in images.values()], sheet.unused_note()


def _image(folder: Path, row: Row) -> GradedImage:
    if cells.is_empty(row["patient"]):
        raise InputError(f"{row.where}: names no patient; fill the column patient in every row")
    path = _path(folder, row, "image")
    contrast = _contrast(row) or contrast_of(path)
    case = stem(path.relative_to(folder).as_posix()).replace("/", "_")
    mask = None if cells.is_empty(row["mask"]) else _path(folder, row, "mask")
    return GradedImage(cells.patient(row["patient"]), case, path, contrast, _spacing(path, row), mask)


def _path(folder: Path, row: Row, column: str) -> Path:
    """The file or folder of a cell, which has to be there, in the folder."""
    inner = PurePosixPath(row[column].replace("\\", "/"))
    if not inner.parts:
        raise InputError(f"{row.where}: names no {column}; give its path within {folder}")
    if inner.is_absolute() or ".." in inner.parts or inner.parts[0].endswith(":"):
        raise InputError(
            f"{row.where}: {column} {row[column]} lies outside {folder}; put it there, give its path in it"
        )
    path = folder / inner
    if not _exists(path):
        raise InputError(f"{row.where}: {column} {row[column]} is not in {folder}; check its name, capitals count")
    return path


def _exists(path: Path) -> bool:
    """False too for a name that the system does not allow."""
    try:
        return path.exists()
    except OSError:
        return False


def _contrast(row: Row) -> str | None:
    if cells.is_empty(row["contrast"]):
        return None
    contrast = cells.contrast(row["contrast"])
    if contrast is None:
        raise InputError(f"{row.where}: contrast '{row['contrast']}' is not one of {', '.join(CONTRASTS)}")
    return contrast


def _spacing(path: Path, row: Row) -> Spacing | None:
    if not all(cells.is_empty(row[name]) for name in SPACING):
        return spacing_of(row, SPACING)
    refuse_picture(path, f"{row.where}: {row['image']}")
    return None


def spacing_of(row: Row, columns: tuple[str, str, str]) -> Spacing:
    """Slice, row and column size in mm from the columns of that order. Raises InputError that names the row."""
    low, high = SPACING_RANGE_MM
    sizes = [size for name in columns if (size := cells.number(row[name])) is not None and low <= size <= high]
    if len(sizes) < len(columns):
        told = ", ".join(f"{name} '{row[name]}'" for name in columns)
        raise InputError(f"{row.where}: {told}; give all three in mm, {low:g} to {high:g}")
    slices, rows, columns_ = sizes
    return slices, rows, columns_


def refuse_picture(path: Path, where: str) -> None:
    """Raises InputError for an image of a format without a voxel size."""
    suffix = suffix_of(path.name)
    if suffix and not FORMATS[suffix].placed:
        raise InputError(f"{where}: a picture has no voxel size; give it in {LIST}: {', '.join(SPACING)}")
