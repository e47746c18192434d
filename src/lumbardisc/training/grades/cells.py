"""What people write into the cells of a table of grades, understood: numbers, grades, levels, contrasts, patients."""

from __future__ import annotations

import re
import unicodedata

from lumbardisc.io import CONTRASTS
from lumbardisc.levels import DISCS, disc_label

_EMPTY = {"", "na", "n/a", "nan", "-", "?"}
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5}
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d*)?")
_LEVEL = re.compile(r"(TH|[TDL])(\d{1,2})[^A-Z0-9]*(?:(?<=[^A-Z0-9])(\d{1,2})|(TH|[TDL])(\d{1,2})|(S)1?)")
_CONTRASTS = {
    **{name.replace("_", ""): name for name in CONTRASTS},
    **{"t1w": "t1", "t2w": "t2", "space": "t2_space", "tirm": "stir"},
}


def clean(text: str) -> str:
    """Without blanks at its ends, and full-width and other presentation forms (３, Ⅲ, ／) as the plain characters."""
    return unicodedata.normalize("NFKC", text).strip()


def is_empty(text: str) -> bool:
    """Whether a cell says that nothing is known."""
    return clean(text).lower() in _EMPTY


def number(text: str) -> float | None:
    """``0.6`` or, with a decimal comma, ``0,6``; None for anything else."""
    plain = clean(text)
    return float(plain.replace(",", ".")) if _NUMBER.fullmatch(plain) else None


def whole(text: str) -> int | None:
    """``3``, also as spreadsheets export it (``3.0``, ``3,00``); None for anything else."""
    value = number(text)
    return int(value) if value is not None and value.is_integer() else None


def grade(text: str) -> int | None:
    """A Pfirrmann grade 1-5, in Arabic or Roman numerals; None for anything else."""
    value = _ROMAN.get(clean(text).upper(), whole(text))
    return value if value in _ROMAN.values() else None


def disc(text: str) -> int | None:
    """A disc by its level (``L4/L5``, ``L5-S1``, ``l4l5``, ``L4-5``, ``Th12/L1``) or its count from the bottom.

    Returns that count (1 = L5/S1); None for anything else.
    """
    count = whole(text)
    if count is None:
        return _by_level(clean(text).upper())
    return count if 1 <= count <= len(DISCS) else None


def _by_level(text: str) -> int | None:
    found = _LEVEL.fullmatch(text)
    if found is None:
        return None
    letter, upper, same, other, lower, sacrum = found.groups()
    below = f"{sacrum}1" if sacrum else _vertebra(other or letter, lower or same)
    name = f"{_vertebra(letter, upper)}/{below}"
    return disc_label(name) if name in DISCS else None


def _vertebra(letter: str, count: str) -> str:
    """Thoracic (in some countries dorsal) vertebrae are T here."""
    return f"{'L' if letter == 'L' else 'T'}{int(count)}"


def contrast(text: str) -> str | None:
    """One of ``io.CONTRASTS`` by its name or another usual one (``T2w``, ``t2_SPACE``, ``TIRM``); else None."""
    return _CONTRASTS.get(re.sub(r"[\s_-]", "", clean(text).lower()))


def patient(text: str) -> str:
    """A patient's name as it is compared: ``007``, ``7`` and ``7.0`` are one, as spreadsheets mix them up."""
    name = clean(text)
    digits = re.fullmatch(r"0*(\d+)(?:[.,]0)?", name, re.ASCII)
    return digits[1] if digits else name
