"""LabelImg: ``NAME.xml`` (Pascal VOC) or ``NAME.txt`` (YOLO, with ``classes.txt``) beside each image."""

from __future__ import annotations

from pathlib import Path

from lumbardisc.training.detection import labelimg
from lumbardisc.training.labelled.case import Case
from lumbardisc.training.labelled.files import by_stem, images_in, listing, patient_of
from lumbardisc.training.labelled.tables import TABLES

_IDLE = (labelimg.CLASSES, *TABLES, "notes.txt", "README.txt")


def find(folder: Path) -> list[Case]:
    """Every image and label file, where there is a label file."""
    files = [path for path in listing(folder) if path.suffix.lower() in labelimg.FORMATS and path.name not in _IDLE]
    labels = {path.stem: path for path in files}
    images = by_stem(images_in(folder)) if labels else {}
    names = sorted({*images, *labels})
    return [Case(name, patient_of(name), images.get(name), labels.get(name)) for name in names]
