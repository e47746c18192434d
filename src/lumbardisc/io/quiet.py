"""Keeps the remarks of format libraries off a user's terminal: what is wrong is said once, by the error."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_LOGGERS = ("nibabel.global", "pydicom", "tifffile", "PIL")
_SILENT = logging.CRITICAL + 1


@contextmanager
def quiet() -> Iterator[None]:
    """Context in which those libraries neither log nor warn; their settings are as before afterwards."""
    loggers = [logger for logger in map(logging.getLogger, _LOGGERS) if logger.level != _SILENT]  # setting takes long
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(_SILENT)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
