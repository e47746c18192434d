"""Jobs in processes of this machine: one that is killed, say for its memory, costs the job it was at and no other."""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from lumbardisc.jobs.job import Job, Outcome
from lumbardisc.jobs.store import outcome, work

_TRIES = 2
_PATIENCE_S = 10.0  # for a process to end by itself once it was asked to


def do_in_processes(jobs: Sequence[Job], store: Path, workers: int) -> Iterator[Outcome]:
    """The outcomes as they come. The cores are shared out evenly; a job whose process died is tried once more."""
    waiting = deque((job, 1) for job in jobs)
    count = min(workers, len(jobs))
    threads = max(1, (os.cpu_count() or 1) // count)
    busy: dict[Any, _Worker] = {}
    idle: list[_Worker] = []
    try:
        while waiting or busy:
            while waiting and len(busy) < count:
                worker = idle.pop() if idle else _Worker(store, threads)
                busy[worker.line] = worker
                worker.begin(*waiting.popleft())
            for line in wait(list(busy)):
                worker = busy.pop(line)
                if told := worker.answer():
                    idle.append(worker)
                    yield outcome(worker.job, store, *told)
                elif worker.number < _TRIES:
                    waiting.append((worker.job, worker.number + 1))
                else:
                    yield Outcome(worker.job, None, worker.how_it_died())
    finally:
        for worker in (*busy.values(), *idle):
            worker.end()


class _Worker:
    """A process that does one job after the other. Started anew (spawned), as no library here is safe to fork.

    line: where its answers come. job, number: what it is at, and which try that is.
    """

    job: Job
    number: int

    def __init__(self, store: Path, threads: int) -> None:
        context = get_context("spawn")
        self.line, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(there, store, threads))
        with _deaf():
            self._process.start()
        there.close()  # the process alone holds it now, so the line ends with the process

    def begin(self, job: Job, number: int) -> None:
        """Hand it a job; where it has died meanwhile, ``answer`` says so."""
        self.job, self.number = job, number
        with suppress(OSError):
            self.line.send(job)

    def answer(self) -> tuple[str | None, float] | None:
        """What ``work`` said of the job, None where the process died over it."""
        try:
            told: tuple[str | None, float] = self.line.recv()
        except (EOFError, OSError):
            self.end()
            return None
        return told

    def how_it_died(self) -> str:
        """In one line."""
        code = self._process.exitcode or 0
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return f"its process {how}, {_TRIES} times; is there memory enough? Fewer jobs at a time need less"

    def end(self) -> None:
        """Ask it to end, so that it cleans up what it was at; killed only where it does not."""
        self.line.close()
        self._process.terminate()
        self._process.join(_PATIENCE_S)
        self._process.kill()
        self._process.join()


def _serve(line: Connection, store: Path, threads: int) -> None:
    """What the process does until the line ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal, for all; who started this process sees to it
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # an exception, so that half-written files are removed
    with suppress(EOFError, OSError):
        while True:
            line.send(work(line.recv(), store, threads))


@contextmanager
def _deaf() -> Iterator[None]:
    """A process started within this hears no Ctrl-C, not even before its first line; one that comes is kept for us."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
