"""A PACS over DICOMweb (PS3.18): QIDO-RS finds, WADO-RS retrieves, STOW-RS stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from lumbardisc.errors import PacsError
from lumbardisc.io.pacs.address import Address
from lumbardisc.io.pacs.archive import Level
from lumbardisc.io.pacs.credentials import Credentials
from lumbardisc.io.pacs.failures import ASK, meaning, of_network
from lumbardisc.io.pacs.inbox import Inbox
from lumbardisc.io.pacs.limits import ANSWER_S, CONNECT_S
from lumbardisc.io.pacs.query import SERIES, STUDY
from lumbardisc.io.pacs.retry import PassingError, persistently

if TYPE_CHECKING:
    import requests
    from dicomweb_client import DICOMwebClient
    from pydicom import Dataset

_SEARCHES = {"STUDY": "search_for_studies", "SERIES": "search_for_series", "IMAGE": "search_for_instances"}
_ABOVE = {  # what stands in the path of the URL, by how the library names it
    "STUDY": {},
    "SERIES": {"study_instance_uid": STUDY},
    "IMAGE": {"study_instance_uid": STUDY, "series_instance_uid": SERIES},
}
_AS_STORED = (("application/dicom", "*"),)  # not decompressed for us
_PATH = "check the path of the address, which often ends in /dicom-web"
_STORED_NONE = 409
_PASSING = (429, 502, 503, 504)
_REFUSALS = {
    400: f"does not understand the request; {_PATH}",
    401: "refuses user and password, or token; check LUMBARDISC_PACS_USER, _PASSWORD and _TOKEN",
    403: f"does not allow this to us; {ASK}",
    404: f"knows no such study or no such service; {_PATH}",
    413: f"finds the objects too large; {ASK} for a higher limit",
}


@dataclass(frozen=True)
class DicomWeb:
    """See ``archive.Pacs``. Proxies and passwords that the system knows are left alone: only ``credentials`` count."""

    address: Address
    credentials: Credentials

    def find(self, level: Level, keys: Mapping[str, str], limit: int) -> list[Dataset]:
        from pydicom import Dataset

        place = {name: keys[keyword] for name, keyword in _ABOVE[level].items()}
        values = {keyword: value for keyword, value in keys.items() if value and keyword not in _ABOVE[level].values()}
        asked = {
            "search_filters": values,
            "limit": limit + 1,
            "fields": [name for name, value in keys.items() if not value],
        }

        def search() -> list[Dataset]:
            return [Dataset.from_json(one) for one in getattr(self._client, _SEARCHES[level])(**place, **asked)]

        return persistently(search, self._explain)[: limit + 1]

    def retrieve(self, inbox: Inbox) -> None:
        def receive() -> None:
            for dataset in self._client.iter_series(inbox.study, inbox.series, media_types=_AS_STORED):
                file = BytesIO()
                dataset.save_as(file, enforce_file_format=True)
                inbox.put(file.getvalue())

        persistently(receive, self._explain)

    def send(self, files: Sequence[Path]) -> list[str]:
        from pydicom import dcmread

        def store() -> list[str]:
            objects = {file.name: dcmread(file) for file in files}
            return self._remarks(objects, self._store(list(objects.values())))

        return persistently(store, self._explain)

    def _store(self, objects: Sequence[Dataset]) -> Dataset:
        """What the PACS answers, also where it stored none (PS3.18 10.5.3)."""
        import requests
        from pydicom import Dataset

        try:
            return self._client.store_instances(objects)
        except requests.HTTPError as error:
            if error.response is None or error.response.status_code != _STORED_NONE:
                raise
            return Dataset.from_json(error.response.json())

    @cached_property
    def _client(self) -> DICOMwebClient:
        from dicomweb_client import DICOMwebClient

        from lumbardisc.io.pacs.session import session_for

        session = session_for(self.address, self.credentials)
        client = DICOMwebClient(str(self.address), session=session, timeout=(CONNECT_S, ANSWER_S))
        client.host = self.address.place  # the library forgets the port
        client.set_http_retry_params(retry=False)  # ours tries lost connections again as well
        return client

    def _explain(self, error: Exception) -> PacsError:
        import requests

        if isinstance(error, requests.HTTPError) and error.response is not None:
            return self._refusal(error.response)
        if isinstance(error, requests.TooManyRedirects):
            return PacsError(f"{self.address}: has moved to another address; name that one")
        if isinstance(error, requests.JSONDecodeError) or not isinstance(error, requests.RequestException):
            return PacsError(f"{self.address}: answers what is not DICOMweb; {_PATH}")
        return of_network(self.address, error)

    def _refusal(self, answer: requests.Response) -> PacsError:
        """What an HTTP status means."""
        code = answer.status_code
        if code in _PASSING:
            return PassingError(
                f"{self.address}: has too much to do or is being started (HTTP {code}); try again later"
            )
        reason = _REFUSALS.get(code, f"fails at this request; {ASK}")
        return PacsError(f"{self.address}: {reason} (HTTP {code})")

    def _remarks(self, objects: Mapping[str, Dataset], answer: Dataset) -> list[str]:
        """What was remarked on objects that were stored. Raises PacsError where one was not."""
        stored, failed = _by_instance(answer, "ReferencedSOPSequence"), _by_instance(answer, "FailedSOPSequence")
        for name, one in objects.items():
            if one.SOPInstanceUID not in stored or one.SOPInstanceUID in failed:
                reason = failed.get(one.SOPInstanceUID, answer).get("FailureReason")
                why = "it does not say why" if reason is None else meaning(int(reason))
                raise PacsError(f"{self.address}: did not take {name}: {why}; {ASK}")
        reasons = {name: stored[one.SOPInstanceUID].get("WarningReason") for name, one in objects.items()}
        return [f"{name}: {meaning(int(reason))}" for name, reason in reasons.items() if reason]


def _by_instance(answer: Dataset, keyword: str) -> dict[str, Dataset]:
    """Items of a sequence by the object that each is about."""
    return {str(item.get("ReferencedSOPInstanceUID")): item for item in answer.get(keyword) or ()}
