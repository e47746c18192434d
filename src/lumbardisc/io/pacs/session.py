"""HTTP to a PACS: who we are, whom we trust, and what servers and DICOMweb's library do not agree upon."""

from __future__ import annotations

import ssl
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth

from lumbardisc.io.pacs.credentials import Credentials


def session_for(credentials: Credentials) -> requests.Session:
    """One whose every request bears our credentials and no others, and that follows nobody elsewhere."""
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    session.headers["Accept"] = "application/dicom+json"
    session.verify = str(credentials.authority or _known_authorities()) or True
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
