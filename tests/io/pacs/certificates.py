"""An authority of certificates and two that it signed, a server's and a client's, made for one run of the tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from real_tools import told, tool


@dataclass(frozen=True)
class Signed:
    certificate: Path
    key: Path


@dataclass(frozen=True)
class Authority:
    """folder: where all is made."""

    folder: Path

    @property
    def certificate(self) -> Path:
        return self.folder / "authority.pem"

    @property
    def key(self) -> Path:
        return self.folder / "authority.key"

    def sign(self, name: str) -> Signed:
        """A certificate for 127.0.0.1, and for nothing else."""
        key, request, made = (self.folder / f"{name}.{suffix}" for suffix in ("key", "csr", "pem"))
        extra = self.folder / "extra.cnf"
        extra.write_text("subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n")
        openssl = tool("openssl")
        told(openssl, "req", "-new", *_new_key(key), "-subj", f"/CN={name}", "-out", request)
        signed_by = ("-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", "-extfile", extra)
        told(openssl, "x509", "-req", "-days", "2", "-in", request, *signed_by, "-out", made)
        return Signed(made, key)


def authority(folder: Path) -> Authority:
    """A new one, whom nobody trusts."""
    made = Authority(folder)
    usage = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")
    new = ("req", "-x509", "-days", "2", "-subj", "/CN=authority of the tests", *_new_key(made.key), *usage)
    told(tool("openssl"), *new, "-out", made.certificate)
    return made


def _new_key(path: Path) -> tuple[str | Path, ...]:
    return ("-newkey", "rsa:2048", "-nodes", "-keyout", path)
