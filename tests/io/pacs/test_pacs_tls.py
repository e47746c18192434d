"""Encryption against a real PACS: whose certificate is trusted, and who may ask."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from certificates import Authority, Signed, authority
from orthanc_server import Orthanc, running
from pacs_files import assert_same, known_to, make_series, study_of
from tls_front import encrypting

from lumbardisc.errors import PacsError, UsageError
from lumbardisc.io.pacs import Pacs, fetch, find_studies, open_pacs, parse_query, retry
from lumbardisc.io.pacs.inbox import Inbox


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def client(trusted: Authority) -> Signed:
    return trusted.sign("client")


@pytest.fixture(scope="module")
def encrypted(trusted: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """One that wants a certificate of whoever calls by DIMSE, and has a proxy before its DICOMweb."""
    own = trusted.sign("server")
    settings = {
        **{"DicomTlsEnabled": True, "DicomTlsCertificate": str(own.certificate), "DicomTlsPrivateKey": str(own.key)},
        **{"DicomTlsTrustedCertificates": str(trusted.certificate), "DicomTlsRemoteCertificateRequired": True},
    }
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(own.certificate, own.key)
    with running(tmp_path_factory.mktemp("encrypted"), **settings) as server:
        plain = urlsplit(server.dicomweb)
        with encrypting(plain.port or 0, context) as port:
            yield replace(server, dicomweb=f"https://127.0.0.1:{port}{plain.path}")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "WAIT_S", 0.01)


@pytest.fixture(params=["web", "get", "move"])
def pacs(request: pytest.FixtureRequest, encrypted: Orthanc, trusted: Authority, client: Signed) -> Pacs:
    environment = {"LUMBARDISC_PACS_CA": str(trusted.certificate)}
    if request.param == "web":
        return open_pacs(encrypted.dicomweb, {**environment, **known_to(encrypted)})
    environment |= {"LUMBARDISC_PACS_CERT": str(client.certificate), "LUMBARDISC_PACS_KEY": str(client.key)}
    port = {"LUMBARDISC_PACS_PORT": str(encrypted.listening)} if request.param == "move" else {}
    return open_pacs(encrypted.address, {**environment, **port})


def test_a_series_comes_back_as_it_was_sent(pacs: Pacs, tmp_path: Path) -> None:
    key = uuid4().hex
    pacs.send(sorted(make_series(tmp_path / "sent", key).iterdir()))
    assert fetch(pacs, study_of(key), tmp_path / "back") == 3
    assert_same(tmp_path / "sent", tmp_path / "back")


@pytest.mark.parametrize("protocol", ["dicomweb", "address"])
def test_a_certificate_that_nobody_vouches_for_is_told(protocol: str, encrypted: Orthanc) -> None:
    stranger = open_pacs(getattr(encrypted, protocol), known_to(encrypted))
    with pytest.raises(PacsError, match=r"certificate is not trusted.*LUMBARDISC_PACS_CA") as told:
        find_studies(stranger, parse_query("PatientID=1"))
    assert "tried" not in str(told.value)


@pytest.mark.parametrize("protocol", ["dicomweb", "address"])
def test_a_certificate_of_another_host_is_told(protocol: str, encrypted: Orthanc, trusted: Authority) -> None:
    address = getattr(encrypted, protocol).replace("127.0.0.1", "localhost")
    with pytest.raises(PacsError, match=r"not trusted \(Hostname mismatch"):
        find_studies(open_pacs(address, {"LUMBARDISC_PACS_CA": str(trusted.certificate)}), parse_query("PatientID=1"))


def test_a_caller_without_certificate_is_told(encrypted: Orthanc, trusted: Authority) -> None:
    with pytest.raises(PacsError, match="LUMBARDISC_PACS_CERT"):
        find_studies(
            open_pacs(encrypted.address, {"LUMBARDISC_PACS_CA": str(trusted.certificate)}), parse_query("PatientID=1")
        )


def test_to_be_sent_images_over_tls_takes_a_certificate(encrypted: Orthanc, tmp_path: Path) -> None:
    pacs = open_pacs(encrypted.address, {"LUMBARDISC_PACS_PORT": str(encrypted.listening)})
    with pytest.raises(UsageError, match="LUMBARDISC_PACS_CERT"):
        pacs.retrieve(Inbox(tmp_path, "1.2", "1.3", pacs.address))


@pytest.mark.parametrize(("scheme", "protocol"), [("https", "dicomweb"), ("dicoms", "address")])
def test_a_server_without_encryption_is_told(scheme: str, protocol: str, orthanc: Orthanc) -> None:
    address = f"{scheme}:{getattr(orthanc, protocol).partition(':')[2]}"
    with pytest.raises(PacsError, match="no encrypted connection comes about"):
        find_studies(open_pacs(address, {}), parse_query("PatientID=1"))
