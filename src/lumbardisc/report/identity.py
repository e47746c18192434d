"""Who and which study a report is about, where it may say so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lumbardisc.io.dicom_header import printable, quietly
from lumbardisc.pipeline.study import Study

if TYPE_CHECKING:
    from pydicom import Dataset

_SEX = {"F": "female", "M": "male", "O": "other"}
_SHOWN = {
    "name": "Patient",
    "identifier": "ID",
    "birth_date": "Born",
    "sex": "Sex",
    "study_date": "Study of",
    "accession": "Accession",
    "study_description": "Study",
    "institution": "Institution",
    "referring": "Referred by",
}
_DATE = re.compile(r"(\d{4})[.-]?(\d{2})[.-]?(\d{2})")  # with points before DICOM 3


@dataclass(frozen=True)
class Identity:
    """The patient and the study of the source as they are shown; ``""`` where the source does not say.

    name, referring: ``Doe, Jane``, with the ideographic name behind it where there is one. Dates: YYYY-MM-DD.
    """

    name: str = ""
    identifier: str = ""
    birth_date: str = ""
    sex: str = ""
    study_date: str = ""
    accession: str = ""
    study_description: str = ""
    institution: str = ""
    referring: str = ""


def identity(study: Study, identified: bool) -> Identity | None:
    """What the study's DICOM images say of patient and study; None where it must not be told or there are none.

    Raises UnreadableError where the images are gone.
    """
    if not identified or study.origin is None:
        return None
    return of_header(study.origin.first_header())


def banner(identity: Identity | None) -> list[tuple[str, str]]:
    """(title, text) of what is known, for the head of page and PDF; empty where nothing may be told."""
    told = [(title, getattr(identity, key, "")) for key, title in _SHOWN.items()]
    return [(title, text) for title, text in told if text]


def of_header(header: Dataset) -> Identity:
    """The same of one image's header."""
    with quietly():
        return Identity(
            name=_person(header.get("PatientName")),
            identifier=_text(header.get("PatientID")),
            birth_date=_date(header.get("PatientBirthDate")),
            sex=_sex(header.get("PatientSex")),
            study_date=_date(header.get("StudyDate")),
            accession=_text(header.get("AccessionNumber")),
            study_description=_text(header.get("StudyDescription")),
            institution=_text(header.get("InstitutionName")),
            referring=_person(header.get("ReferringPhysicianName")),
        )


def _text(value: object) -> str:
    return "" if value is None else printable(value)


def _date(value: object) -> str:
    """``20240131`` -> ``2024-01-31``; what is no date stays as it is."""
    text = _text(value)
    parts = _DATE.fullmatch(text)
    return "-".join(parts.groups()) if parts else text


def _sex(value: object) -> str:
    return _SEX.get(_text(value).upper(), _text(value))


def _person(value: Any) -> str:
    """A person's name (PS3.5 6.2.1): alphabetic, ideographic and phonetic groups by ``=``, parts of each by ``^``."""
    alphabetic, ideographic, *_ = (*_text(value).split("="), "", "")
    shown = [one for one in (_spelt(alphabetic), _parts(ideographic)) if one]
    return f"{shown[0]} ({shown[1]})" if len(shown) == 2 else "".join(shown)


def _spelt(group: str) -> str:
    """``Doe^Jane^Q^Dr^PhD`` -> ``Doe, Dr Jane Q, PhD``."""
    family, given, middle, prefix, suffix = (*(part.strip() for part in group.split("^")), *[""] * 5)[:5]
    return ", ".join(part for part in (family, _parts(f"{prefix}^{given}^{middle}"), suffix) if part)


def _parts(group: str) -> str:
    return " ".join(part for part in (one.strip() for one in group.split("^")) if part)
