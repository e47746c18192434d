"""Pseudonyms, new UIDs and shifts of dates, all from one secret: the same in, the same out, and no way back without it.

Each is an HMAC-SHA256 (RFC 2104) of what it replaces. UIDs come under 2.25 (PS3.5 B.2).
"""

from __future__ import annotations

import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from lumbardisc.errors import OutputError, UsageError

_BYTES = 32
_DAYS = (30, 3650)  # a month at least and ten years at most
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # 32 letters and digits that nobody mixes up
_LENGTH = 10


@dataclass(frozen=True)
class Secret:
    """What pseudonyms are made with. It never shows itself."""

    key: bytes

    def __repr__(self) -> str:
        return "Secret()"

    def uid(self, value: str) -> str:
        """The UID that stands for another."""
        return f"2.25.{int.from_bytes(self._digest('uid', value)[:16], 'big')}"

    def pseudonym(self, patient: str) -> str:
        """The name and the number that a patient goes by: 50 bits, fit for a folder."""
        return "P" + "".join(_ALPHABET[byte % 32] for byte in self._digest("patient", patient)[:_LENGTH])

    def days(self, patient: str) -> int:
        """By how many days all dates of a patient go; always back."""
        low, high = _DAYS
        return -(low + int.from_bytes(self._digest("days", patient)[:8], "big") % (high - low + 1))

    def folder(self, uid: str) -> str:
        """A short name for a study or a series."""
        return self._digest("folder", uid).hex()[:8]

    def _digest(self, purpose: str, value: str) -> bytes:
        return hmac.digest(self.key, f"{purpose} {value}".encode("utf-8", "surrogateescape"), "sha256")


def new_secret() -> Secret:
    """One that nobody will ever see again."""
    return Secret(secrets.token_bytes(_BYTES))


def secret_of(path: Path) -> Secret:
    """The secret kept in a file; where there is none it is made, for its owner's eyes only.

    Raises UsageError where the file holds something else, OutputError where it cannot be read or made.
    """
    try:
        text = path.read_text("ascii") if path.exists() else _made(path)
        key = bytes.fromhex(text)
    except OSError as error:
        raise OutputError(f"--key {path}: cannot be read or made ({error.strerror}); name another file") from error
    except ValueError:
        key = b""
    if len(key) != _BYTES:
        raise UsageError(f"--key {path}: holds no key of ours; name a new file and one is made, or the right one")
    return Secret(key)


def _made(path: Path) -> str:
    text = secrets.token_hex(_BYTES)
    write_privately(path, f"{text}\n")
    return text


def write_privately(path: Path, text: str) -> None:
    """Write a new file that only its owner may read. Raises OSError, also where it is there already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
