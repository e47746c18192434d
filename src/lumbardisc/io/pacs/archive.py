"""What every PACS can do, whichever protocol it speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from lumbardisc.io.pacs.address import Address
from lumbardisc.io.pacs.inbox import Inbox

if TYPE_CHECKING:
    from pydicom import Dataset

Level = Literal["STUDY", "SERIES", "IMAGE"]


class Pacs(Protocol):
    """All raise PacsError with one clear line, after what may pass by itself was tried again."""

    @property
    def address(self) -> Address: ...

    def find(self, level: Level, keys: Mapping[str, str], limit: int) -> list[Dataset]:
        """Studies, series or images that match; more than ``limit`` are cut off behind one more.

        keys: value to match by keyword; empty where the value is to be told. UIDs of the levels above are among them.
        """
        ...

    def retrieve(self, inbox: Inbox) -> None:
        """Put all images of the inbox's series into it. Those that came are there also where it raises."""
        ...

    def send(self, files: Sequence[Path]) -> list[str]:
        """Store DICOM files; what the PACS remarked on those that it took, a line each."""
        ...
