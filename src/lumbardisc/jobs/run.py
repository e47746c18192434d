"""Jobs in, outcomes out: what was finished earlier is served, the rest is done by the engine."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path

from lumbardisc.errors import OutputError
from lumbardisc.jobs import store as kept_in
from lumbardisc.jobs.engine import Engine
from lumbardisc.jobs.job import Job, Outcome


def run(
    jobs: Sequence[Job], store: Path, engine: Engine, tell: Callable[[Outcome], None] | None = None
) -> list[Outcome]:
    """Do every job that was not finished in an earlier run; the outcomes in the order of the jobs.

    store: folder that holds ``<name>.json`` for each finished job, made where it is missing. A job whose name is there
    with the same key is not repeated; another key's is, and replaces it. tell: called with every outcome as it comes,
    in any order. A job that raises, or whose worker dies (it is tried again then), costs no other. Interrupted,
    finished jobs stay finished. Raises OutputError where the store cannot be made, UsageError where the cluster cannot
    be had.
    """
    if len({job.name for job in jobs}) < len(jobs):
        raise ValueError("two jobs have the same name")
    try:
        store.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{store}: cannot be made ({error.strerror}); choose another folder") from error
    outcomes = {}
    with closing(_outcomes(jobs, store, engine)) as coming:  # closed at once when interrupted, and with it its workers
        for outcome in coming:
            outcomes[outcome.job.name] = outcome
            if tell:
                tell(outcome)
    return [outcomes[job.name] for job in jobs]


def _outcomes(jobs: Sequence[Job], store: Path, engine: Engine) -> Generator[Outcome, None, None]:
    todo = []
    for job in jobs:
        if earlier := kept_in.kept(job, store):
            yield earlier
        else:
            todo.append(job)
    if todo:
        yield from engine.do(todo, store)
