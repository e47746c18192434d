"""3D Slicer: ``NAME.seg.nrrd`` or ``NAME_seg.seg.nrrd`` beside ``NAME``, or one of each in a folder per case."""

from __future__ import annotations

from pathlib import Path

from lumbardisc.io.images import suffix_of
from lumbardisc.io.segments import SUFFIX
from lumbardisc.training.labelled.case import Case
from lumbardisc.training.labelled.files import below, patient_of, stem
from lumbardisc.training.labelled.layouts.pairs import bare


def find(folder: Path) -> list[Case]:
    """Every segmentation and image, where there is a segmentation."""
    files = [path for path in below(folder) if suffix_of(path.name)]
    segmentations = [path for path in files if path.name.lower().endswith(SUFFIX)]
    images = [path for path in files if path not in segmentations]
    if not segmentations:
        return []
    owners = {path: _image_of(path, images, segmentations) for path in segmentations}
    alone = [image for image in images if image not in owners.values()]
    pairs = [(image, path) for path, image in owners.items()] + [(image, None) for image in alone]
    return [_case(folder, image, path) for image, path in pairs]


def _case(folder: Path, image: Path | None, labels: Path | None) -> Case:
    """Named by the image, and by its folder too where each case has one."""
    path = image or labels
    assert path is not None
    inside = path.relative_to(folder)
    name = "_".join([*inside.parts[:-1], stem(path)])
    return Case(name, inside.parts[0] if len(inside.parts) > 1 else patient_of(name), image, labels)


def _image_of(path: Path, images: list[Path], segmentations: list[Path]) -> Path | None:
    """By its name, else the only image in a folder with one segmentation."""
    beside = [image for image in images if image.parent == path.parent]
    alone = sum(other.parent == path.parent for other in segmentations) == 1 and len(beside) == 1
    return next((image for image in beside if stem(image) == bare(stem(path))), beside[0] if alone else None)
