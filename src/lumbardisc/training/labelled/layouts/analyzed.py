"""Results of `lumbardisc analyze`, corrected or not, and the images they are of anywhere in the same folder."""

from __future__ import annotations

from pathlib import Path

from lumbardisc.io.images import suffix_of
from lumbardisc.io.names import safe
from lumbardisc.training.labelled.case import Case
from lumbardisc.training.labelled.files import below, by_stem, patient_of, stem
from lumbardisc.training.labelled.tables import json_of

LABELS, RECORD = "segmentation.nii.gz", "result.json"


def find(folder: Path) -> list[Case]:
    """Every folder with a label map and a record; its image is the file that has the study's name."""
    files = below(folder)
    results = [path.parent for path in files if path.name == RECORD and path.with_name(LABELS).is_file()]
    named = [(str(json_of(result / RECORD).get("name", result.name)), result) for result in results]
    called = {name for name, _ in named}
    others = [path for path in files if suffix_of(path.name) and path.parent not in results]
    images = by_stem([path for path in others if _study(path) in called], _study)
    return [
        Case(name, patient_of(name), images.get(name), result / LABELS, convention="lumbardisc")
        for name, result in sorted(named)
    ]


def _study(image: Path) -> str:
    """What `analyze` calls the study of an image."""
    return safe(stem(image))
