"""Coded concepts: what anyone can look up stays, in the dictionary's own words; a code may say anything else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from lumbardisc.io.deidentify.words import harmless

if TYPE_CHECKING:
    from pydicom import Dataset

PUBLIC_SCHEMES = frozenset({"SCT", "SRT", "SNM3", "DCM", "UCUM", "LN", "FMA", "RADLEX", "NCIt", "UBERON"})
"""Coding schemes whose codes anyone can look up; those of a hospital may say anything."""

_VALUES = ("CodeValue", "LongCodeValue")
_PARTS = (*_VALUES, "CodeMeaning", "CodingSchemeDesignator", "CodingSchemeVersion")
_NUMBERED = re.compile(r"(RID|C)?\d{3,18}(-\d)?|[A-Z]\d?-[\dA-F]{3,6}")
"""How public schemes write their codes, but for units."""


def blank_code(dataset: Dataset, dummy: str) -> set[str]:
    """Make a coded concept say no more than its code in public does, and return the keywords of what was changed.

    The meaning becomes one of PS3.16 where that has the code, else stays where its words are known, else goes. A code
    of any other scheme, of none, or that is not written as codes are, becomes a dummy.
    """
    before = {keyword: _text(dataset, keyword) for keyword in _PARTS if keyword in dataset}
    if not before:
        return set()
    scheme = before.get("CodingSchemeDesignator", "")
    meaning = before.get("CodeMeaning", "")
    values = {before[keyword] for keyword in _VALUES if keyword in before}
    known = _dictionary(scheme).get("".join(values), ())
    after = {**before, "CodingSchemeVersion": ""}
    if known:
        after |= {"CodeMeaning": meaning if meaning in known else min(known, key=len)}
    elif scheme in PUBLIC_SCHEMES and all(map(_NUMBERED.fullmatch, values)):
        after |= {"CodeMeaning": meaning if harmless(meaning) else dummy}
    else:
        after |= {**dict.fromkeys(_PARTS, dummy), "CodingSchemeDesignator": f"99{dummy}", "CodingSchemeVersion": ""}
    for keyword in before:
        del dataset[keyword]
        if keyword != "CodingSchemeVersion":
            setattr(dataset, keyword, after[keyword])
    return {keyword for keyword, text in before.items() if after[keyword] != text}


def _text(dataset: Dataset, keyword: str) -> str:
    return str(dataset.get(keyword) or "").strip(" \0")


@cache
def _dictionary(scheme: str) -> Mapping[str, Sequence[str]]:
    """Meanings by code of a public scheme, as far as the context groups of PS3.16 use it."""
    from pydicom.sr.codedict import Collection, codes

    if scheme not in PUBLIC_SCHEMES or scheme not in codes.schemes():
        return {}
    meanings: dict[str, list[str]] = {}
    for code in Collection(scheme).concepts.values():
        meanings.setdefault(code.value, []).append(code.meaning)
    return meanings
