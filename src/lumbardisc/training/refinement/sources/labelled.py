"""A folder of one's own images and label maps, in any layout that ``data check`` knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lumbardisc.levels import are_discs
from lumbardisc.pipeline.contrast import contrast_from_image
from lumbardisc.training.labelled.find import find_cases
from lumbardisc.training.labelled.load import Reader
from lumbardisc.training.refinement.discs import OutlinedDiscs


def read(folder: Path) -> Iterator[OutlinedDiscs]:
    """Every case that has image and outlines. Raises InputError for a folder or case that cannot be read."""
    found = find_cases(folder)
    reader = Reader.of(found)
    for case in (case for case in found.cases if case.image and case.labels):
        read = reader.read(case)
        discs = np.where(are_discs(read.labels), read.labels, 0).astype(np.uint8)
        contrast = contrast_from_image(read.volume.array, read.labels.astype(np.int16)) or "t2"
        yield OutlinedDiscs(
            "labelled", case.patient, case.name, contrast, read.volume.array, discs, read.volume.spacing
        )
