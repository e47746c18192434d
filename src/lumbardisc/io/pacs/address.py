"""Addresses of PACS, as a user types them: where it is and which protocol it speaks, and never who asks."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from lumbardisc.errors import UsageError

FORMS = "https://HOST/dicom-web (DICOMweb), dicom://HOST:PORT/AE_TITLE or dicoms://HOST:PORT/AE_TITLE (DIMSE, with TLS)"
TITLE_LENGTH = 16  # characters of an AE title at most: PS3.5 6.2
_WEB, _DIMSE = ("http", "https"), ("dicom", "dicoms")


@dataclass(frozen=True)
class Address:
    """text: as it is told to the user. title: the AE title that is called, empty for DICOMweb."""

    text: str
    scheme: str
    host: str
    port: int | None
    title: str = ""

    @property
    def place(self) -> str:
        """Host and port, as HTTP has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.port else host

    @property
    def encrypted(self) -> bool:
        """Whether nobody between can read along."""
        return self.scheme in ("https", "dicoms")

    @property
    def local(self) -> bool:
        """Whether it is on this machine, which nothing leaves."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def __str__(self) -> str:
        return self.text


def parse_address(text: str) -> Address:
    """Raises UsageError, which repeats nothing of an address that may hold a password."""
    if "@" in text or "?" in text or "#" in text:
        raise UsageError(
            "the address of a PACS must hold no user, password or query, as others can read the command line; "
            "set LUMBARDISC_PACS_USER and LUMBARDISC_PACS_PASSWORD, or LUMBARDISC_PACS_TOKEN, in the environment"
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"{text}: is no address of a PACS ({error}); use {FORMS}") from error
    if not parts.hostname or parts.scheme not in (*_WEB, *_DIMSE) or not text.isprintable():
        raise UsageError(f"{text}: is no address of a PACS; use {FORMS}")
    title = _title(text, parts, port) if parts.scheme in _DIMSE else ""
    return Address(text.rstrip("/"), parts.scheme, parts.hostname, port, title)


def _title(text: str, parts: SplitResult, port: int | None) -> str:
    title = unquote(parts.path.strip("/"))
    if not port or not is_title(title):
        raise UsageError(
            f"{text}: needs a port and an AE title of at most {TITLE_LENGTH} characters, as in dicom://HOST:104/ARCHIVE"
        )
    return title


def is_title(text: str) -> bool:
    """Whether a text may be an AE title."""
    plain = text.isascii() and text.isprintable() and "\\" not in text and "/" not in text
    return plain and len(text.strip()) > 0 and len(text) <= TITLE_LENGTH
