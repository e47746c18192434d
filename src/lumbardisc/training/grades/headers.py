"""What a file's own name and header tell of an image, before it is read for training."""

from __future__ import annotations

from pathlib import Path

from lumbardisc.io.images import suffix_of
from lumbardisc.training.grades.data import GradedImage
from lumbardisc.training.grades.loading import load_scan

DICOM_SUFFIXES = (".zip", ".dcm")


def stem(name: str) -> str:
    """A file name without the suffix of an image."""
    suffix = suffix_of(name) or next((one for one in DICOM_SUFFIXES if name.lower().endswith(one)), "")
    return name[: len(name) - len(suffix)]


def contrast_of(path: Path) -> str | None:
    """By the header of a DICOM study, which is read for it; None for image files, whose headers tell none.

    Raises InputError for a study that cannot be read.
    """
    return None if suffix_of(path.name) else load_scan(GradedImage("", "", path)).contrast
