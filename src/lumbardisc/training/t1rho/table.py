"""A user's own exams: images, and a table of T1rho values, one row per patient and disc, checked row by row.

``table``: one ``t1rho.csv``. ``fitted``: a folder for each patient with the ``discs.csv`` of `lumbardisc fit-t1rho`.
Whose an image is, is told as for grades: by ``images.csv``, or by names such as PATIENT_t1 (see ``training.grades``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from lumbardisc.errors import InputError
from lumbardisc.inference.grading import T2_LIKE
from lumbardisc.io import Source
from lumbardisc.training.grades import GradedImage
from lumbardisc.training.grades.image_list import LIST, read_list
from lumbardisc.training.grades.image_names import find_images
from lumbardisc.training.grades.loading import load_scan
from lumbardisc.training.grades.words import counted, in_order, some
from lumbardisc.training.kept import files_of
from lumbardisc.training.phases.readings import Measured, read_readings
from lumbardisc.training.t1rho.data import Matched, MatchedExam

TABLE, FITTED = "t1rho.csv", "discs.csv"
Discs = Mapping[int, Measured]


def read_table(folder: Path) -> tuple[list[MatchedExam], tuple[str, ...]]:
    """``folder`` holds ``t1rho.csv`` (see ``phases.readings``) and the images; the exams, and notes.

    Raises InputError with one line that says what is wrong, where, and what to do.
    """
    table = read_readings(folder / TABLE)
    return _exams(folder, table.discs, table.notes)


def read_fitted(folder: Path) -> tuple[list[MatchedExam], tuple[str, ...]]:
    """``folder`` holds a folder for each patient: what `lumbardisc fit-t1rho` wrote, and T1 and T2 images beside it.

    Raises InputError with one line.
    """
    tables = sorted(folder.glob(f"*/{FITTED}"))
    if not tables:
        one = folder / "PATIENT"
        raise InputError(f"{folder}: holds no folder with a {FITTED}; run `lumbardisc fit-t1rho SERIES -o {one}` first")
    read = [read_readings(path, patient=path.parent.name).discs for path in tables]
    return _exams(folder, {patient: discs for own in read for patient, discs in own.items()})


def _exams(
    folder: Path, values: Mapping[str, Discs], told: Sequence[str] = ()
) -> tuple[list[MatchedExam], tuple[str, ...]]:
    """Values and images brought together; patients who lack one side are left out and told."""
    listed = (folder / LIST).is_file()
    images, notes = read_list(folder) if listed else find_images(folder, values)
    own: dict[str, list[GradedImage]] = {}
    for image in images:
        if image.patient in values:
            own.setdefault(image.patient, []).append(image)
    if not own:
        raise InputError(
            f"{folder}: no patient has both T1rho values and a T1 or T2 image (values: {some(in_order(values))}); "
            "call images by their patients, as in 12_t1.nii.gz and 12_t2.nii.gz"
        )
    alone = in_order(set(values) - set(own))
    left_out = (f"{counted(len(alone), 'patient')} with T1rho and neither T1 nor T2, left out: {some(alone)}",)
    exams = [_exam(patient, tuple(pictures), values[patient]) for patient, pictures in own.items()]
    return exams, (*told, *notes, *(left_out if alone else ()))


def _exam(patient: str, images: Sequence[GradedImage], discs: Discs) -> MatchedExam:
    """T2 first: discs are found on it where there is one."""
    ordered = sorted(images, key=lambda image: image.contrast not in T2_LIKE)
    told = [(str(image.path), files_of(image.path), image.contrast, image.spacing) for image in ordered]
    key = json.dumps([told, sorted((disc, one.values, one.grade) for disc, one in discs.items())])
    return MatchedExam(patient, key, partial(_load, ordered, discs))


def _load(images: Sequence[GradedImage], discs: Discs) -> Matched:
    first, *others = images
    beside = tuple(Source(image.case, image.path, partial(load_scan, image)) for image in others)
    values = {disc: (mean, low, high) for disc, one in discs.items() for high, low, mean in [one.values]}
    grades = {disc: one.grade for disc, one in discs.items() if one.grade}
    return Matched(replace(load_scan(first), companions=beside), values, grades)
