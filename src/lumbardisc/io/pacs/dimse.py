"""A PACS over DIMSE (PS3.7): C-FIND, C-GET or C-MOVE to ourselves, C-STORE; over TLS where the address says so."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lumbardisc.errors import PacsError
from lumbardisc.io.dicom_header import printable
from lumbardisc.io.pacs.address import Address
from lumbardisc.io.pacs.archive import Level
from lumbardisc.io.pacs.association import Caller
from lumbardisc.io.pacs.credentials import Credentials
from lumbardisc.io.pacs.failures import ASK, PASSING, WARNINGS, late, meaning
from lumbardisc.io.pacs.inbox import Inbox
from lumbardisc.io.pacs.limits import ANSWER_S
from lumbardisc.io.pacs.query import SERIES, STUDY
from lumbardisc.io.pacs.receiving import Receiver, contexts, listening, roles
from lumbardisc.io.pacs.retry import PassingError, persistently

if TYPE_CHECKING:
    from pydicom import Dataset
    from pynetdicom.association import Association

FIND, MOVE, GET = (f"1.2.840.10008.5.1.4.1.2.2.{number}" for number in (1, 2, 3))  # by study root, PS3.4 C.6.2
_PENDING = (0xFF00, 0xFF01)
_UNKNOWN_DESTINATION = 0xA801

Answers = Iterator[tuple["Dataset", "Dataset | None"]]


@dataclass(frozen=True)
class Dimse:
    """See ``archive.Pacs``. Images come by C-GET over our own association, or by C-MOVE to the port we listen at."""

    address: Address
    credentials: Credentials

    def find(self, level: Level, keys: Mapping[str, str], limit: int) -> list[Dataset]:
        return persistently(lambda: self._find(_identifier(level, keys), limit), self._explain)

    def retrieve(self, inbox: Inbox) -> None:
        port = self.credentials.port
        receiver = Receiver(inbox)

        def receive() -> None:
            try:
                self._get(receiver) if port is None else self._move(receiver, port)
            finally:
                receiver.check()  # which tells more than what comes back from the PACS

        persistently(receive, self._explain)

    def send(self, files: Sequence[Path]) -> list[str]:
        waiting, remarks = list(files), list[str]()

        persistently(lambda: self._send(waiting, remarks), self._explain)
        return remarks

    @property
    def _caller(self) -> Caller:
        return Caller(self.address, self.credentials)

    def _find(self, identifier: Dataset, limit: int) -> list[Dataset]:
        from pynetdicom import build_context

        found: list[Dataset] = []
        with self._caller.association([build_context(FIND)]) as link:
            for status, answer in self._answers(link.send_c_find(identifier, FIND)):
                if status.Status in _PENDING and answer is not None:
                    list(answer.iterall())  # values are read here, where what cannot be read is explained
                    found.append(answer)
                elif status.Status not in _PENDING:
                    self._check(status, "the query")
                if len(found) > limit:
                    link.abort()
                    break
        return found

    def _get(self, receiver: Receiver) -> None:
        from pynetdicom import build_context, evt

        offered = [build_context(GET), *contexts()]
        with self._caller.association(offered, roles(), [(evt.EVT_C_STORE, receiver)]) as link:
            if not _takes(link, GET):
                raise PacsError(
                    f"{self.address}: does not offer C-GET; to receive images by C-MOVE set LUMBARDISC_PACS_PORT, "
                    "and have our AE title, host and port entered there"
                )
            for status, _ in self._answers(link.send_c_get(_wanted(receiver.inbox), GET)):
                self._check(status, "to send the images")

    def _move(self, receiver: Receiver, port: int) -> None:
        from pynetdicom import build_context

        own = self.credentials.title
        with listening(self._caller, port, receiver), self._caller.association([build_context(MOVE)]) as link:
            for status, _ in self._answers(link.send_c_move(_wanted(receiver.inbox), own, MOVE)):
                if status.Status == _UNKNOWN_DESTINATION:
                    raise PacsError(
                        f"{self.address}: does not know where {own} is; {ASK} to enter host and port {port}"
                    )
                self._check(status, f"to send the images to {own} at port {port}")

    def _send(self, waiting: list[Path], remarks: list[str]) -> None:
        """Take from ``waiting`` what was stored."""
        from pydicom import dcmread
        from pynetdicom import build_context

        metas = {file: dcmread(file, stop_before_pixels=True).file_meta for file in waiting}
        kinds = dict.fromkeys((meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID) for meta in metas.values())
        with self._caller.association([build_context(*kind) for kind in kinds]) as link:
            for file, meta in metas.items():
                if not _takes(link, meta.MediaStorageSOPClassUID):
                    kind = meta.MediaStorageSOPClassUID.name
                    raise PacsError(f"{self.address}: does not take {file.name} ({kind}); {ASK}")
                began = time.monotonic()
                status = link.send_c_store(file)
                self._check_told(status, time.monotonic() - began)
                if remark := self._check(status, file.name):
                    remarks.append(f"{file.name}: {remark}")
                waiting.remove(file)

    def _answers(self, answers: Answers) -> Answers:
        """Answers of the PACS as they come. Raises PacsError where one stays away."""
        began = time.monotonic()
        for status, identifier in answers:
            self._check_told(status, time.monotonic() - began)
            yield status, identifier
            began = time.monotonic()

    def _explain(self, error: Exception) -> PacsError:
        """An association that is gone is a RuntimeError of the library; the rest is what it cannot read."""
        if isinstance(error, RuntimeError):
            return self._gone()
        return PacsError(f"{self.address}: answers what cannot be understood ({type(error).__name__}); {ASK}")

    def _check_told(self, status: Dataset, seconds: float) -> None:
        if "Status" not in status:
            raise late(self.address) if seconds >= ANSWER_S else self._gone()

    def _gone(self) -> PacsError:
        own = self.credentials.title
        return PassingError(f"{self.address}: broke off; check that it knows our AE title {own}, its log will tell why")

    def _check(self, status: Dataset, what: str) -> str:
        """What the PACS remarks, if anything. Raises PacsError where it refuses."""
        code = int(status.Status)
        if code in (0, *_PENDING):
            return ""
        comment = printable(status.get("ErrorComment") or "")
        said = meaning(code) + (f", '{comment}'" if comment else "")
        if code in WARNINGS:
            return said
        kind = PassingError if code in PASSING else PacsError
        raise kind(f"{self.address}: refused {what}: {said}; {ASK}")


def _identifier(level: Level, keys: Mapping[str, str]) -> Dataset:
    from pydicom import Dataset

    identifier = Dataset()
    identifier.QueryRetrieveLevel = level
    if not all(value.isascii() for value in keys.values()):
        identifier.SpecificCharacterSet = "ISO_IR 192"
    for keyword, value in keys.items():
        setattr(identifier, keyword, value or None)
    return identifier


def _wanted(inbox: Inbox) -> Dataset:
    return _identifier("SERIES", {STUDY: inbox.study, SERIES: inbox.series})


def _takes(link: Association, kind: str) -> bool:
    return any(context.abstract_syntax == kind for context in link.accepted_contexts)
