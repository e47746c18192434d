"""Which studies a user asks a PACS for: a Study Instance UID, or keywords of DICOM with their values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lumbardisc.errors import UsageError
from lumbardisc.io.dicom_header import printable

if TYPE_CHECKING:
    from pydicom import Dataset

STUDY, SERIES = "StudyInstanceUID", "SeriesInstanceUID"
# what is asked of a study (PS3.4 C.6.2.1): a PACS that does not know a keyword leaves it out and answers all it has
EXACT = (STUDY, "AccessionNumber", "PatientID", "StudyID", "PatientBirthDate", "PatientSex")
"""Keywords whose values are compared with what the PACS answers."""
KEYWORDS = (
    *EXACT,
    *("PatientName", "StudyDate", "StudyTime", "StudyDescription", "ModalitiesInStudy", "ReferringPhysicianName"),
)
_WILD = re.compile(r"[*?]")  # of matching by pattern (PS3.4 C.2.2.2.4), where values may differ


@dataclass(frozen=True)
class Query:
    """keys: value by keyword. text: as the user wrote it."""

    text: str
    keys: Mapping[str, str]

    def fits(self, answer: Dataset) -> bool:
        """Whether a study is one that was asked for; a value that the PACS does not tell fits."""
        exact = {keyword: value for keyword, value in self.keys.items() if _is_exact(keyword, value)}
        return all(text_of(answer, keyword) in ("", value) for keyword, value in exact.items())


def parse_query(text: str) -> Query:
    """``"1.2.840..."``, ``"PatientID=42,StudyDate=20240101-20240131"``. Raises UsageError."""
    if is_uid(text):
        return Query(text, {STUDY: text})
    keys: dict[str, str] = {}
    for part in re.split(r",(?=\w+=)", text):
        keyword, _, value = part.partition("=")
        if keyword not in KEYWORDS or not value.strip():
            raise UsageError(
                f"{text}: is neither a Study Instance UID nor KEYWORD=VALUE with one of {', '.join(KEYWORDS)}; "
                "write AccessionNumber=A123, or PatientID=42,StudyDate=20240101-20240131"
            )
        keys[keyword] = value.strip()
    if STUDY in keys and not is_uid(keys[STUDY]):
        raise UsageError(f"{text}: '{keys[STUDY]}' is no UID, which has digits and dots alone; copy it again")
    return Query(text, keys)


def is_uid(text: str) -> bool:
    """Whether a text is a UID (PS3.5 9.1), and so fit for a file name too; zeros before a number pass."""
    return len(text) <= 64 and re.fullmatch(r"[0-9]+(\.[0-9]+)+", text) is not None


def text_of(answer: Dataset, keyword: str) -> str:
    """What a PACS answers for a keyword, fit to be printed; empty where it tells nothing."""
    return printable(answer.get(keyword) or "").strip()


def _is_exact(keyword: str, value: str) -> bool:
    ranged = keyword == "PatientBirthDate" and "-" in value  # which may stand in an identifier
    return keyword in EXACT and not ranged and not _WILD.search(value)
