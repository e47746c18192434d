"""Names of studies: fit for a folder on any system, unique within a call."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence

LONGEST = 60  # characters; four-byte ones stay below the 255 bytes of a file name


def safe(text: str) -> str:
    """The text with letters and digits of any script, dots, dashes and underscores only; ``study`` if none are left."""
    plain = "".join(c if c.isalnum() or c in ".-_" else "_" for c in unicodedata.normalize("NFC", text))
    return plain.strip("._-")[:LONGEST].rstrip("._-") or "study"


def unique(wishes: Sequence[tuple[str, str]]) -> list[str]:
    """One name per (short, long) wish: the short one where nothing else wants it, else the long one, else numbered.

    Names that differ in case only count as the same, as they do on some disks.
    """
    wanted = Counter(safe(short).casefold() for short, _ in wishes)
    taken: set[str] = set()
    names: list[str] = []
    for short, long in wishes:
        base = safe(short if wanted[safe(short).casefold()] == 1 else long)
        numbered = (base if count == 1 else f"{base}_{count}" for count in range(1, len(wishes) + 2))
        name = next(name for name in numbered if name.casefold() not in taken)
        taken.add(name.casefold())
        names.append(name)
    return names
