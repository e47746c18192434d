"""Look-up tables that come with label maps: which number is which structure."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lumbardisc.errors import InputError, UnreadableError
from lumbardisc.io.blobs import unreadable
from lumbardisc.training.grades import cells

Names = Mapping[int, str]
_ITK_SNAP = re.compile(r"\s*(\d+)(?:\s+[\d.]+){6}\s+\"(.*)\"\s*")


def names_beside(folder: Path) -> Names | None:
    """The look-up table of a whole folder: ``dseg.tsv``, ``labels.tsv`` or ``labels.txt``. Raises InputError."""
    found = [folder / name for name in TABLES if (folder / name).is_file()]
    return read_names(found[0]) if found else None


def read_names(path: Path) -> Names:
    """Number -> name from one table. Raises InputError with one line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise unreadable(path, error) from error
    except UnicodeDecodeError:
        raise UnreadableError(f"{path}: is no text in UTF-8; save it so") from None
    return FORMATS[path.suffix](path, text)


def json_of(path: Path) -> dict[str, Any]:
    """An object in JSON. Raises InputError with one line."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise unreadable(path, error) from error
    except ValueError as error:
        raise InputError(f"{path}: is not JSON ({error}); repair it") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: holds no object in braces; repair it")
    return content


def _tsv(path: Path, text: str) -> Names:
    """BIDS: columns ``index`` and ``name``, or ``label`` for the latter."""
    rows = list(csv.DictReader(text.splitlines(), delimiter="\t"))
    numbered = [(cells.whole(row.get("index") or ""), row.get("name") or row.get("label") or "") for row in rows]
    if not rows or any(number is None for number, _ in numbered):
        raise InputError(f"{path}: needs the columns index (a whole number) and name, parted by tabs")
    return _once(path, [(number, name) for number, name in numbered if number])


def _itk_snap(path: Path, text: str) -> Names:
    """ITK-SNAP's label descriptions: number, colour, opacity, two switches, name in quotes."""
    found = [match for line in text.splitlines() if (match := _ITK_SNAP.fullmatch(line))]
    if not found:
        raise InputError(f"{path}: holds no label description; export them in ITK-SNAP, or name the file otherwise")
    return _once(path, [(int(match[1]), match[2]) for match in found if int(match[1])])


def _once(path: Path, named: Sequence[tuple[int, str]]) -> Names:
    """Number -> name. Raises InputError for a number with two names."""
    names = dict(named)
    if twice := [number for number, name in named if names[number] != name]:
        raise InputError(f"{path}: gives {twice[0]} two names; keep one")
    return names


TABLES = ("dseg.tsv", "labels.tsv", "labels.txt")
"""What a look-up table of a whole folder is called."""
FORMATS: Mapping[str, Callable[[Path, str], Names]] = {".tsv": _tsv, ".txt": _itk_snap}
"""Suffix of a look-up table -> its reader, given the file and its text."""
