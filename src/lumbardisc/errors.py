"""Every error a user can meet.

LumbardiscError             one clear line: what, where, why, what to do
├── UsageError              the call itself is wrong (an option, a missing argument)
├── InputError              the input cannot be used
│   ├── UnreadableError     not an image, truncated, or a format we do not read
│   ├── GeometryError       spacing, affine, orientation or number of axes is unusable
│   ├── SeriesError         no series in the study is a sagittal lumbar one
│   └── NoSpineError        an image, but no lumbar spine was found in it
├── PacsError               a PACS is not reached, refuses, or sends half of a study
├── OutputError             results cannot be written (permission, full disk)
└── WeightsError            a weight file is missing, damaged or of another kind
"""

from __future__ import annotations

import os

DEBUG = "LUMBARDISC_DEBUG"  # environment variable: set to anything, unexpected errors come with their traceback


class LumbardiscError(Exception):
    """Base of every error shown to a user; ``str(error)`` is the one line that is printed."""


class UsageError(LumbardiscError):
    """The call itself is wrong: an option, a value, a missing argument."""


class InputError(LumbardiscError):
    """The input cannot be used."""


class UnreadableError(InputError):
    """Not an image, truncated, or of a format that is not read."""


class GeometryError(InputError):
    """Spacing, affine, orientation or the number of axes is unusable."""


class SeriesError(InputError):
    """No series of the study is a sagittal lumbar one."""


class NoSpineError(InputError):
    """The image was read, but no lumbar spine was found in it."""


class PacsError(LumbardiscError):
    """A PACS is not reached, refuses what it is asked, or sends half of a study."""


class OutputError(LumbardiscError):
    """The results cannot be written."""


class WeightsError(LumbardiscError):
    """A weight file is missing, damaged, or made for something else."""


def explain(error: Exception) -> str:
    """The line for an error. One that is not of our tree is a fault of ours: it is named and asked to be reported."""
    if isinstance(error, LumbardiscError):
        return str(error)
    if os.environ.get(DEBUG):
        import traceback

        traceback.print_exception(error)
    return f"unexpected {type(error).__name__}: {error}; please report this ({DEBUG}=1 shows the traceback)"
