"""Words that name somebody in a header: a text that would stay and has one of them goes too."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lumbardisc.io.deidentify.words import harmless

_LONG = 5  # letters; shorter words may well be part of others

Naming = re.Pattern[str]


def naming(names: Iterable[str], numbers: Iterable[str]) -> Naming | None:
    """What finds a word of these names or one of these numbers of patients in a text; None where there are none.

    Words of two Latin letters, and those that tell of images (``harmless``), name nobody.
    """
    words = {word for name in names for word in re.findall(r"[^\W\d_]+", name.lower())}
    told = {word for word in words if not word.isascii() or len(word) > 2}
    told |= {number.lower() for number in numbers if len(number) > 3}
    patterns = [_pattern(word) for word in sorted(told, key=len, reverse=True) if not harmless(word)]
    return re.compile("|".join(patterns)) if patterns else None


def names_one(text: str, names: Naming | None) -> bool:
    return names is not None and names.search(text.lower()) is not None


def _pattern(word: str) -> str:
    whole = re.escape(word)
    return whole if len(word) >= _LONG or not word.isascii() else rf"(?<![^\W_]){whole}(?![^\W\d_])"
