"""Images and grades brought together: patients who lack one side are left out and named."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from lumbardisc.errors import InputError
from lumbardisc.training.grades.data import GradedData, GradedImage, Grades
from lumbardisc.training.grades.words import counted, in_order, some

_T2 = {"t2", "t2_space", None}  # an image of unknown contrast may be one


def pair(
    source: str, folder: Path, images: Sequence[GradedImage], grades: Grades, notes: Iterable[str] = ()
) -> GradedData:
    """The patients who have both images and grades. ``notes``, then lines on who was left out and who has no T2.

    Raises InputError where nobody has both.
    """
    kept = tuple(image for image in images if image.patient in grades)
    seen = {image.patient for image in kept}
    if not kept:
        raise InputError(f"{folder}: {_nobody(images, grades)}")
    told = (
        *_note("with grades and no image, left out", [name for name in grades if name not in seen]),
        *_note("with images and no grade, left out", [image.patient for image in images if image not in kept]),
        *_note("without a T2 image, graded on their other images alone", seen - _with_t2(kept)),
    )
    return GradedData(source, kept, {name: grades[name] for name in grades if name in seen}, (*notes, *told))


def _nobody(images: Sequence[GradedImage], grades: Grades) -> str:
    graded = f"graded: {some(in_order(grades))}"
    if not images:
        return (
            f"holds no image of any patient ({graded}); name images by their patients, as in 12.nii.gz or 12_t2.nii.gz"
        )
    pictured = some(in_order(image.patient for image in images))
    return f"no patient has both images and grades ({graded}; images: {pictured}); give both the same names"


def _note(what: str, patients: Collection[str]) -> tuple[str, ...]:
    names = in_order(patients)
    return (f"{counted(len(names), 'patient')} {what}: {some(names)}",) if names else ()


def _with_t2(images: Sequence[GradedImage]) -> set[str]:
    return {image.patient for image in images if image.contrast in _T2}
