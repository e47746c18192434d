"""What is to be done with an attribute: Table E.1-1 of DICOM PS3.15 and its options, and the list of what is safe.

The table is that of dicom-anonymizer (Kitware, BSD 3-Clause), which takes it from the standard edition by edition. An
attribute that neither the table nor our list names is removed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from lumbardisc.io.deidentify.options import Option
from lumbardisc.io.deidentify.safe import SAFE

EDITION = "2026c"
"""Of the standard."""

_STRICTER = {
    "PatientName": "P",
    "PatientID": "P",
    "PositionReferenceIndicator": "Z",
    "ContentDescription": "Z",
    "BodyPartExamined": "C/X",
    "ContentLabel": "C/D",
    "SegmentLabel": "C/D",
    "TrackingID": "C/D",
    "SegmentDescription": "C/X",
    "DimensionDescriptionLabel": "C/X",
    "WindowCenterWidthExplanation": "C/X",
}
"""Ours: pseudonyms where the profile asks for nothing or a dummy, and text that the profile lets pass."""

_DATES = {"DA", "TM", "DT"}
_OF_BIRTH = {"PatientBirthDate", "PatientBirthTime"}  # E.3.6 keeps no date of birth, shifted or not


@cache
def table() -> Mapping[int, str]:
    """Tag -> action of the Basic Profile, such as ``X/Z/D``."""
    from dicomanonymizer.dicomfields_selector import dicom_anonymization_database_selector

    groups = dicom_anonymization_database_selector(f"dicomfields_{EDITION}")
    names = {name: name.removesuffix("_TAGS").replace("_STAR", "").replace("_", "/") for name in groups}
    del names["ALL_TAGS"]  # the others once more
    return {tag[0] << 16 | tag[1]: names[name] for name in names for tag in groups[name] if len(tag) == 2}


@dataclass(frozen=True)
class Profile:
    """The Basic Profile with some options."""

    options: tuple[Option, ...] = ()

    @cached_property
    def keeps_uids(self) -> bool:
        return any(option.uids for option in self.options)

    @cached_property
    def keeps_private(self) -> bool:
        return any(option.private for option in self.options)

    @cached_property
    def shifts_dates(self) -> bool:
        return any(option.dates for option in self.options)

    def actions(self, tag: int, loose: bool) -> Sequence[str]:
        """What is tried with an attribute in turn, until something stands; where nothing does it is removed.

        loose: whether the object demands none of the attributes for which the table gives a choice, so that the first
        and strictest is taken, and not the last, which suits every object.
        """
        keyword = _keyword(tag)
        options = [option.actions[keyword] for option in self.options if keyword in option.actions]
        return [*options, *self._usual(tag, keyword, loose)]

    def _usual(self, tag: int, keyword: str, loose: bool) -> Sequence[str]:
        if keyword in _STRICTER:
            return _STRICTER[keyword].split("/")
        if keyword in SAFE:
            return ["K"]
        choice = table().get(tag, "X").split("/")
        action = "U" if "U" in choice else choice[0] if loose else choice[-1]
        if action == "U" and self.keeps_uids:
            return ["K"]
        dated = self.shifts_dates and tag in table() and keyword not in _OF_BIRTH and _vr(tag) in _DATES
        return ["S", action] if dated else [action]


@cache
def _keyword(tag: int) -> str:
    from pydicom.datadict import keyword_for_tag

    return keyword_for_tag(tag)


@cache
def _vr(tag: int) -> str:
    from pydicom.datadict import dictionary_VR

    try:
        return dictionary_VR(tag)
    except KeyError:
        return ""
