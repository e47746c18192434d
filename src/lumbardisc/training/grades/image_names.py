"""Which image is whose, told by names: PATIENT or PATIENT_CONTRAST, and the same with ``_mask`` for its mask."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from lumbardisc.io.blobs import unreadable
from lumbardisc.io.images import suffix_of
from lumbardisc.training.grades import cells
from lumbardisc.training.grades.data import GradedImage
from lumbardisc.training.grades.headers import DICOM_SUFFIXES, contrast_of, stem
from lumbardisc.training.grades.image_list import refuse_picture
from lumbardisc.training.grades.words import counted, some

MASK = "_mask"
_SEPARATOR = re.compile(r"[_\-\s]+")


@dataclass(frozen=True)
class _Entry:
    """A file, or the folder of a DICOM study. names: what it may be known by, the best first."""

    path: Path
    names: tuple[str, ...]


@dataclass(frozen=True)
class _Owner:
    """Whose an entry is. contrast: None where its name tells none."""

    patient: str
    contrast: str | None


def find_images(folder: Path, patients: Collection[str]) -> tuple[list[GradedImage], tuple[str, ...]]:
    """The images in a folder and in the folders in it, as far as their names tell of which patient they are.

    A folder ``12`` may hold image files (``t2.nii.gz`` is then 12's T2) or a DICOM study. Returns the images, those
    whose name begins with no patient under their own name, and notes. Raises InputError.
    """
    entries = list(_entries(folder))
    masks = [entry.path for entry in entries if stem(entry.path.name).endswith(MASK)]
    by_case = {_case(folder, path): path for path in masks}
    images = [_image(folder, entry, patients, by_case) for entry in entries if entry.path not in masks]
    used = {image.mask for image in images}
    return images, _alone([path.relative_to(folder).as_posix() for path in masks if path not in used])


def _entries(folder: Path) -> Iterator[_Entry]:
    for path in _listing(folder):
        if _is_image(path):
            yield _Entry(path, (stem(path.name),))
        elif path.is_dir():
            yield from _within(path)


def _within(folder: Path) -> Iterator[_Entry]:
    """The image files of a folder; the folder itself, a DICOM study, where it has none and is not empty."""
    files = _listing(folder)
    images = [path for path in files if path.is_file() and suffix_of(path.name)]
    if images:
        yield from (_Entry(path, (stem(path.name), f"{folder.name}_{stem(path.name)}")) for path in images)
    elif files:
        yield _Entry(folder, (folder.name,))


def _listing(folder: Path) -> list[Path]:
    """What is in a folder, hidden files left out. Raises InputError."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise unreadable(folder, error) from error


def _is_image(path: Path) -> bool:
    return path.is_file() and (suffix_of(path.name) is not None or path.suffix.lower() in DICOM_SUFFIXES)


def _image(folder: Path, entry: _Entry, patients: Collection[str], masks: dict[str, Path]) -> GradedImage:
    case = _case(folder, entry.path)
    owner = next(filter(None, (_owner(name, patients) for name in entry.names)), None)
    if owner is None:
        return GradedImage(entry.names[-1], case, entry.path)
    refuse_picture(entry.path, str(entry.path))
    contrast = owner.contrast or contrast_of(entry.path)
    return GradedImage(owner.patient, case, entry.path, contrast, mask=masks.get(f"{case}{MASK}"))


def _owner(name: str, patients: Collection[str]) -> _Owner | None:
    """The longest beginning of a name that is a patient, if the rest is empty or a contrast."""
    ends = [len(name), *reversed([match.start() for match in _SEPARATOR.finditer(name)])]
    for end in ends:
        patient, rest = cells.patient(name[:end]), name[end:]
        contrast = cells.contrast(rest)
        if patient in patients and (contrast or not rest):
            return _Owner(patient, contrast)
    return None


def _case(folder: Path, path: Path) -> str:
    return stem(path.relative_to(folder).as_posix()).replace("/", "_")


def _alone(masks: list[str]) -> tuple[str, ...]:
    return (f"{counted(len(masks), 'mask')} without an image of the same name: {some(masks)}",) if masks else ()
