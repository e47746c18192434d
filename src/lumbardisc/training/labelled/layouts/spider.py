"""SPIDER as Zenodo gives it out (record 10159290): ``images/PATIENT_t2.mha`` with ``masks/PATIENT_t2.mha``."""

from __future__ import annotations

from pathlib import Path

from lumbardisc.training.labelled.case import Case
from lumbardisc.training.labelled.files import by_stem, images_in


def find(folder: Path) -> list[Case]:
    """Every image or mask of the folder."""
    images, masks = (
        by_stem(path for path in images_in(folder / name) if path.suffix == ".mha") for name in ("images", "masks")
    )
    return [
        Case(name, name.split("_")[0], images.get(name), masks.get(name), convention="spider")
        for name in sorted({*images, *masks})
    ]
