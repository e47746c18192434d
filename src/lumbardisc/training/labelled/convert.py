"""Images and labels written in another layout, in our numbers; names stay."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lumbardisc import levels
from lumbardisc.errors import InputError, OutputError
from lumbardisc.io import save_nifti
from lumbardisc.io.folders import make_folder
from lumbardisc.io.names import safe
from lumbardisc.training.labelled.case import Case, Labelled
from lumbardisc.training.labelled.find import Found
from lumbardisc.training.labelled.load import Reader
from lumbardisc.training.labelled.oddities import name_of
from lumbardisc.volume import LabelMap, Volume


@dataclass(frozen=True)
class Target:
    """paths: where image and labels of a case go, below OUT. finish: writes what a data set needs besides, given the
    cases that were written and the numbers that their label maps hold, by ours. gapless: those must be 1, 2, 3, ...
    """

    paths: Callable[[Case], tuple[str, str]]
    finish: Callable[[Path, Sequence[Case], Mapping[int, int]], None]
    gapless: bool = False


def convert(found: Found, reader: Reader, out: Path, target: str, progress: Callable[[str, float], None]) -> list[str]:
    """Write every case that has both image and labels; returns a line for each that could not be.

    target: a row of ``TARGETS``. Volumes are written in the working order. Raises OutputError, and writes nothing,
    where a file would be written over, InputError where two cases would get one name.
    """
    row, written, problems = TARGETS[target], list[Case](), list[str]()
    paths = {case.name: [out / path for path in row.paths(case)] for case in found.cases}
    if there := [path for pair in paths.values() for path in pair if path.exists()]:
        raise OutputError(f"{there[0]}: is there already; nothing is written over, name another folder")
    if twice := [path for path, cases in Counter(first for first, _ in paths.values()).items() if cases > 1]:
        raise InputError(f"{found.folder}: two cases would be written as {twice[0].name}; rename one")
    numbers = _numbers(found, reader) if row.gapless else {label.index: label.index for label in levels.table()}
    for index, case in enumerate(found.cases):
        progress(case.name, index / len(found.cases))
        try:
            _write(reader.read(case), numbers, *paths[case.name])
            written.append(case)
        except InputError as error:
            problems.append(str(error))
    if written:
        row.finish(out, written, numbers)
    return problems


def _numbers(found: Found, reader: Reader) -> Mapping[int, int]:
    """Our numbers that occur -> 1, 2, 3, ..."""
    present: set[int] = set()
    for case in found.cases:
        with suppress(InputError):  # told when the case is written
            present.update(np.unique(reader.read(case).labels).tolist())
    return {label: number for number, label in enumerate(sorted(present - {0}), start=1)}


def _write(one: Labelled, numbers: Mapping[int, int], image: Path, labels: Path) -> None:
    if one.boxes:
        raise InputError(f"{one.case.labels}: holds boxes, no outlines; only outlines are written in other layouts")
    table = np.zeros(levels.CANAL + 1, dtype=np.int32)
    table[list(numbers)] = list(numbers.values())
    for path in (image, labels):
        make_folder(path.parent)
    save_nifti(Volume(np.ascontiguousarray(one.volume.array), one.volume.affine), image)
    save_nifti(LabelMap(table[one.labels], one.volume.affine), labels)


def _own_paths(case: Case) -> tuple[str, str]:
    return f"{case.name}.nii.gz", f"truth/{case.name}.nii.gz"


def _nnunet_paths(case: Case) -> tuple[str, str]:
    part = "Ts" if case.part == "test" else "Tr"
    return f"images{part}/{case.name}_0000.nii.gz", f"labels{part}/{case.name}.nii.gz"


def _bids_paths(case: Case) -> tuple[str, str]:
    """Labels of BIDS are letters and digits; what tells images of a patient apart becomes the acquisition."""
    subject = "".join(filter(str.isalnum, safe(case.patient)))
    rest = "".join(filter(str.isalnum, safe(case.name.removeprefix(case.patient) or "scan")))
    start, suffix = f"sub-{subject}_acq-{rest}", "T1w" if rest.lower().startswith("t1") else "T2w"
    folder = f"sub-{subject}/anat"
    return f"{folder}/{start}_{suffix}.nii.gz", f"derivatives/labels/{folder}/{start}_{suffix}_desc-own_dseg.nii.gz"


def _own(out: Path, cases: Sequence[Case], numbers: Mapping[int, int]) -> None:
    """Names and numbers are ours already."""
    del out, cases, numbers


def _nnunet(out: Path, cases: Sequence[Case], numbers: Mapping[int, int]) -> None:
    """``dataset.json``: names tell what the numbers are."""
    names = {"background": 0, **{name_of(label): number for label, number in numbers.items()}}
    count = sum(case.part != "test" for case in cases)
    facts = {"channel_names": {"0": "MRI"}, "labels": names, "numTraining": count, "file_ending": ".nii.gz"}
    _json(out / "dataset.json", facts)


def _bids(out: Path, cases: Sequence[Case], numbers: Mapping[int, int]) -> None:
    """Two descriptions and the look-up table."""
    del cases
    derived = out / "derivatives" / "labels"
    described = {"Name": "lumbar MRI", "BIDSVersion": "1.10.0"}
    _json(out / "dataset_description.json", {**described, "DatasetType": "raw"})
    made_by = {"DatasetType": "derivative", "GeneratedBy": [{"Name": "lumbardisc"}]}
    _json(derived / "dataset_description.json", {**described, **made_by})
    rows = [f"{number}\t{name_of(label)}" for label, number in numbers.items()]
    (derived / "dseg.tsv").write_text("\n".join(["index\tname", *rows, ""]), encoding="utf-8")


def _json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


TARGETS: Mapping[str, Target] = {
    "lumbardisc": Target(_own_paths, _own),
    "nnunet": Target(_nnunet_paths, _nnunet, gapless=True),
    "bids": Target(_bids_paths, _bids),
}
