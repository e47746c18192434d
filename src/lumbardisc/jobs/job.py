"""What a job is, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Job:
    """One piece of work, done by itself.

    name: unique among the jobs of a store, fit for a file name. key: sha256 of all that shapes the result. function: of
    the top level of a module, so that it can be sent to another process; returns what JSON can hold. arguments: of the
    function, to be sent with it.
    """

    name: str
    key: str
    function: Callable[..., dict[str, Any]]
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of a job. result: None where it failed, and then ``error`` says why in one line. seconds: the work
    took, in the earlier run where the result was kept from one."""

    job: Job
    result: dict[str, Any] | None
    error: str | None = None
    seconds: float = 0.0
    kept: bool = False
