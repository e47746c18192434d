"""Programs of others that tests hold our files against: skipped where they are absent, unless they are required."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REQUIRED = os.environ.get("LUMBARDISC_TOOLS") == "required"
PACKAGES = {
    "Orthanc": "orthanc orthanc-dicomweb",
    "dciodvfy": "dicom3tools",
    "pdftotext": "poppler-utils poppler-data",
    "openssl": "openssl",
}


def tool(name: str) -> str:
    """The path of a program. Where it is absent the test is skipped, or fails where LUMBARDISC_TOOLS=required."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        reason = f"{name} is not installed; scripts/install-tools.sh installs it ({PACKAGES.get(name, 'dcmtk')})"
        pytest.fail(reason) if REQUIRED else pytest.skip(reason)
    return found


def told(*command: str | Path) -> str:
    """What a program that must succeed says, on either stream."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=60, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def errors(path: Path) -> list[str]:
    """What dciodvfy finds wrong with a DICOM file."""
    done = subprocess.run([tool("dciodvfy"), str(path)], capture_output=True, text=True, timeout=60, check=False)
    said = (done.stdout + done.stderr).splitlines()
    assert said, f"dciodvfy says nothing of {path}"  # a file that it knows has its object's name told
    return [line for line in said if line.startswith("Error")]
