"""A real PACS for the tests: Orthanc with its DICOMweb plug-in, on free ports of loopback, with a user and a password.

Its storage lies in a temporary folder. Modalities that may find and move are ``CALLER`` with the port ``listening``.
"""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from real_tools import tool

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
LOOPBACK = "127.0.0.1"
CALLER = "LUMBARDISC"
USER, PASSWORD = "radiologist", "not-a-secret-äöü"
PATIENCE_S = 30


@dataclass(frozen=True)
class Orthanc:
    """A server that answers. dimse: host, port and AE title. listening: where it moves images of ``CALLER`` to.
    encrypted: whether it speaks DIMSE over TLS alone."""

    dimse: tuple[str, int, str]
    dicomweb: str
    listening: int
    encrypted: bool = False
    user: str = USER
    password: str = PASSWORD

    @property
    def address(self) -> str:
        """Of DIMSE, as ``--from-pacs`` takes it."""
        host, port, title = self.dimse
        return f"dicom{'s' * self.encrypted}://{host}:{port}/{title}"

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """What its own REST interface answers, parsed."""
        url = self.dicomweb.replace("/dicom-web", path)
        answer = requests.request(method, url, auth=(self.user.encode(), self.password.encode()), timeout=10, **options)
        answer.raise_for_status()
        return answer.json()

    def upload(self, file: Path) -> None:
        """Store a file by the REST interface."""
        self.ask("POST", "/instances", data=file.read_bytes())

    def clear(self) -> None:
        """Forget every patient."""
        for patient in self.ask("GET", "/patients"):
            self.ask("DELETE", f"/patients/{patient}")


def free_port() -> int:
    """A port of loopback that nobody listens at just now."""
    with socket.socket() as found:
        found.bind((LOOPBACK, 0))
        return int(found.getsockname()[1])


@contextmanager
def kept_port() -> Iterator[int]:
    """A port that nobody else is given meanwhile, as runs of the tests beside this one look for some too; servers that
    reuse addresses (SO_REUSEADDR, as Orthanc and pynetdicom do) can listen at it."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((LOOPBACK, 0))
        yield int(holder.getsockname()[1])


@contextmanager
def running(folder: Path, **settings: Any) -> Iterator[Orthanc]:
    """Orthanc with these settings beside the usual ones, ended at the end."""
    encrypted = bool(settings.get("DicomTlsEnabled"))
    with kept_port() as web, kept_port() as dimse, kept_port() as listening:
        server = Orthanc((LOOPBACK, dimse, "ORTHANC"), f"http://{LOOPBACK}:{web}/dicom-web", listening, encrypted)
        with _process(folder, (web, dimse), {**_settings(folder, web, dimse, listening, encrypted), **settings}):
            yield server


@contextmanager
def _process(folder: Path, ports: tuple[int, ...], settings: dict[str, Any]) -> Iterator[None]:
    config, log = folder / "orthanc.json", folder / "orthanc.log"
    config.write_text(json.dumps(settings), encoding="utf-8")
    command = ["setpriv", "--pdeathsig", "KILL", tool("Orthanc"), str(config)]  # gone with us, however we end
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, cwd=folder)
    try:
        _wait(process, ports, log)
        yield
    finally:
        process.kill()  # its storage goes with it, and to end politely takes it three seconds
        process.wait(10)


def _settings(folder: Path, web: int, dimse: int, listening: int, encrypted: bool) -> dict[str, Any]:
    caller = {"AET": CALLER, "Host": LOOPBACK, "Port": listening, "UseDicomTls": encrypted}
    return {
        "Name": "lumbardisc tests",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "Plugins": [str(PLUGIN)],
        "HttpPort": web,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {USER: PASSWORD},
        "DicomAet": "ORTHANC",
        "DicomCheckCalledAet": True,
        "DicomPort": dimse,
        "DicomModalities": {CALLER: caller},
        "DicomAlwaysAllowGet": False,
        "StableAge": 1,
        "KeepAlive": True,
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }


def _wait(process: subprocess.Popen[bytes], ports: tuple[int, ...], log: Path) -> None:
    """Until it answers at all ports."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError):
            for port in ports:
                socket.create_connection((LOOPBACK, port), 1).close()
            return
        time.sleep(0.05)
    raise RuntimeError(f"Orthanc does not answer: {log.read_text(errors='replace')[-2000:]}")
