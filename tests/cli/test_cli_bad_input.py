"""Bad input through the real reader: one clear line, exit code 2, and nothing written."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lumbardisc.cli.main import run


def empty_folder(path: Path) -> None:
    path.mkdir()


def text_file(path: Path) -> None:
    path.write_text("the minutes of a meeting")


def truncated(path: Path) -> None:
    path.write_bytes(gzip.compress(os.urandom(4096))[:2000])


def png_without_spacing(path: Path) -> None:
    Image.fromarray(np.zeros((64, 64), dtype=np.uint8)).save(path)


def nothing(_path: Path) -> None: ...


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("folder", empty_folder),
        ("notes.txt", text_file),
        ("study with spaces.nii", text_file),
        ("Rückenwirbelsäule 腰.nii.gz", truncated),
        ("[bold]study.zip", text_file),
        ("slice.png", png_without_spacing),
        ("not there", nothing),
    ],
)
def test_one_line_and_nothing_written(
    name: str, make: Callable[[Path], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path / name)
    assert run(["analyze", str(tmp_path / name), "-o", str(tmp_path / "out")]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"lumbardisc: {tmp_path / name}")
    assert printed.err.count("\n") == 1
    assert "unexpected" not in printed.err
    assert not (tmp_path / "out").exists()


def test_the_installed_command_ends_with_the_exit_code(tmp_path: Path) -> None:
    name = os.fsdecode("gr\xf6sse.nii".encode("latin-1"))  # bytes that are no UTF-8
    (tmp_path / name).write_bytes(b"no image")
    call = [sys.executable, "-c", "from lumbardisc.cli.main import main; main()", "analyze", name, "-o", "out"]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.startswith(b"lumbardisc: gr")
    assert done.stderr.count(b"\n") == 1
