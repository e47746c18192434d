"""What our DICOM objects take over from the header of a source image: a short list, each value made fit to be written.

Real headers stray: UIDs are missing, dates have points, a sex is ``W``. What cannot be a value of its attribute is left
empty, as an object with a wrong value is refused by archives that accept one with none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from lumbardisc.io.dicom_header import printable, quietly

if TYPE_CHECKING:
    from pydicom import Dataset

UTF_8 = "ISO_IR 192"
"""Our objects' character set: it has every letter that a source may have."""

_LONG, _SHORT = 64, 16  # characters that the VRs LO and SH hold
_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d)?([0-5]\d|60)?(\.\d{1,6})?")


def cleaned(header: Dataset, study_uid: str, identified: bool) -> Dataset:
    """Patient, study and scanner of a header; without ``identified`` nobody's, and that is said (PS3.15 annex E).

    UIDs are kept in both cases, or the new objects would not lie on the user's images. Text is UTF-8.
    """
    from pydicom import Dataset

    dataset = Dataset()
    dataset.SpecificCharacterSet = UTF_8
    for keyword in _TYPE_2:
        setattr(dataset, keyword, "")
    with quietly():
        kept = _OF_SCANNER | (_OF_PATIENT | _OF_STUDY if identified else {})
        for keyword, read in kept.items():
            if value := read(_text(header.get(keyword))):
                setattr(dataset, keyword, value)
        if not identified:
            _nobody(dataset, study_uid)
    return dataset


def uid(value: object, otherwise: str) -> str:
    """A UID as it stands in a header, even where it is not quite valid; one that follows from a text if it is none."""
    from lumbardisc.io.dicom_write import uid_of

    text = _text(value)
    return text if re.fullmatch(r"[0-9.]{3,64}", text) else str(uid_of(otherwise))


def _nobody(dataset: Dataset, study_uid: str) -> None:
    """A patient without a name, told from those of other studies only by what follows from the study's UID."""
    from pydicom.sr.codedict import codes

    dataset.PatientName = "Anonymous^"
    dataset.PatientID = f"anonymous-{sha256(study_uid.encode()).hexdigest()[:12]}"
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = "lumbardisc: nothing but UIDs and the scanner is kept"
    options = codes.DCM.BasicApplicationConfidentialityProfile, codes.DCM.RetainUidsOption
    dataset.DeidentificationMethodCodeSequence = [_coded(option) for option in options]


def item(**attributes: Any) -> Dataset:
    """An item of a sequence, or a part of a data set."""
    from pydicom import Dataset

    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def _coded(code: Any) -> Dataset:
    return item(CodeValue=code.value, CodingSchemeDesignator=code.scheme_designator, CodeMeaning=code.meaning)


def _text(value: Any) -> str:
    """The first value as one line; an attribute of a wrong VR comes as bytes or as a sequence."""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if value is None or getattr(value, "VR", "") == "SQ" or isinstance(value, dict):
        return ""
    first = value if isinstance(value, str) or not hasattr(value, "__getitem__") else next(iter(value), "")
    return printable(first).replace("\\", " ").strip("\0 ")


def _line(text: str) -> str:
    return text[:_LONG]


def _short(text: str) -> str:
    return text[:_SHORT]


def _person(text: str) -> str:
    """At most three groups of 64 characters (PS3.5 6.2.1)."""
    return "=".join(group[:_LONG] for group in text.split("=")[:3])


def _date(text: str) -> str:
    """``YYYYMMDD``; with points as before DICOM 3 or with dashes it is understood too."""
    plain = re.sub(r"[.-]", "", text)
    try:
        return f"{datetime.strptime(plain, '%Y%m%d'):%Y%m%d}" if len(plain) == 8 else ""
    except ValueError:
        return ""


def _time(text: str) -> str:
    plain = text.replace(":", "")
    return plain if _TIME.fullmatch(plain) else ""


def _sex(text: str) -> str:
    return text.upper() if text.upper() in ("F", "M", "O") else ""


_OF_PATIENT: dict[str, Callable[[str], str]] = {
    "PatientName": _person,
    "PatientID": _line,
    "IssuerOfPatientID": _line,
    "PatientBirthDate": _date,
    "PatientSex": _sex,
}
_OF_STUDY: dict[str, Callable[[str], str]] = {
    "StudyDate": _date,
    "StudyTime": _time,
    "StudyID": _short,
    "AccessionNumber": _line,  # not cut to the 16 characters of its VR: a number that lost some is another's
    "StudyDescription": _line,
    "ReferringPhysicianName": _person,
    "InstitutionName": _line,
}
_OF_SCANNER: dict[str, Callable[[str], str]] = {"Manufacturer": _line, "ManufacturerModelName": _line}
# these must be there, and may be empty
_TYPE_2 = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
)
