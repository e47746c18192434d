"""Files of a folder by what their names tell: images, stems, patients."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from lumbardisc.errors import InputError
from lumbardisc.io.blobs import unreadable, walk
from lumbardisc.io.images import suffix_of
from lumbardisc.training.grades import cells
from lumbardisc.training.grades.headers import stem as image_stem

_SEPARATOR = re.compile(r"[_\-\s]+")


def listing(folder: Path) -> list[Path]:
    """What is in a folder, sorted, hidden files left out; nothing where there is no such folder. Raises InputError."""
    if not folder.is_dir():
        return []
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise unreadable(folder, error) from error


def images_in(folder: Path) -> list[Path]:
    """The image files of a folder, sorted. Raises InputError."""
    return [path for path in listing(folder) if path.is_file() and suffix_of(path.name)]


def below(folder: Path) -> list[Path]:
    """Every file below a folder, sorted, hidden ones and zips left out. Raises InputError."""
    return [blob.path for blob in walk(folder) if not blob.member] if folder.is_dir() else []


def stem(path: Path) -> str:
    """A file's name without its suffix, ``.seg.nrrd`` and ``.nii.gz`` as one."""
    return image_stem(path.name).removesuffix(".seg")


def patient_of(name: str) -> str:
    """Whose an image is by its name: what stands before a contrast at its end (``12_t2`` is 12's), else all of it."""
    parts = ((name[: match.start()], name[match.end() :]) for match in _SEPARATOR.finditer(name))
    return next((before for before, after in parts if before and cells.contrast(after)), name)


def by_stem(paths: Iterable[Path], name_of: Callable[[Path], str] = stem) -> dict[str, Path]:
    """Stem, or what ``name_of`` makes of a path, -> path. Raises InputError where two have one name."""
    found: dict[str, Path] = {}
    for path in paths:
        if (first := found.setdefault(name_of(path), path)) != path:
            raise InputError(f"{path}: has the same name as {first}; keep one of the two in this folder")
    return found
