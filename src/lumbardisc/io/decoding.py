"""Compressed pixels, decoded in a process of its own.

The decoders are programs in C and C++ (GDCM, OpenJPEG): damaged bytes can end the process that they run in, or make
them ask for all of its memory. There that costs one image, and not the study or those after it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Timer
from typing import IO, TYPE_CHECKING

import numpy as np

from lumbardisc.io.dicom_header import parse
from lumbardisc.io.dicom_values import quietly
from lumbardisc.io.lines import reason
from lumbardisc.volume import Array

if TYPE_CHECKING:
    from pydicom import Dataset

COMMAND = [sys.executable, "-P", "-c", "from lumbardisc.io.decoding import serve; serve()"]
"""Nothing of the current folder."""
_OURS = str(Path(__file__).parents[2])  # where this code was imported from, which the other process may not know
_ROOM_BYTES = 4 * 2**30  # for the libraries and one image
_PATIENCE_S = 120.0  # for one image
_TEXT = "text"


class Decoder:
    """Decodes frames of whole DICOM files, one after the other; the process begins with the first one. A context."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._sent = b""

    def __enter__(self) -> Decoder:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def plane(self, data: bytes, index: int) -> Array:
        """(row, column) of one frame of a file's bytes, as stored. Raises ValueError that says what is wrong."""
        process = self._process = self._process or _begin()
        assert process.stdin is not None
        assert process.stdout is not None
        timer = Timer(_PATIENCE_S, process.kill)
        timer.start()
        try:
            _send(process.stdin, b"" if data is self._sent else data, str(index))
            self._sent = data
            answer, kind = _receive(process.stdout)
        except (OSError, ValueError) as error:
            raise ValueError("the decoder ended") from error
        finally:
            timer.cancel()
        if kind == _TEXT:
            raise ValueError(answer.decode())
        rows, dtype = kind.split()
        return np.frombuffer(answer, dtype).reshape(int(rows), -1)


def stored(dataset: Dataset, index: int) -> Array:
    """(row, column) of one frame as stored, decoded here. Raises an exception of any type."""
    from pydicom.pixels.utils import pixel_array

    return pixel_array(dataset, index=index, raw=True)


def serve() -> None:
    """The work of that process: answers with planes, or with a text, until nothing is asked any more.

    No bytes are another frame of the same file.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # decoders print there
    file = b""
    with suppress(ValueError):  # the other side has ended
        while True:
            sent, index = _receive(sys.stdin.buffer)
            file = sent or file
            _send(answers, *_answer(file, int(index)))


def _begin() -> subprocess.Popen[bytes]:
    """What decoders print goes nowhere."""
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    path = os.pathsep.join(filter(None, [_OURS, os.environ.get("PYTHONPATH")]))
    alone = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, stderr=nowhere, env=alone)


def _send(stream: IO[bytes], data: bytes, kind: str) -> None:
    """Bytes, with a line before them that says how many they are and what."""
    stream.write(f"{len(data)} {kind}\n".encode())
    stream.write(data)
    stream.flush()


def _receive(stream: IO[bytes]) -> tuple[bytes, str]:
    """The bytes and what they are. Raises ValueError where the other side has ended."""
    size, kind = stream.readline().decode().strip().split(" ", 1)
    data = stream.read(int(size))
    if len(data) < int(size):
        raise ValueError("cut off")
    return data, kind


def _answer(data: bytes, index: int) -> tuple[bytes, str]:
    _limit(_ROOM_BYTES + 3 * len(data))
    try:
        with quietly():
            plane = stored(_parsed(data), index)
        return plane.tobytes(), f"{len(plane)} {plane.dtype.str}"
    except Exception as error:  # of any type, as for every image file
        told = "needs too much memory" if isinstance(error, MemoryError) else reason(error)
        return told.encode(), _TEXT


@lru_cache(maxsize=1)
def _parsed(data: bytes) -> Dataset:
    return parse(BytesIO(data))


def _limit(size: int) -> None:
    """Bounds the memory of this process, where the system can."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, resource.getrlimit(resource.RLIMIT_AS)[1]))
