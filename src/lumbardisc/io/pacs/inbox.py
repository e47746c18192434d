"""Where retrieved images are kept: each a file, and none that was not asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from lumbardisc.errors import OutputError, PacsError
from lumbardisc.io.dicom_header import parse
from lumbardisc.io.pacs.address import Address
from lumbardisc.io.pacs.failures import endless
from lumbardisc.io.pacs.limits import Allowance
from lumbardisc.io.pacs.query import SERIES, STUDY, is_uid

_UIDS = ("SOPInstanceUID", SERIES, STUDY)


@dataclass(frozen=True)
class Inbox:
    """Images of one series. folder: exists. instances: UIDs of those that came. allowance: what may still come."""

    folder: Path
    study: str
    series: str
    sender: Address
    instances: set[str] = field(default_factory=set)
    allowance: Allowance = field(default_factory=Allowance)

    def put(self, file: bytes) -> None:
        """Keep a DICOM file. Raises PacsError where it is none of this series or too much has come, OutputError where
        it cannot be kept."""
        if not self.allowance.take(file):
            raise endless(self.sender)
        instance = self._instance(file)
        try:
            (self.folder / f"{instance}.dcm").write_bytes(file)
        except OSError as error:
            reason = f"{self.folder}: what comes from the PACS cannot be kept ({error.strerror})"
            raise OutputError(f"{reason}; free some space, or name another place with TMPDIR") from error
        self.instances.add(instance)

    def _instance(self, file: bytes) -> str:
        """Its UID."""
        try:
            header = parse(BytesIO(file), stop_before_pixels=True, specific_tags=list(_UIDS))
            instance, series, study = (str(header.get(keyword, "")) for keyword in _UIDS)
        except Exception as error:  # pydicom raises many types
            raise PacsError(f"{self.sender}: sent what is no DICOM; tell its administrator") from error
        if not is_uid(instance) or (study, series) != (self.study, self.series):
            raise PacsError(
                f"{self.sender}: sent an image of another series than was asked for; tell its administrator"
            )
        return instance
