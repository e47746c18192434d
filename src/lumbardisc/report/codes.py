"""What each label is called in SNOMED CT, as the context groups of DICOM PS3.16 have it.

Discs are those of CID 7604, vertebrae those of CID 7603; both say that the structure itself is meant. The vertebral
canal is of CID 6115, regions of the spine are of CID 4. A body is coded as its vertebra: DICOM has no code for the body
of a single one.
"""

from __future__ import annotations

from dataclasses import dataclass

from lumbardisc import levels


@dataclass(frozen=True)
class Code:
    """A coded concept. scheme: designator of the coding scheme, ``SCT`` for SNOMED CT."""

    value: str
    scheme: str
    meaning: str


@dataclass(frozen=True)
class Structure:
    """A structure by three codes: what kind of thing it is, which one, and the part of the spine it belongs to.

    ``type`` tells the level, so it is the finding site of what is measured there.
    """

    category: Code
    type: Code
    region: Code


def sct(value: str, meaning: str) -> Code:
    """A concept of SNOMED CT."""
    return Code(value, "SCT", meaning)


ANATOMICAL_STRUCTURE = sct("91723000", "Anatomical Structure")
LUMBAR_SPINE = sct("122496007", "Lumbar spine")
_THORACIC_SPINE = sct("122495006", "Thoracic spine")
_THORACOLUMBAR_SPINE = sct("1217256009", "Thoraco-lumbar spine")
_LUMBOSACRAL_SPINE = sct("1217253001", "Lumbo-sacral spine")
_SPINE = sct("421060004", "Spine")

_REGIONS = {
    ("T", "T"): _THORACIC_SPINE,
    ("T", "L"): _THORACOLUMBAR_SPINE,
    ("L", "L"): LUMBAR_SPINE,
    ("L", "S"): _LUMBOSACRAL_SPINE,
}
_DISCS = {
    "L5/S1": "715056000",
    "L4/L5": "84020006",
    "L3/L4": "62551000",
    "L2/L3": "67459009",
    "L1/L2": "80064006",
    "T12/L1": "76206002",
    "T11/T12": "1537001",
    "T10/T11": "34959001",
    "T9/T10": "113209001",
    "T8/T9": "9188009",
    "T7/T8": "28693002",
    "T6/T7": "74401007",
    "T5/T6": "72692000",
    "T4/T5": "82965004",
    "T3/T4": "2620004",
    "T2/T3": "6004007",
    "T1/T2": "40908007",
}
_VERTEBRAE = {
    "L5": "49668003",
    "L4": "11994002",
    "L3": "36470004",
    "L2": "14293000",
    "L1": "66794005",
    "T12": "23215003",
    "T11": "12989004",
    "T10": "7610001",
    "T9": "82687006",
    "T8": "11068009",
    "T7": "62487009",
    "T6": "45296009",
    "T5": "56401006",
    "T4": "73071006",
    "T3": "1626008",
    "T2": "53733008",
    "T1": "64864005",
}


def anatomy(label: int) -> Structure:
    """The codes of a label number of ``levels.table()``. Raises IndexError for any other."""
    if label == levels.SACRUM:
        return Structure(ANATOMICAL_STRUCTURE, sct("54735007", "Sacrum"), _LUMBOSACRAL_SPINE)
    if label == levels.CANAL:
        return Structure(ANATOMICAL_STRUCTURE, sct("61853006", "Vertebral canal"), _SPINE)
    if levels.is_body(label):
        return _vertebra(levels.body_name(label - levels.SACRUM))
    return _disc(levels.disc_name(label))


def _disc(name: str) -> Structure:
    upper, lower = name.split("/")
    return Structure(ANATOMICAL_STRUCTURE, sct(_DISCS[name], f"{name} disc"), _REGIONS[upper[0], lower[0]])


def _vertebra(name: str) -> Structure:
    return Structure(ANATOMICAL_STRUCTURE, sct(_VERTEBRAE[name], f"{name} vertebra"), _REGIONS[name[0], name[0]])
