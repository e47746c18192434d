"""Bytes by name: a file on disk or a member of a zip archive, so that readers never care which, nor unpack anything."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from io import BufferedReader, BytesIO, FileIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from lumbardisc.errors import UnreadableError
from lumbardisc.io.deflated import is_bomb
from lumbardisc.io.lines import printable, reason

# what a zip would unpack to is bounded before a byte is unpacked
MAX_ARCHIVE_BYTES = 16 * 2**30
MAX_MEMBER_BYTES = 2 * 2**30


@dataclass(frozen=True, order=True)
class Blob:
    """A file (``member`` empty) or a member of the zip archive at ``path``."""

    path: Path
    member: str = ""

    def __str__(self) -> str:
        return f"{self.path}/{self.member}" if self.member else str(self.path)

    @property
    def inner(self) -> PurePosixPath:
        """The path to name this blob by: within the archive, or on disk."""
        return PurePosixPath(self.member or self.path.as_posix())

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.inner.name

    def read(self) -> bytes:
        """All bytes. Raises UnreadableError."""
        with Reader() as reader:
            return reader.read(self)

    def read_beside(self, name: str) -> bytes:
        """All bytes of the data file that a header names. Raises UnreadableError if it is not in the same folder."""
        plain = PurePosixPath(name.replace("\\", "/")).name == name and "\0" not in name
        inside = str(PurePosixPath(self.member).with_name(name)) if plain and self.member else ""
        try:
            if plain:
                return Blob(self.path if self.member else self.path.with_name(name), inside).read()
        except UnreadableError as error:
            raise UnreadableError(f"{self}: its data file cannot be read ({printable(error)})") from error
        raise UnreadableError(f"{self}: its data file '{printable(name):.80}' is not beside it; put both in one folder")


class _Stream(BufferedReader):
    """A file that is asked for no more than it has: Python would set aside all that a damaged header claims."""

    def __init__(self, file: FileIO) -> None:
        super().__init__(file)
        self._size = os.fstat(file.fileno()).st_size

    def read(self, size: int | None = -1) -> bytes:
        left = max(self._size - self.tell(), 0)
        return super().read(left if size is None or size < 0 else min(size, left))


class Reader:
    """Opens blobs one after the other; an archive stays open for the members that follow each other. A context."""

    def __init__(self) -> None:
        self._archive: ZipFile | None = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        if self._archive is not None:
            self._archive.close()

    def open(self, blob: Blob) -> BinaryIO:
        """A stream of the bytes, at their begin. Raises UnreadableError."""
        if blob.member:
            return BytesIO(self.read(blob))
        try:
            return _Stream(blob.path.open("rb", buffering=0))
        except OSError as error:
            raise unreadable(blob.path, error) from error

    def read(self, blob: Blob) -> bytes:
        """All bytes. Raises UnreadableError."""
        if not blob.member:
            return _read_file(blob.path)
        if self._archive is None or self._archive.filename != str(blob.path):
            self.__exit__()
            self._archive = _open(blob.path)
        return _read_member(self._archive, blob)


def gather(path: Path) -> list[Blob]:
    """Every file below a folder, every member of a zip, or the one file that a path is. Raises UnreadableError."""
    try:
        path.stat()
    except OSError as error:
        raise unreadable(path, error) from error
    if path.is_dir():
        return walk(path)
    return members(path) if is_zip(path.name) else [Blob(path)]


def walk(folder: Path, refused: dict[Path, UnreadableError] | None = None) -> list[Blob]:
    """Every file below a folder and every member of the zips there, in sorted path order; hidden ones left out.

    refused: takes the folders and zips that cannot be opened, which then stop none of the others; without it they are
    raised.
    """
    found: list[Blob] = []

    def refuse(path: Path, error: UnreadableError) -> None:
        if refused is None:
            raise error
        refused[path] = error

    def enter(error: OSError) -> None:
        refuse(Path(error.filename or folder), unreadable(Path(error.filename or folder), error))

    for directory, folders, files in os.walk(folder, onerror=enter):
        folders[:] = sorted(name for name in folders if not _hidden(name))
        paths = [Path(directory, name) for name in sorted(files) if not _hidden(name)]
        for path in filter(Path.is_file, paths):
            try:
                found.extend(members(path) if is_zip(path.name) else [Blob(path)])
            except UnreadableError as error:
                refuse(path, error)
    return found


def is_zip(name: str) -> bool:
    """Whether a file is a zip by its name."""
    return name.lower().endswith(".zip")


def members(path: Path) -> list[Blob]:
    """The members of a zip archive in sorted order; hidden ones left out. Raises UnreadableError."""
    with closing(_open(path)) as archive:
        infos = [info for info in archive.infolist() if info.filename and not info.is_dir()]
    _refuse_bomb(path, infos)
    names = [info.filename for info in infos if not any(map(_hidden, PurePosixPath(info.filename).parts))]
    return [Blob(path, name) for name in sorted(set(names))]


def unreadable(path: Path, error: OSError) -> UnreadableError:
    """The one line for an operating system's refusal to read."""
    if isinstance(error, FileNotFoundError):
        return UnreadableError(f"{path}: there is no such file; check the path")
    if isinstance(error, PermissionError):
        return UnreadableError(f"{path}: may not be read (permission denied); change its permissions or copy it")
    return UnreadableError(f"{path}: cannot be read ({error.strerror or error}); check the disk and the path")


def _hidden(name: str) -> bool:
    """Dot files and what macOS adds to archives; ``..`` too, which no honest archive holds."""
    return name.startswith(".") or name == "__MACOSX"


def _refuse_bomb(path: Path, infos: list[ZipInfo]) -> None:
    total = sum(info.file_size for info in infos)
    for info in infos:
        bomb = is_bomb(info.compress_size, info.file_size)
        if bomb or info.file_size > MAX_MEMBER_BYTES or total > MAX_ARCHIVE_BYTES:
            raise UnreadableError(
                f"{path}: would unpack to {total / 2**30:.1f} GiB, too much for a study; unpack it and pass the folder"
            )


def _open(path: Path) -> ZipFile:
    try:
        return ZipFile(path)
    except OSError as error:
        raise unreadable(path, error) from error
    except (BadZipFile, ValueError, NotImplementedError) as error:
        raise UnreadableError(
            f"{path}: is not a whole zip archive ({reason(error)}); copy or download it again"
        ) from error


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def _read_member(archive: ZipFile, blob: Blob) -> bytes:
    try:
        return archive.read(blob.member)
    except KeyError as error:
        raise UnreadableError(f"{blob}: there is no such member in the archive; add it") from error
    except NotImplementedError as error:  # of a RuntimeError's kind, so before it
        how = f"{blob}: is packed in a way that is not read here ({reason(error)})"
        raise UnreadableError(f"{how}; unpack the archive and pass the folder") from error
    except RuntimeError as error:  # zipfile's answer to an encrypted member
        raise UnreadableError(f"{blob}: is locked by a password; unpack the archive and pass the folder") from error
    except Exception as error:  # zlib.error, BadZipFile, EOFError, LZMAError: all of them a damaged member
        raise UnreadableError(
            f"{blob}: is damaged inside the archive ({reason(error)}); copy or download it again"
        ) from error
