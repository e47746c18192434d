"""What can become of one attribute: the actions of DICOM PS3.15 E.1.1 by letter, and ours beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from lumbardisc.io.deidentify.codes import blank_code
from lumbardisc.io.deidentify.names import Naming, names_one
from lumbardisc.io.deidentify.profile import Profile
from lumbardisc.io.deidentify.secret import Secret
from lumbardisc.io.deidentify.words import harmless

if TYPE_CHECKING:
    from pydicom import DataElement, Dataset
    from pydicom.tag import BaseTag

REMOVED = "removed"
"""The outcome where nothing stands."""

DUMMY = "REMOVED"
_DUMMIES = {
    **dict.fromkeys(("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UT"), DUMMY),
    **dict.fromkeys(("DS", "IS"), "0"),
    **dict.fromkeys(("FD", "FL", "SL", "SS", "SV", "UL", "US", "UV"), 0),
    **dict.fromkeys(("OB", "OW", "UN"), b"\0\0"),
    **{"AS": "000Y", "DA": "19000101", "DT": "19000101000000", "TM": "000000", "UR": "urn:removed"},
}
_FORMS = {
    "AS": r"\d{3}[DWMY]",
    "CS": r"[A-Za-z0-9 _.+*/-]{0,16}",  # in small letters too, as scanners stray
    "DA": r"\d{8}",
    "DS": r"(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)?",
    "DT": r"\d{8}[\d.+-]*",
    "IS": r"(?:[+-]?\d{1,10})?",
    "TM": r"[\d.]*",
    "UI": r"[\d.]{1,64}",
}
_WORDS = {"CS", "LO", "LT", "SH", "ST", "UC", "UT"}
PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_OLDEST = 90  # above it few enough are left to tell one by her age (HIPAA Safe Harbor, 45 CFR 164.514(b)(2))


@dataclass
class Cleaning:
    """How one object is cleaned, and what became of its attributes.

    days: by how many the patient's dates move. loose: see ``Profile.actions``. names: what finds words in a text that
    name somebody. done: (keyword or tag, outcome).
    """

    profile: Profile
    secret: Secret
    pseudonym: str
    days: int
    loose: bool
    names: Naming | None = None
    done: set[tuple[str, str]] = field(default_factory=set)

    def clean(self, dataset: Dataset) -> None:
        """Clean a dataset and, through its sequences, all that is in it."""
        from lumbardisc.io.deidentify.private import safe_private

        self.done |= {(keyword, OUTCOMES["D"]) for keyword in blank_code(dataset, DUMMY)}
        private = safe_private(dataset) if self.profile.keeps_private else set()
        for tag in list(dataset.keys()):
            if tag not in private:
                self._attribute(dataset, tag)

    def _attribute(self, dataset: Dataset, tag: BaseTag) -> None:
        kept, outcome = self._kept(dataset, tag)
        if kept is None:
            del dataset[tag]
        else:
            dataset[tag] = kept
        self.done.add((_name(tag), outcome))

    def _kept(self, dataset: Dataset, tag: BaseTag) -> tuple[DataElement | None, str]:
        """What stands in place of an attribute, and how that is told. What goes anyway is not even decoded."""
        actions = [letter for letter in self.profile.actions(tag, self.loose) if letter != "X"]
        element = _element(dataset, tag) if actions else None
        if element is None:
            return None, REMOVED
        tried = ((ACTIONS[letter](element, self), OUTCOMES[letter]) for letter in actions)
        return next(((kept, outcome) for kept, outcome in tried if kept is not None), (None, REMOVED))


def _element(dataset: Dataset, tag: BaseTag) -> DataElement | None:
    """An attribute, None where its bytes cannot be what they claim to be."""
    try:
        element: DataElement = dataset[tag]
        return element
    except Exception:  # pydicom raises many types for a value that does not fit
        return None


def _name(tag: BaseTag) -> str:
    from pydicom.datadict import keyword_for_tag

    private = "private " if tag.is_private else ""
    return keyword_for_tag(tag) or f"{private}({tag.group:04x},{tag.element:04x})"


def _keep(element: DataElement, how: Cleaning) -> DataElement | None:
    """As it is, where it is what the standard says it is and names nobody; a sequence cleaned, of images in it too."""
    if not _as_declared(element) or _names_one(element, how):
        return None
    for item in element.value if element.VR == "SQ" else ():
        for keyword in PIXELS:
            item.pop(keyword, None)
        how.clean(item)
    return element


def _names_one(element: DataElement, how: Cleaning) -> bool:
    return element.VR in _WORDS and any(names_one(text, how.names) for text in _texts(element))


def _as_declared(element: DataElement) -> bool:
    """Whether the type of an attribute is that of the dictionary, and its values are written as the type says."""
    from pydicom.datadict import dictionary_VR

    if element.VR not in dictionary_VR(element.tag):  # "US or SS" holds both
        return False
    form = _FORMS.get(element.VR)
    return form is None or all(re.fullmatch(form, text) for text in _texts(element))


def _texts(element: DataElement) -> list[str]:
    """The values as text; none where there is nothing."""
    value = element.value
    values = [] if value in (None, "") else value if element.VM > 1 else [value]
    return [str(getattr(one, "original_string", one)).strip(" \0") for one in values]


def _set(element: DataElement, value: Any) -> DataElement:
    from pydicom import DataElement

    return DataElement(element.tag, element.VR, value)


def _empty(element: DataElement, _: Cleaning) -> DataElement:
    return _set(element, [] if element.VR == "SQ" else None)


def _dummy(element: DataElement, _: Cleaning) -> DataElement | None:
    """None for a sequence: no image demands one of those that the table gives a dummy to."""
    return None if element.VR not in _DUMMIES else _set(element, _DUMMIES[element.VR])


def _new_uid(element: DataElement, how: Cleaning) -> DataElement | None:
    """New UIDs for all that are not DICOM's own, of classes and syntaxes; in a sequence for those within."""
    if element.VR == "SQ":
        return _keep(element, how)
    if element.VR != "UI":
        return None
    values = [uid if standard_name(uid) else how.secret.uid(uid) for uid in _texts(element)]
    return _set(element, values or None)


