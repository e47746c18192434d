"""Who asks a PACS, from the environment alone: neither a command line nor a log ever holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lumbardisc.errors import UsageError
from lumbardisc.io.pacs.address import TITLE_LENGTH, Address, is_title

PREFIX = "LUMBARDISC_PACS_"
TITLE = "LUMBARDISC"


@dataclass(frozen=True)
class Credentials:
    """user and password, or a bearer token. authority: certificates of those who sign the PACS's. certificate and key:
    our own, for a PACS that asks for one. title: our AE title. port: where we listen for C-MOVE, None without."""

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    title: str = TITLE
    port: int | None = None

    @property
    def secret(self) -> bool:
        """Whether there is anything that nobody else may read."""
        return bool(self.password or self.token)


def credentials_from(environment: Mapping[str, str]) -> Credentials:
    """Those of ``LUMBARDISC_PACS_USER``, ``_PASSWORD``, ``_TOKEN``, ``_CA``, ``_CERT``, ``_KEY``, ``_AET`` and
    ``_PORT``. Raises UsageError that names the variable and never repeats a secret."""
    given = {name: environment.get(PREFIX + name, "") for name in ("USER", "PASSWORD", "TOKEN", "AET", "PORT")}
    if bool(given["USER"]) != bool(given["PASSWORD"]):
        raise UsageError(f"{PREFIX}USER and {PREFIX}PASSWORD: go together; set both or neither")
    if given["USER"] and given["TOKEN"]:
        raise UsageError(f"{PREFIX}USER and {PREFIX}TOKEN: exclude each other; unset one of them")
    if not given["TOKEN"].isascii() or any(
        not character.isprintable() or character == " " for character in given["TOKEN"]
    ):
        raise UsageError(f"{PREFIX}TOKEN: holds blanks, line ends or letters beyond ASCII; set the token alone")
    authority, certificate, key = (_file(environment, name) for name in ("CA", "CERT", "KEY"))
    if key and not certificate:
        raise UsageError(f"{PREFIX}KEY: goes with {PREFIX}CERT; set both")
    return Credentials(
        given["USER"],
        given["PASSWORD"],
        given["TOKEN"],
        authority,
        certificate,
        key,
        _title(given["AET"]),
        _port(given["PORT"]),
    )


def check_kept_secret(credentials: Credentials, address: Address) -> None:
    """Raises UsageError where the way to the PACS is open to readers and there is something to hide."""
    if credentials.secret and not address.encrypted and not address.local:
        safe = {"http": "https", "dicom": "dicoms"}[address.scheme]
        raise UsageError(f"{address}: user, password or token would travel unencrypted; use {safe}://, or unset them")


def _file(environment: Mapping[str, str], name: str) -> Path | None:
    text = environment.get(PREFIX + name)
    if not text:
        return None
    if not Path(text).is_file():
        raise UsageError(f"{PREFIX}{name}: {text} is no file; give a file in PEM")
    return Path(text)


def _title(text: str) -> str:
    if text and not is_title(text):
        raise UsageError(f"{PREFIX}AET: '{text}' is no AE title; use 1 to {TITLE_LENGTH} plain characters")
    return text or TITLE


def _port(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise UsageError(f"{PREFIX}PORT: '{text}' is no port; use a number from 1 to 65535")
    return int(text)
