"""Results of finished jobs, one JSON file each: written whole by whoever did the job, never served to another key."""

from __future__ import annotations

import json
import os
import secrets
import time
from pathlib import Path
from typing import Any

from lumbardisc.errors import OutputError, explain
from lumbardisc.jobs.job import Job, Outcome

THREADS = "OMP_NUM_THREADS"  # what numerical libraries, PyTorch and our own networks ask how many threads to use


def place(store: Path, name: str) -> Path:
    """Where the result of the job of this name lies."""
    return store / f"{name}.json"


def finished(store: Path, name: str) -> dict[str, Any] | None:
    """The result of the last finished job of this name, whatever its key; None where there is none."""
    found = _read(store, name).get("result")
    return found if isinstance(found, dict) else None


def forget(store: Path, name: str) -> None:
    """Let the job of this name be done again."""
    place(store, name).unlink(missing_ok=True)


def kept(job: Job, store: Path) -> Outcome | None:
    """What an earlier run made of this job; None where it was not finished, was another's, or cannot be read."""
    found = _read(store, job.name)
    if found.get("key") == job.key and isinstance(found.get("result"), dict):
        return Outcome(job, found["result"], None, float(found.get("seconds") or 0.0), kept=True)
    return None


def _read(store: Path, name: str) -> dict[str, Any]:
    """What is kept under a name; empty where nothing is that can be read."""
    try:
        found = json.loads(place(store, name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def work(job: Job, store: Path, threads: int | None = None) -> tuple[str | None, float]:
    """Do one job and keep its result: the reason where it failed, and the seconds it took.

    Doing it again changes nothing: a job that was finished meanwhile is left as it is. threads: that libraries which
    are not loaded yet may use; as they like where it is not given.
    """
    if earlier := kept(job, store):
        return None, earlier.seconds
    if threads:
        os.environ[THREADS] = str(threads)
    start = time.perf_counter()
    try:
        result = job.function(*job.arguments)
        seconds = round(time.perf_counter() - start, 3)
        _keep(job, store, {"key": job.key, "seconds": seconds, "result": result})
    except Exception as error:
        return explain(error), time.perf_counter() - start
    return None, seconds


def outcome(job: Job, store: Path, error: str | None, seconds: float) -> Outcome:
    """What ``work`` has made of a job, with the result read from the store."""
    found = None if error else kept(job, store)
    if found is None and error is None:
        error = f"its result is not in {store}; workers must see the folders under the same paths as this machine"
    return Outcome(job, found.result if found else None, error, seconds)


def _keep(job: Job, store: Path, found: dict[str, Any]) -> None:
    """Beside, then renamed: whoever looks finds a whole file or none."""
    beside = store / f".{job.name}.{secrets.token_hex(4)}"
    try:
        beside.write_text(json.dumps(found), encoding="utf-8")
        beside.replace(place(store, job.name))
    except OSError as error:
        raise OutputError(f"{store}: the result cannot be kept there ({error.strerror})") from error
    finally:
        beside.unlink(missing_ok=True)
