"""Image and label map side by side, as ITK-SNAP leaves them: ``NAME`` with ``NAME_seg`` or ``labels/NAME``."""

from __future__ import annotations

from pathlib import Path

from lumbardisc.training.labelled.case import Case
from lumbardisc.training.labelled.files import by_stem, images_in, listing, patient_of, stem
from lumbardisc.training.labelled.tables import names_beside

ENDINGS = ("segmentation", "labels", "label", "masks", "mask", "dseg", "seg")
"""What a label map's name may end with, after ``_``, ``-`` or a dot."""
IMAGES, LABELS = ("images", "image"), (*ENDINGS, "segmentations")
"""Folders that images and label maps may lie in."""


def bare(name: str) -> str:
    """A label map's name without what tells that it is one."""
    marks = [mark + end for end in ENDINGS for mark in "_-."]
    return next((name[: -len(mark)] for mark in marks if name.lower().endswith(mark)), name)


def find(folder: Path) -> list[Case]:
    """Every image and label map, where there is a label map."""
    inside = images_in(folder)
    marked = [path for path in inside if bare(stem(path)) != stem(path)]
    apart = [path for name in _named(folder, LABELS) for path in images_in(name)]
    plain = [path for name in _named(folder, IMAGES) for path in images_in(name)]
    images = by_stem([*(path for path in inside if path not in marked), *plain])
    labels = by_stem([*marked, *apart], lambda path: bare(stem(path)))
    names = names_beside(folder)
    every = sorted({*images, *labels}) if labels else []
    return [Case(name, patient_of(name), images.get(name), labels.get(name), names=names) for name in every]


def _named(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """The folders in a folder that have one of the names."""
    return [path for path in listing(folder) if path.is_dir() and path.name.lower() in names]
