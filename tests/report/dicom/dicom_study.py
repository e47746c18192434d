"""A study that was read from DICOM files, for the objects that are written about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset, dcmread
from report_study import PLAIN, make_study

from lumbardisc.io import find
from lumbardisc.io.dicom_write import Acquisition, Subject, save_dicom
from lumbardisc.pipeline.study import Disc, Discs, Study
from lumbardisc.volume import Volume

SERIES = Acquisition(3, "t2 tse sag", "lumbar", "SE", 3000, 100, 90, 1.5, 4.0)
WEIGHTS = {"segmentation": "ab" * 32, "grading": "cd" * 32}


IDENTITY = {
    "PatientName": "Doe^Jane",
    "PatientID": "PAT-4711",
    "PatientBirthDate": "19610203",
    "PatientAddress": "12 Elm Street",
    "InstitutionName": "Hillside Clinic",
    "ReferringPhysicianName": "Carter^Ann",
    "OperatorsName": "Miller^Tom",
    "StationName": "SCANNER7",
    "AccessionNumber": "ACC20240099",
    "StudyDescription": "Back pain of J. Doe",
    "StudyDate": "20240311",
    "PatientComments": "Lives alone",
}
"""Who was imaged, where, when and by whom, by attribute."""


def marked(dataset: Dataset) -> None:
    """Put the identity into a header."""
    for keyword, value in IDENTITY.items():
        setattr(dataset, keyword, value)


def read_study(folder: Path, change: Callable[[Dataset], None] | None = None, **more: Any) -> Study:
    """A study of ellipses whose images stand in ``folder`` as a scanner's; ``more`` goes to ``make_study``.

    change: what is done to the header of each file before it is read.
    """
    drawn = make_study(order=PLAIN, **{"provenance": {"weights": WEIGHTS, "version": "0.1.0"}} | more)
    image = Volume(np.rint(drawn.image.array).astype(np.uint16), drawn.image.affine)
    for path in save_dicom(image, folder, Subject("Doe^Jane", "4711", "key"), SERIES):
        dataset = dcmread(path)
        if change:
            change(dataset)
        dataset.save_as(path)
    (source,) = find([folder])
    scan = source.load()
    assert np.allclose(scan.volume.affine, drawn.image.affine, atol=1e-3)  # the labels fit
    return replace(drawn, image=scan.volume, origin=scan.origin)


def with_values(study: Study, **values: Any) -> Study:
    """The study with further columns for each disc."""
    discs = [Disc(disc.level, disc.label, {**disc.values, **values}, disc.flags) for disc in study.discs.values()]
    return replace(study, discs=Discs(tuple(discs)))
