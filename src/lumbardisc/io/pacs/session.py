"""HTTP to a PACS: who we are, whom we trust, and what servers and DICOMweb's library do not agree upon."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth

from lumbardisc.io.pacs.address import Address
from lumbardisc.io.pacs.credentials import Credentials
from lumbardisc.io.pacs.failures import endless
from lumbardisc.io.pacs.limits import Allowance


def session_for(address: Address, credentials: Credentials) -> requests.Session:
    """One whose every request bears our credentials and no others, that follows nobody elsewhere, and whose answers
    have an end."""
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    session.headers["Accept"] = "application/dicom+json"
    session.verify = str(credentials.authority or _known_authorities()) or True
    session.hooks["response"].append(partial(_bound, address))
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter())
    if credentials.certificate:
        own = str(credentials.certificate)
        session.cert = (own, str(credentials.key)) if credentials.key else own
    if credentials.user:
        session.auth = HTTPBasicAuth(credentials.user.encode(), credentials.password.encode())
    if credentials.token:
        session.headers["Authorization"] = f"Bearer {credentials.token}"
    return session


def _known_authorities() -> str:
    """Those that this machine trusts, a hospital's own among them, which the library would not ask for."""
    known = ssl.get_default_verify_paths()
    return known.cafile or known.capath or ""


def _bound(address: Address, answer: requests.Response, **_options: Any) -> None:
    """Whoever reads the answer is told where it has no end."""
    allowance, read = Allowance(), answer.iter_content

    def bounded(*how: Any, **options: Any) -> Iterator[bytes]:
        for data in read(*how, **options):
            if not allowance.take(data):
                raise endless(address)
            yield data

    answer.iter_content = bounded  # type: ignore[method-assign]


class _Adapter(HTTPAdapter):
    """Leaves ``*`` and ``?`` as RFC 3986 3.4 allows them in a query, as Orthanc 1.10 does not decode them; and
    takes an answer in JSON for such whatever follows its type, say a charset, as the library does not."""

    def send(self, request: requests.PreparedRequest, *more: Any, **options: Any) -> requests.Response:
        request.url = (request.url or "").replace("%2A", "*").replace("%3F", "?")
        answer = super().send(request, *more, **options)
        kind = answer.headers.get("Content-Type", "")
        if kind.startswith("application/"):
            answer.headers["Content-Type"] = kind.partition(";")[0].strip()
        return answer
