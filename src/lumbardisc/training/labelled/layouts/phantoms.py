"""Images with ``truth/NAME.nii.gz`` beside them, as `lumbardisc data phantom` writes them (NIfTI or DICOM)."""

from __future__ import annotations

from pathlib import Path

from lumbardisc.training.labelled.case import Case
from lumbardisc.training.labelled.files import by_stem, images_in, listing, patient_of


def find(folder: Path) -> list[Case]:
    """``NAME.nii.gz``, or for ``NAME`` = ``STUDY_SERIES`` the DICOM series ``STUDY/01-SERIES``, with its truth."""
    truth = by_stem(images_in(folder / "truth"))
    images = {**_series(folder), **by_stem(images_in(folder))} if truth else {}
    return [
        Case(name, patient_of(name), images.get(name), truth.get(name), convention="lumbardisc")
        for name in sorted({*images, *truth})
        if name in truth or images[name].is_file()
    ]


def _series(folder: Path) -> dict[str, Path]:
    studies = [path for path in listing(folder) if path.is_dir() and path.name != "truth"]
    series = [path for study in studies for path in listing(study) if path.is_dir()]
    return {f"{path.parent.name}_{path.name.partition('-')[2]}": path for path in series}
