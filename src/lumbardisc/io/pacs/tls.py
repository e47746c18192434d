"""Encryption, always with the other's certificate verified."""

from __future__ import annotations

import ssl

from lumbardisc.errors import UsageError
from lumbardisc.io.pacs.credentials import PREFIX, Credentials


def client_context(credentials: Credentials) -> ssl.SSLContext:
    """For connections of ours. Raises UsageError where a file is not what its variable says."""
    try:
        context = ssl.create_default_context(cafile=credentials.authority)
    except (OSError, ValueError) as error:
        raise UsageError(f"{PREFIX}CA: {credentials.authority} holds no certificates in PEM; give another") from error
    return _with_own_certificate(context, credentials)


def server_context(credentials: Credentials) -> ssl.SSLContext:
    """For connections to us, whose certificate must be signed by the same authority as the PACS's."""
    if not credentials.certificate:
        raise UsageError(f"{PREFIX}CERT: is needed to receive images by C-MOVE over TLS; set it and {PREFIX}KEY")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=credentials.authority)
    context.verify_mode = ssl.CERT_REQUIRED
    return _with_own_certificate(context, credentials)


def _with_own_certificate(context: ssl.SSLContext, credentials: Credentials) -> ssl.SSLContext:
    if credentials.certificate:
        try:
            context.load_cert_chain(credentials.certificate, credentials.key, password="")  # asks nobody for one
        except (OSError, ValueError) as error:
            reason = "must hold our certificate and its key, in PEM and without a pass phrase"
            raise UsageError(f"{PREFIX}CERT, {PREFIX}KEY: {reason}; give others") from error
    return context
