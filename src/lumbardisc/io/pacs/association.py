"""Associations of DIMSE: made, ended in any case, and told why where none comes about."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lumbardisc.errors import PacsError
from lumbardisc.io.pacs.address import Address
from lumbardisc.io.pacs.credentials import Credentials
from lumbardisc.io.pacs.failures import ASK, endless, late, of_handshake, of_network
from lumbardisc.io.pacs.limits import ANSWER_S, CONNECT_S, Allowance
from lumbardisc.io.pacs.retry import PassingError
from lumbardisc.io.pacs.tls import client_context

if TYPE_CHECKING:
    from pynetdicom import AE
    from pynetdicom.association import Association
    from pynetdicom.events import Event
    from pynetdicom.pdu_primitives import A_ASSOCIATE, UserIdentityNegotiation
    from pynetdicom.presentation import PresentationContext

_BY_PASSWORD, _BY_TOKEN = 2, 5  # kinds of user identity, PS3.7 D.3.3.7
_UNKNOWN_CALLER, _UNKNOWN_CALLED = (1, 3), (1, 7)  # source and reason of a rejection, PS3.8 9.3.4
_LATER = 2  # result of a rejection that may pass


@contextmanager
def _bounded(address: Address) -> Iterator[Any]:
    """A handler that lets nobody wait for more than one answer may bring; where it did, PacsError says so."""
    from pynetdicom import evt

    allowance = Allowance()

    def count(event: Event) -> None:
        if not allowance.take(event.data):
            event.assoc.dimse.msg_queue.put((None, None))  # as the library does where the other end aborts

    try:
        yield evt.EVT_DATA_RECV, count
    except Exception as error:
        if allowance.spent:
            raise endless(address) from error
        raise


@dataclass(frozen=True)
class Caller:
    """Who calls whom."""

    address: Address
    credentials: Credentials

    @contextmanager
    def association(
        self, contexts: Sequence[PresentationContext], roles: Sequence[Any] = (), handlers: Sequence[Any] = ()
    ) -> Iterator[Association]:
        """An established association, released at the end and aborted where something is raised. Raises PacsError."""
        with _bounded(self.address) as meter:
            link = self._associate(contexts, roles, [*handlers, meter])
            try:
                yield link
            except BaseException:
                link.abort()
                raise
        if link.is_established:
            link.release()

    def _associate(
        self, contexts: Sequence[PresentationContext], roles: Sequence[Any], handlers: list[Any]
    ) -> Association:
        began = time.monotonic()
        try:
            link = self.entity().associate(
                self.address.host,
                self.address.port or 0,
                contexts=list(contexts),
                ae_title=self.address.title,
                ext_neg=[*roles, *self._identity()],
                tls_args=(client_context(self.credentials), self.address.host) if self.address.encrypted else None,
                evt_handlers=handlers,
            )
        except OSError as error:  # a name that is not resolved
            raise of_network(self.address, error) from error
        if not link.is_established:
            raise self._why_not(link, time.monotonic() - began)
        return link

    def entity(self) -> AE:
        """Ourselves, who wait for nothing without end."""
        from pynetdicom import AE, _config

        _config.LOG_HANDLER_LEVEL = "none"  # else its log would tell user and password
        own = AE(self.credentials.title)
        own.connection_timeout = own.acse_timeout = CONNECT_S
        own.dimse_timeout = own.network_timeout = ANSWER_S
        return own

    def _identity(self) -> Iterator[UserIdentityNegotiation]:
        from pynetdicom.pdu_primitives import UserIdentityNegotiation

        if not self.credentials.secret:
            return
        identity = UserIdentityNegotiation()
        if self.credentials.token:
            identity.user_identity_type, identity.primary_field = _BY_TOKEN, self.credentials.token.encode()
        else:
            identity.user_identity_type, identity.primary_field = _BY_PASSWORD, self.credentials.user.encode()
            identity.secondary_field = self.credentials.password.encode()
        yield identity

    def _why_not(self, link: Association, seconds: float) -> PacsError:
        """Why no association came about, which the library only tells to its log."""
        answer = link.acceptor.primitive
        if link.is_rejected and answer is not None:
            return self._rejection(answer)
        if answer is not None:
            return PacsError(f"{self.address}: offers none of the services or formats that are needed; {ASK}")
        return late(self.address) if seconds >= CONNECT_S else self._probe()

    def _rejection(self, answer: A_ASSOCIATE) -> PacsError:
        why = (answer.result_source, answer.diagnostic)
        if why == _UNKNOWN_CALLED:
            return PacsError(f"{self.address}: refused, as it is not called {self.address.title}; check the AE title")
        if why == _UNKNOWN_CALLER:
            own = self.credentials.title
            return PacsError(f"{self.address}: does not know our AE title {own}; {ASK}, or set LUMBARDISC_PACS_AET")
        kind = PassingError if answer.result == _LATER else PacsError
        return kind(f"{self.address}: refused the association ({answer.reason_str}); {ASK}")

    def _probe(self) -> PacsError:
        """Connects once more, only to see what is in the way."""
        address = self.address
        try:
            connection = socket.create_connection((address.host, address.port or 0), CONNECT_S)
        except OSError as error:
            return of_network(address, error)
        with connection:
            try:
                if address.encrypted:
                    context = client_context(self.credentials)
                    context.wrap_socket(connection, server_hostname=address.host).close()
            except OSError as error:
                return of_handshake(address, error)
        how = "with TLS, and whether it wants LUMBARDISC_PACS_CERT" if address.encrypted else "without TLS"
        return PassingError(f"{address}: broke off before an association began; check that it speaks DIMSE there {how}")
