"""Studies from a PACS and results to it, over DICOMweb or DIMSE, one file and one row in ``PROTOCOLS`` each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lumbardisc.io.pacs.address import Address, parse_address
from lumbardisc.io.pacs.archive import Pacs
from lumbardisc.io.pacs.credentials import Credentials, check_kept_secret, credentials_from
from lumbardisc.io.pacs.fetch import Match, fetch, find_studies
from lumbardisc.io.pacs.query import Query, parse_query
from lumbardisc.io.pacs.tls import client_context

__all__ = ["Match", "Pacs", "Query", "fetch", "find_studies", "open_pacs", "parse_query"]


def _dicomweb(address: Address, credentials: Credentials) -> Pacs:
    from lumbardisc.io.pacs.dicomweb import DicomWeb

    return DicomWeb(address, credentials)


def _dimse(address: Address, credentials: Credentials) -> Pacs:
    from lumbardisc.io.pacs.dimse import Dimse

    return Dimse(address, credentials)


PROTOCOLS: Mapping[str, Callable[[Address, Credentials], Pacs]] = {
    "https": _dicomweb,
    "http": _dicomweb,
    "dicoms": _dimse,
    "dicom": _dimse,
}


def open_pacs(address: str, environment: Mapping[str, str]) -> Pacs:
    """The PACS at an address, asked as the environment says (see ``credentials_from``). Nothing is sent yet.

    Raises UsageError where address or environment cannot be, or a secret would travel unencrypted.
    """
    place, credentials = parse_address(address), credentials_from(environment)
    check_kept_secret(credentials, place)
    if place.encrypted:
        client_context(credentials)  # its files are looked at now, not after minutes of work
    return PROTOCOLS[place.scheme](place, credentials)
