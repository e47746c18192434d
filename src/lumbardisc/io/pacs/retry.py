"""What may pass by itself is tried again, a few times and ever later; what will not is told at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from lumbardisc.errors import LumbardiscError, PacsError
from lumbardisc.io.dicom_header import quietly

TRIES = 3
WAIT_S = 1.0  # before the second try; twice as long before each that follows

T = TypeVar("T")


class PassingError(PacsError):
    """May be gone at the next try: a lost connection, a server that has too much to do."""


def persistently(action: Callable[[], T], explain: Callable[[Exception], PacsError]) -> T:
    """What ``action`` returns, which may be called ``TRIES`` times. explain: an error of a library -> one of ours.

    Raises PacsError, and other errors of our tree as they are.
    """
    for wait_s in (WAIT_S * 2**count for count in range(TRIES - 1)):
        try:
            return _explained(action, explain)
        except PassingError:
            time.sleep(wait_s)
    try:
        return _explained(action, explain)
    except PassingError as error:
        raise PacsError(f"{error} (tried {TRIES} times)") from error


def _explained(action: Callable[[], T], explain: Callable[[Exception], PacsError]) -> T:
    try:
        with quietly():
            return action()
    except LumbardiscError:
        raise
    except Exception as error:
        raise explain(error) from error
