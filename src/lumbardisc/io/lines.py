"""Words of others made fit for our own lines: file names, header values, what libraries say of damaged files."""

from __future__ import annotations

import re

_LONGEST = 150


def printable(value: object) -> str:
    """The value as text of one line, fit for a terminal."""
    return "".join(c for c in " ".join(str(value).split()) if c.isprintable())


def reason(error: Exception) -> str:
    """What a library says of a damaged file, cut where it is long; objects in angle brackets help nobody."""
    return re.sub(r"\s*<.*>", "", printable(error))[:_LONGEST] or type(error).__name__
