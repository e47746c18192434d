"""What tells one study's results from any other's: the bytes it is read from, settings, networks, version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lumbardisc import __version__

if TYPE_CHECKING:
    from lumbardisc.io import Source


def key_of(source: Source, settings: Mapping[str, Any]) -> str:
    """sha256 of contents and settings. Where a file lies and when it was written do not count, its bytes do.

    settings: all that the user set beside the inputs, and the cards of the networks; JSON-ready.
    """
    key = hashlib.sha256(json.dumps([__version__, settings], sort_keys=True, default=str).encode())
    for blob in source.files:
        digest = _digest_of_archive(blob.path, *_state(blob.path)) if blob.member else _digest(blob.path)
        key.update(f"{blob.member}\n{digest}\n".encode())
    return key.hexdigest()


@lru_cache(maxsize=4)  # one archive may hold many studies, one after the other
def _digest_of_archive(path: Path, _size: int, _changed_ns: int) -> str:
    return _digest(path)


def _state(path: Path) -> tuple[int, int]:
    """Size, and time of the last change in ns."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def _digest(path: Path) -> str:
    """sha256 of a file; one that cannot be read has none, and its study fails with the reason."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
