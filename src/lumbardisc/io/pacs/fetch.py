"""Studies of a PACS: which there are, and the MR images of one brought here, all of them or none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lumbardisc.errors import PacsError
from lumbardisc.io.acquisition import Acquisition
from lumbardisc.io.folders import make_folder
from lumbardisc.io.pacs.archive import Pacs
from lumbardisc.io.pacs.inbox import Inbox
from lumbardisc.io.pacs.query import SERIES, STUDY, Query, is_uid, text_of
from lumbardisc.io.series import is_localizer

if TYPE_CHECKING:
    from pydicom import Dataset

MOST = 50  # studies at a time; more are hardly meant, and all lie on this disk until the end
MOST_SERIES, MOST_IMAGES = 1000, 20000
_COUNT = "NumberOfSeriesRelatedInstances"


@dataclass(frozen=True)
class Match:
    """A study at a PACS: what names it, and nothing of the patient."""

    uid: str
    date: str
    description: str

    def __str__(self) -> str:
        return " ".join(filter(None, (self.uid, self.date, self.description)))


def find_studies(pacs: Pacs, query: Query) -> list[Match]:
    """Every study that fits, the latest last. Raises PacsError, also where they are more than ``MOST`` or not those
    that were asked for."""
    keys = {STUDY: "", "StudyDate": "", "StudyDescription": "", **query.keys}
    answers = pacs.find("STUDY", keys, MOST)
    if not all(query.fits(answer) and is_uid(text_of(answer, STUDY)) for answer in answers):
        raise PacsError(f"{pacs.address}: answers studies that do not fit {query.text}; ask by Study Instance UID")
    if len(answers) > MOST:
        raise PacsError(f"{pacs.address}: more than {MOST} studies fit {query.text}; narrow it, by StudyDate for one")
    told = ([text_of(answer, keyword) for keyword in (STUDY, "StudyDate", "StudyDescription")] for answer in answers)
    matches = {texts[0]: Match(*texts) for texts in told}  # two patients may share a UID, and are retrieved at once
    return sorted(matches.values(), key=lambda match: (match.date, match.uid))


def fetch(pacs: Pacs, study: str, folder: Path) -> int:
    """Retrieve the MR series of a study, localizers left out, into ``folder``; how many images.

    Raises PacsError where there is none or any image stays away, OutputError where one cannot be kept.
    """
    return sum(_fetch_series(pacs, study, series, folder) for series in _mr_series(pacs, study))


def _mr_series(pacs: Pacs, study: str) -> list[Dataset]:
    keys = {STUDY: study, **dict.fromkeys((SERIES, "Modality", "SeriesNumber", "SeriesDescription", _COUNT), "")}
    found = pacs.find("SERIES", keys, MOST_SERIES)
    fit = [one for one in found if text_of(one, "Modality") == "MR" and is_uid(text_of(one, SERIES))]
    if not fit:
        there = ", ".join(sorted({text_of(one, "Modality") or "?" for one in found})) or "nothing"
        raise PacsError(f"{pacs.address}: has no MR series of this study, only {there}; ask for another study")
    images = [one for one in fit if not is_localizer(Acquisition(description=text_of(one, "SeriesDescription")).text)]
    return images or fit


def _fetch_series(pacs: Pacs, study: str, series: Dataset, folder: Path) -> int:
    uid = text_of(series, SERIES)
    inbox = Inbox(folder / uid, study, uid, pacs.address)
    make_folder(inbox.folder)
    pacs.retrieve(inbox)
    came, all_ = len(inbox.instances), _images(pacs, study, series)
    if came < all_:
        name = f"series {text_of(series, 'SeriesNumber') or uid}"
        raise PacsError(
            f"{pacs.address}: sent {came} of the {all_} images of {name}; try again when it has all of them"
        )
    return came


def _images(pacs: Pacs, study: str, series: Dataset) -> int:
    """How many the series has; counted where the PACS does not say, as it need not."""
    told = text_of(series, _COUNT)
    keys = {STUDY: study, SERIES: text_of(series, SERIES), "SOPInstanceUID": ""}
    return int(told) if told.isdecimal() else len(pacs.find("IMAGE", keys, MOST_IMAGES))
