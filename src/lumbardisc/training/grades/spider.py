"""SPIDER as Zenodo gives it out (record 10159290): MHA images and masks, and one expert's gradings per disc.

``images`` and ``masks`` hold ``PATIENT_t1.mha``, ``PATIENT_t2.mha`` and ``PATIENT_t2_SPACE.mha``, each mask on the grid
of its image. Masks: 1-25 vertebrae from the bottom, 101-125 those seen in part, 100 the canal, 201-225 discs from the
bottom, 201 = L5/S1 (van der Graaf et al., Sci Data 2024; https://spider.grand-challenge.org).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lumbardisc.errors import InputError
from lumbardisc.training.grades import cells
from lumbardisc.training.grades.data import GradedData, GradedImage
from lumbardisc.training.grades.gradings import grades_of, read_gradings
from lumbardisc.training.grades.pairing import pair
from lumbardisc.training.grades.sheet import Row, read_sheet
from lumbardisc.training.grades.words import counted, in_order, some

LOWEST_DISC = 201
_SUFFIX = ".mha"


def read(folder: Path) -> GradedData:
    """``folder`` holds ``images`` and ``radiological_gradings.csv``, and if you like ``masks`` and ``overview.csv``.

    Raises InputError with one line.
    """
    sheet = read_gradings(folder / "radiological_gradings.csv")
    discs = [row for row in sheet.rows if not _no_disc(row)]
    grades, ungraded = grades_of(sheet.path, discs)
    images = _images(folder)
    notes = (*_left_out(len(sheet.rows) - len(discs)), *ungraded, *_not_downloaded(folder, images))
    return pair("spider", folder, images, grades, notes)


def _no_disc(row: Row) -> bool:
    """The published table has rows for an IVD label 0, which is no disc of any mask."""
    return cells.whole(row["disc"]) == 0


def _left_out(count: int) -> tuple[str, ...]:
    return (f"{counted(count, 'row')} of IVD label 0, which is no disc, left out",) if count else ()


def _images(folder: Path) -> list[GradedImage]:
    files = sorted((folder / "images").glob(f"[!.]*{_SUFFIX}"))
    if not files:
        raise InputError(
            f"{folder / 'images'}: holds no {_SUFFIX} file; unpack images.zip and masks.zip of SPIDER into {folder}"
        )
    return [_image(path, folder / "masks" / path.name) for path in files]


def _image(path: Path, mask: Path) -> GradedImage:
    patient, _, sequence = path.stem.partition("_")
    contrast = cells.contrast(sequence)
    if contrast is None:
        raise InputError(f"{path}: is not called as SPIDER's images are (PATIENT_t1, _t2, _t2_SPACE); take it away")
    return GradedImage(
        cells.patient(patient),
        path.stem,
        path,
        contrast,
        mask=mask if mask.is_file() else None,
        lowest_disc=LOWEST_DISC,
    )


def _not_downloaded(folder: Path, images: Sequence[GradedImage]) -> tuple[str, ...]:
    """A note on images that ``overview.csv`` lists and the folder lacks."""
    path = folder / "overview.csv"
    if not path.is_file():
        return ()
    listed = {row["series"] for row in read_sheet(path, {"series": ("new file name",)}, {}).rows}
    missing = in_order(listed - {image.case for image in images})
    return (f"overview.csv lists {counted(len(missing), 'image')} not in images: {some(missing)}",) if missing else ()
