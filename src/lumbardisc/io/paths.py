"""What files and folders are called, and where they lie below what a user named."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path, PurePosixPath

from lumbardisc.io.blobs import Blob
from lumbardisc.io.dicom_header import Frame
from lumbardisc.io.images import suffix_of


def common_folder(frames: Sequence[Frame], root: Path) -> tuple[str, ...]:
    """The folders below ``root`` that all files of a study lie in."""
    folders = {inside(frame.blob, root).parent.parts for frame in frames}
    levels = zip(*folders, strict=False)
    return tuple(level[0] for level in takewhile(lambda level: len(set(level)) == 1, levels))


def inside(blob: Blob, root: Path) -> PurePosixPath:
    """Where a file lies below a folder or within a zip."""
    return PurePosixPath(blob.member) if blob.member else PurePosixPath(blob.path.relative_to(root).as_posix())


def real_path(path: Path) -> Path:
    """The path without links; unlike ``Path.resolve`` also of links that lead round."""
    return Path(os.path.realpath(path))


def name_of(path: Path) -> str:
    """What a folder, a zip or a file is called, without its suffix."""
    whole = real_path(path)
    return whole.name if whole.is_dir() else stem_of(whole.name)


def stem_of(name: str) -> str:
    """A file's name without its suffix; numbers with dots, as DICOM names its files by, stay whole."""
    suffix = suffix_of(name) or Path(name).suffix
    return name if suffix[1:].isdigit() else name[: len(name) - len(suffix)] or name
