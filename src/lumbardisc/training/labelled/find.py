"""What a folder holds: its layout, its cases, and whose they are."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from lumbardisc.errors import InputError
from lumbardisc.io.blobs import unreadable
from lumbardisc.training.grades.words import some
from lumbardisc.training.labelled.case import Case
from lumbardisc.training.labelled.layouts import LAYOUTS
from lumbardisc.training.splits import Part

PATIENTS = "patients.csv"
"""A table that tells whose a case is where names do not: columns ``case``, ``patient`` and, if you like, ``part``."""


@dataclass(frozen=True)
class Found:
    """layout: a row of ``LAYOUTS``. cases: in order, those that lack image or labels too."""

    folder: Path
    layout: str
    cases: tuple[Case, ...]


def find_cases(folder: Path) -> Found:
    """The cases of a folder in the first layout that fits. Raises InputError where none does."""
    try:
        folder.stat()
    except OSError as error:
        raise unreadable(folder, error) from error
    if not folder.is_dir():
        raise InputError(f"{folder}: is a file; give the folder of images and labels")
    for name, layout in LAYOUTS.items():
        cases = layout.find(folder)
        if any(case.labels for case in cases):
            _check_names(cases)
            return Found(folder, name, tuple(_owned(cases, folder / PATIENTS)))
    known = "; ".join(layout.title for layout in LAYOUTS.values())
    raise InputError(f"{folder}: holds no image with labels in a layout that is read here ({known})")


def _check_names(cases: Sequence[Case]) -> None:
    first: dict[str, Case] = {}
    for case in cases:
        if (other := first.setdefault(case.name, case)) is not case:
            one, another = case.labels or case.image, other.labels or other.image
            raise InputError(f"{one}: is called '{case.name}' as {another} is; rename one")


def _owned(cases: Sequence[Case], table: Path) -> list[Case]:
    """The cases with the patients and parts of the table, where there is one."""
    if not table.is_file():
        return list(cases)
    owners = _read(table)
    names = [case.name for case in cases]
    if unknown := sorted(set(owners) - set(names)):
        raise InputError(f"{table}: names '{unknown[0]}', and no case is called so; cases are {some(names)}")
    return [replace(case, **owners.get(case.name, {})) for case in cases]  # type: ignore[arg-type]


def _read(table: Path) -> Mapping[str, Mapping[str, str]]:
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            if not {"case", "patient"} <= set(rows.fieldnames or ()):
                raise KeyError
            return _by_case(table, rows)
    except OSError as error:
        raise unreadable(table, error) from error
    except (KeyError, UnicodeDecodeError, csv.Error):
        raise InputError(f"{table}: needs the columns case and patient (and part), in UTF-8") from None


def _by_case(table: Path, rows: Iterable[Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
    owners: dict[str, Mapping[str, str]] = {}
    for row in rows:
        if row["case"] in owners:
            raise InputError(f"{table}: names '{row['case']}' twice; keep one row for each case")
        owners[row["case"]] = _owner(table, row)
    return owners


def _owner(table: Path, row: Mapping[str, str]) -> dict[str, str]:
    patient = (row["patient"] or "").strip()
    if not patient:
        raise InputError(f"{table}: does not tell the patient of '{row['case']}'; fill the cell or take the row away")
    part = (row.get("part") or "").strip()
    if part and part not in get_args(Part):
        raise InputError(f"{table}: part '{part}' of {row['case']} is not one of {', '.join(get_args(Part))}")
    return {"patient": patient, **({"part": part} if part else {})}
