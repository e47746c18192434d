"""SPIDER as Zenodo gives it out (record 10159290): ``images/PATIENT_t2.mha`` with ``masks/PATIENT_t2.mha``."""

from __future__ import annotations

import re
from pathlib import Path

from lumbardisc.training.labelled.case import Case
from lumbardisc.training.labelled.files import by_stem, images_in

_NAME = re.compile(r"\d+_(t1|t2|t2_SPACE)")
"""What SPIDER's files are called; without one that is, the folder is of someone else."""


def find(folder: Path) -> list[Case]:
    """Every image or mask of the folder."""
    images, masks = (
        by_stem(path for path in images_in(folder / name) if path.suffix == ".mha") for name in ("images", "masks")
    )
    if not any(map(_NAME.fullmatch, masks)):
        return []
    return [
        Case(name, name.split("_")[0], images.get(name), masks.get(name), convention="spider")
        for name in sorted({*images, *masks})
    ]
