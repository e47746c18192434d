"""The DICOM images that a volume was read from, for what is written about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from lumbardisc.errors import UnreadableError
from lumbardisc.io.blobs import Blob, Reader
from lumbardisc.io.dicom_header import Frame, parse, printable
from lumbardisc.io.patient import Patient

if TYPE_CHECKING:
    from pydicom import Dataset


@dataclass(frozen=True)
class Origin:
    """The images of a volume. frames: one for each index of the volume's first axis, in that order; rows and columns of
    the volume are theirs."""

    frames: tuple[Frame, ...]

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """The files, each once, in the order of their first frame."""
        return tuple(dict.fromkeys(frame.blob for frame in self.frames))

    @property
    def patient(self) -> Patient:
        """Whose they are."""
        return self.frames[0].patient

    def day(self) -> date | None:
        """The day of the study, None where the first image does not say. Raises UnreadableError, see ``headers``."""
        written = printable(self.first_header().get("StudyDate", ""))
        try:
            return datetime.strptime(written.replace(".", ""), "%Y%m%d").date()  # with points before DICOM 3
        except ValueError:
            return None

    def first_header(self) -> Dataset:
        """The header of the first image, which tells patient and study as the others do. See ``headers``."""
        with Reader() as reader:
            return _header(self.frames[0].blob, reader)

    def headers(self) -> dict[Blob, Dataset]:
        """All of each file but its pixels, as the scanner wrote it, names of the patient included.

        Read now, so the files must still be there. Raises UnreadableError that names the file where one is not.
        """
        with Reader() as reader:
            return {blob: _header(blob, reader) for blob in self.blobs}


def _header(blob: Blob, reader: Reader) -> Dataset:
    try:
        with reader.open(blob) as stream:
            return parse(stream, stop_before_pixels=True)
    except UnreadableError:
        raise
    except Exception as error:  # pydicom raises many types
        reason = f"{blob}: cannot be read any more ({printable(error):.150})"
        raise UnreadableError(f"{reason}; leave the images where they are until the run is over") from error