def standard_name(uid: str) -> str:
    """What the standard calls a UID of its own; empty for all others (PS3.6 A)."""
    from pydicom.uid import UID

    name = UID(uid).name
    return "" if name == uid else name


def _known_words(element: DataElement, how: Cleaning) -> DataElement | None:
    known = element.VR in _WORDS and all(map(harmless, _texts(element)))
    return element if known and not _names_one(element, how) else None


def _shifted(element: DataElement, how: Cleaning) -> DataElement | None:
    """Dates moved by the patient's number of days, times of day as they are."""
    texts = _texts(element)
    if element.VR not in ("DA", "DT", "TM") or not all(re.fullmatch(_FORMS[element.VR], text) for text in texts):
        return None
    if element.VR == "TM":
        return element
    try:
        return _set(element, [_shift(text, how.days) for text in texts] or None)
    except (ValueError, OverflowError):
        return None


def _shift(text: str, days: int) -> str:
    day = date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:8]}") + timedelta(days)
    return f"{day:%Y%m%d}{text[8:]}"


def _age(element: DataElement, _: Cleaning) -> DataElement | None:
    if not _as_declared(element):
        return None
    old = any(text.endswith("Y") and int(text[:3]) > _OLDEST for text in _texts(element))
    return _set(element, f"{_OLDEST:03d}Y") if old else element


def _pseudonym(element: DataElement, how: Cleaning) -> DataElement:
    return _set(element, how.pseudonym)


Action = Callable[["DataElement", Cleaning], "DataElement | None"]
ACTIONS: Mapping[str, Action] = {
    "K": _keep,
    "Z": _empty,
    "D": _dummy,
    "U": _new_uid,
    "C": _known_words,
    "S": _shifted,
    "A": _age,
    "P": _pseudonym,
}
"""What stands in place of an attribute; None where it cannot be done, so that the next is tried."""

OUTCOMES = {
    "K": "kept",
    "Z": "emptied",
    "D": "replaced by a dummy",
    "U": "new UIDs",
    "C": "kept, its words are known",
    "S": "dates shifted",
    "A": f"kept, {_OLDEST} at most",
    "P": "replaced by the pseudonym",
}
