"""Every study of a cohort as a job; those that an earlier run finished are not repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lumbardisc import jobs
from lumbardisc.cohort.key import key_of
from lumbardisc.cohort.places import Place
from lumbardisc.cohort.study import analyze_study, checksum, parts_for
from lumbardisc.jobs import Engine, Job, Outcome

if TYPE_CHECKING:
    from lumbardisc.io import Source

STORE = ".lumbardisc"
"""Folder within the cohort's own that holds what is known of each finished study."""


@dataclass(frozen=True)
class Task:
    """A study and where its results go. asked: what the user set for its reading and writing,
    JSON-ready."""

    source: Source
    place: Place
    asked: Mapping[str, Any]


def analyze_cohort(
    tasks: Iterable[Task],
    root: Path,
    how: Mapping[str, Any],
    engine: Engine,
    tell: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Analyse every study that is not finished with the same bytes, settings, networks and version.

    root: the cohort's folder, absolute where workers are on other machines. how: options of ``pipeline.pipeline_for``.
    tell: called with every outcome as it comes. Results of an outcome: see ``study.analyze_study``. Raises UsageError
    or WeightsError before any work where no study could be analysed so. Values of ``how`` must be hashable.
    """
    networks = parts_for(how).cards
    work = [_job(task, root, how, networks) for task in tasks]
    for job in work:
        _forget_what_changed(job, root)
    return jobs.run(work, root / STORE, engine, tell)


def _job(task: Task, root: Path, how: Mapping[str, Any], networks: Mapping[str, Any]) -> Job:
    own = {name: value for name, value in how.items() if name != "weights"}  # where those lie does not count
    settings = {"how": own, "networks": networks, "asked": task.asked, "files": task.place.files}
    arguments = (task.source, task.place, root, how)
    return Job(task.source.name, key_of(task.source, settings), analyze_study, arguments)


def _forget_what_changed(job: Job, root: Path) -> None:
    """A study that was analysed otherwise, or whose files were removed or replaced, is not finished: what is known of
    it is not served to ``finished`` either, should it fail now."""
    earlier = jobs.kept(job, root / STORE)
    if earlier is None or earlier.result is None or not is_whole(earlier.result, root):
        jobs.forget(root / STORE, job.name)


def is_whole(result: Mapping[str, Any], root: Path) -> bool:
    """Whether all files that a job wrote are there, the record as it wrote it."""
    files = result["files"]
    there = all((root / path).is_file() for path in files.values())
    return there and checksum(root / files["record"]) == result["sha256"]


def finished(names: Sequence[str], root: Path) -> dict[str, dict[str, Any]]:
    """Name -> what is known of each of these studies that is finished and whole, by whichever run."""
    found = {name: jobs.finished(root / STORE, name) for name in names}
    return {name: result for name, result in found.items() if result is not None and is_whole(result, root)}
