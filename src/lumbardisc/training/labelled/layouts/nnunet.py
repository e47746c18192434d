"""nnU-Net: ``imagesTr/CASE_0000.nii.gz`` with ``labelsTr/CASE.nii.gz`` and ``dataset.json``; ``Ts`` is for testing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lumbardisc.training.labelled.case import Case
from lumbardisc.training.labelled.files import by_stem, images_in, patient_of, stem
from lumbardisc.training.labelled.tables import Names, json_of

CHANNEL = "_0000"
"""Only the first channel is read."""


def find(folder: Path) -> list[Case]:
    """Every case of both parts; test images without labels are left alone."""
    table = folder / "dataset.json"
    names = _names(json_of(table)) if table.is_file() else None
    return [*_cases(folder, "Tr", names), *(case for case in _cases(folder, "Ts", names) if case.labels)]


def _cases(folder: Path, part: str, names: Names | None) -> Iterator[Case]:
    images = by_stem(filter(_first, images_in(folder / f"images{part}")), lambda path: stem(path).removesuffix(CHANNEL))
    labels = by_stem(images_in(folder / f"labels{part}"))
    for name in sorted({*images, *labels}):
        patient = patient_of(name)
        kept = "test" if part == "Ts" else None
        yield Case(name, patient, images.get(name), labels.get(name), names=names, part=kept)  # type: ignore[arg-type]


def _first(path: Path) -> bool:
    return stem(path).endswith(CHANNEL)


def _names(dataset: dict[str, object]) -> Names | None:
    """Labels of version 2 (name: number) or 1 (number: name); regions of several numbers are left out."""
    labels = dataset.get("labels")
    if not isinstance(labels, dict):
        return None
    pairs = [(key, value) if str(key).isdecimal() else (value, key) for key, value in labels.items()]
    names = {int(number): str(name) for number, name in pairs if str(number).isdecimal()}
    return {number: name for number, name in names.items() if number}
