"""BIDS: ``sub-*/**/anat/*_T2w.nii.gz`` with ``derivatives/**/sub-*_dseg.nii.gz`` and its look-up table."""

from __future__ import annotations

import re
from pathlib import Path

from lumbardisc.errors import InputError
from lumbardisc.io.images import suffix_of
from lumbardisc.training.labelled.case import Case
from lumbardisc.training.labelled.files import below, stem
from lumbardisc.training.labelled.tables import Names, names_beside, read_names

_OF_LABELS = {"space", "desc", "label", "seg", "res", "den", "atlas", "dseg", "mask"}
"""Entities that a label map may have beside those of its image."""


def find(folder: Path) -> list[Case]:
    """Every anatomical image with its label map, and label maps that have none. Raises InputError where it has two."""
    inside = [path for path in below(folder) if suffix_of(path.name) and path.name.startswith("sub-")]
    derived = {path for path in inside if "derivatives" in path.relative_to(folder).parts}
    images = [path for path in inside if path not in derived and path.parent.name == "anat"]
    labels = [path for path in sorted(derived) if stem(path).endswith("_dseg")]
    taken: dict[Path, Path] = {}
    for label in labels:
        for image in _images_of(label, images):
            if (first := taken.setdefault(image, label)) != label:
                raise InputError(f"{label}: is of the same image as {first}; keep one of the two in this folder")
    alone = [label for label in labels if label not in taken.values()]
    cases = [_case(folder, stem(image), image, taken.get(image)) for image in images]
    return [*cases, *(_case(folder, stem(label), None, label) for label in alone)]


def _case(folder: Path, name: str, image: Path | None, labels: Path | None) -> Case:
    patient = name.split("_")[0].removeprefix("sub-")
    return Case(name, patient, image, labels, names=_names(folder, labels) if labels else None)


def _images_of(label: Path, images: list[Path]) -> list[Path]:
    """The image that a label map is of: the same entities, and of several contrasts the one it names, or T2w."""
    own = _entities(label)
    fitting = [image for image in images if _entities(image) == own]
    named = [image for image in fitting if _contrast(image) in re.split("[_-]", stem(label))]
    return (named or [image for image in fitting if _contrast(image) == "T2w"] or fitting)[:1]


def _entities(path: Path) -> frozenset[str]:
    """``{"sub-01", "ses-2"}``: what tells whose and which image a file is of."""
    return frozenset(part for part in stem(path).split("_") if "-" in part and part.split("-")[0] not in _OF_LABELS)


def _contrast(image: Path) -> str:
    return stem(image).rpartition("_")[2]


def _names(folder: Path, labels: Path) -> Names | None:
    """From the table beside a label map, else from that of a folder above it."""
    own = labels.with_name(f"{stem(labels)}.tsv")
    if own.is_file():
        return read_names(own)
    above = [parent for parent in labels.parents if parent.is_relative_to(folder)]
    return next((names for parent in above if (names := names_beside(parent))), None)
