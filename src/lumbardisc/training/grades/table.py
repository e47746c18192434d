"""A folder of one's own: images, and ``grades.csv`` with one row per patient and disc.

Which image is whose is told by ``images.csv``, or without it by names: PATIENT or PATIENT_CONTRAST.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lumbardisc.io.names import unique
from lumbardisc.training.grades.data import GradedData, GradedImage
from lumbardisc.training.grades.gradings import grades_of, read_gradings
from lumbardisc.training.grades.image_list import LIST, read_list
from lumbardisc.training.grades.image_names import find_images
from lumbardisc.training.grades.loading import load
from lumbardisc.training.grades.pairing import pair


def read(folder: Path) -> GradedData:
    """``folder`` holds ``grades.csv`` (see ``gradings``), the images and, if you like, ``images.csv`` (``image_list``).

    Raises InputError with one line that says what is wrong, where, and what to do.
    """
    sheet = read_gradings(folder / "grades.csv")
    grades, ungraded = grades_of(sheet.path, sheet.rows)
    listed = (folder / LIST).is_file()
    images, notes = read_list(folder) if listed else find_images(folder, grades)
    return pair("table", folder, _checked(images), grades, (*sheet.unused_note(), *ungraded, *notes))


def _checked(images: Sequence[GradedImage]) -> list[GradedImage]:
    """The images under unique names. Raises InputError for a mask that does not fit: now, not hours later."""
    for image in images:
        if image.mask:
            load(image)
    names = unique([(image.case, image.case) for image in images])
    return [replace(image, case=name) for image, name in zip(images, names, strict=True)]
