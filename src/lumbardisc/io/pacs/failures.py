"""What goes wrong between us and a PACS, in words: the network, and the codes by which servers refuse."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping

from lumbardisc.errors import PacsError
from lumbardisc.io.pacs.address import Address
from lumbardisc.io.pacs.limits import MOST_BYTES, MOST_S
from lumbardisc.io.pacs.retry import PassingError

ASK = "ask its administrator"
PASSING = range(0xA700, 0xA800)  # out of resources
WARNINGS = (0x0107, 0x0116, *range(0xB000, 0xC000))  # done, with a remark

# PS3.7 annex C, PS3.4 B.2.3, C.4.1 to C.4.3, PS3.18 10.5.3: by code, by the first two digits, by the first
_MEANINGS = {
    0x0110: "it failed on its side",
    0x0112: "it does not know the object",
    0x0117: "it finds the object invalid",
    0x0122: "it does not take this kind of object",
    0x0124: "we are not authorised",
    0xA701: "it could not count the images",
    0xA702: "it could not send all images",
    0xA801: "it does not know where to move images to",
    0xB000: "it changed some values",
    0xB006: "it left some values out",
    0xB007: "it finds that the object is not of its kind",
    0xFE00: "it was cancelled",
    0xA7: "it is out of resources",
    0xA9: "it finds that the object or query is not of its kind",
    0xC: "it cannot understand or process it",
}


def meaning(code: int) -> str:
    """A status of DIMSE, or a reason of STOW-RS, in words."""
    words = next((_MEANINGS[key] for key in (code, code >> 8, code >> 12) if key in _MEANINGS), "it says no more")
    return f"{words} (status {code:04X}H)"


def of_network(address: Address, error: BaseException) -> PacsError:
    """The one line for whatever kept bytes from being exchanged, found among the causes of an error."""
    causes = list(_causes(error))
    for kind, make in _NETWORK.items():
        for cause in causes:
            if isinstance(cause, kind):
                return make(address, cause)
    return broken_off(address)


def of_handshake(address: Address, error: OSError) -> PacsError:
    """The same where the other end is there, and only encryption does not come about."""
    return of_network(address, error) if isinstance(error, ssl.SSLError | TimeoutError) else _no_tls(address, error)


def late(address: Address) -> PacsError:
    """It had its time; to try again would only take that time again."""
    return PacsError(f"{address}: does not answer in time; check host and port, and what is between (firewall, VPN)")


def endless(address: Address) -> PacsError:
    """It does not stop."""
    most = f"{MOST_BYTES >> 30} GiB or {MOST_S / 60:.0f} minutes"
    return PacsError(f"{address}: sends more than {most} in one answer; {ASK}, or ask for another study")


def broken_off(address: Address) -> PacsError:
    """It was there, and is no more."""
    return PassingError(f"{address}: the connection broke off; try again later, and {ASK} if it stays so")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _untrusted(address: Address, error: BaseException) -> PacsError:
    reason = getattr(error, "verify_message", "") or "it cannot be verified"
    return PacsError(f"{address}: its certificate is not trusted ({reason}); name its authority by LUMBARDISC_PACS_CA")


def _no_tls(address: Address, error: BaseException) -> PacsError:
    reason = getattr(error, "reason", "") or "no reason given"
    return PacsError(
        f"{address}: no encrypted connection comes about ({reason}); check that it speaks TLS at this port, "
        "and whether it wants a certificate of ours (LUMBARDISC_PACS_CERT, LUMBARDISC_PACS_KEY)"
    )


def _no_name(address: Address, _error: BaseException) -> PacsError:
    return PacsError(f"{address}: no machine of this name is found; check the name, and the network")


def _refused(address: Address, _error: BaseException) -> PacsError:
    return PassingError(f"{address}: nobody listens at this port; check host and port, and that the PACS runs")


# in this order, as some of these kinds are kinds of others
_NETWORK: Mapping[type[BaseException], Callable[[Address, BaseException], PacsError]] = {
    socket.gaierror: _no_name,
    ssl.SSLCertVerificationError: _untrusted,
    ssl.SSLEOFError: lambda address, error: PassingError(str(_no_tls(address, error))),
    ssl.SSLError: _no_tls,
    ConnectionRefusedError: _refused,
    TimeoutError: lambda address, _error: late(address),
}
