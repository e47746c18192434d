"""Folders to write to."""

from __future__ import annotations

from pathlib import Path

from lumbardisc.errors import OutputError


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, where they are missing. Raises OutputError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be made ({error.strerror}); name another folder") from error
