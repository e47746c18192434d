"""A tuning study: every version with every seed, each run once; the leaderboard grows while it runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from lumbardisc import jobs
from lumbardisc.errors import UsageError
from lumbardisc.io.folders import make_folder
from lumbardisc.training.run_folder import key_of
from lumbardisc.tuning.config import TuningConfig, read_config, versions_of
from lumbardisc.tuning.recipes import TUNABLE, Tunable

RUNS = "runs"
"""Folder of checkpoints and results within the study's."""
MAIN = "dice"
"""The score by which runs are ranked."""


@dataclass(frozen=True)
class Run:
    """A finished run. number: from 1, within its version. subjects, discs: a row each, with its scores."""

    version: str
    number: int
    seed: int
    seconds: float
    subjects: Sequence[Mapping[str, Any]]
    discs: Sequence[Mapping[str, Any]] = ()

    @property
    def name(self) -> str:
        """As figures and lines name it."""
        return f"{self.version}, run {self.number}"

    @property
    def job(self) -> str:
        """As its job is called."""
        return job_name(self.version, self.seed)

    @property
    def score_text(self) -> str:
        """``Dice 0.918``; says so where it has none."""
        score = self.scores.get(MAIN, nan)
        return "no Dice" if np.isnan(score) else f"Dice {score:.3f}"

    @property
    def scores(self) -> dict[str, float]:
        """Mean of each score over the subjects; NaN where it is undefined for one of them."""
        return {name: float(np.mean([number_of(one, name) for one in self.subjects])) for name in self._names}

    @property
    def _names(self) -> list[str]:
        """A score may be null for all subjects of one run but not of another, so it counts by its name."""
        first = self.subjects[0] if self.subjects else {}
        return [name for name, value in first.items() if name != "grade" and not isinstance(value, str)]


@dataclass(frozen=True)
class Study:
    """What came of a study. runs: the best first. failed: one line per run that was not finished."""

    config: TuningConfig
    versions: Mapping[str, BaseModel]
    runs: tuple[Run, ...]
    failed: tuple[str, ...]


def job_name(version: str, seed: int) -> str:
    """Of a run: unique within a study."""
    return f"{version}_seed_{seed}"


def number_of(row: Mapping[str, Any], name: str) -> float:
    """A score of a row; NaN where it has none."""
    value = row.get(name)
    return nan if value is None else float(value)


def tune(path: Path, engine: jobs.Engine, tell: Callable[[jobs.Outcome, Study, int], None] | None = None) -> Study:
    """Run what a configuration asks for, but for what earlier runs of it have finished.

    tell: called after every run, with what came of it, the study so far and the number of runs in all; the leaderboard
    on disk is whole and up to date then. Raises UsageError and OutputError before anything is run; a run that fails
    costs no other.
    """
    config = read_config(path)
    recipe = TUNABLE[config.recipe]()
    settings = recipe.read(config.config)
    versions = versions_of(config, recipe, settings, path)
    todo = _jobs(config, versions, settings, recipe)
    finished: list[jobs.Outcome] = []

    def on(outcome: jobs.Outcome) -> None:
        from lumbardisc.tuning.leaderboard import write_leaderboard

        finished.append(outcome)
        study = _study(config, versions, finished)
        write_leaderboard(study.runs, config.out)
        if tell:
            tell(outcome, study, len(todo))

    return _study(config, versions, jobs.run(todo, config.out / RUNS, engine, on))


def train_run(recipe: str, settings: Any, version: BaseModel, seed: int, folder: Path) -> dict[str, Any]:
    """One run, as a job: in any process, on any machine that sees the folders. Raises LumbardiscError."""
    make_folder(folder)
    return TUNABLE[recipe]().train(settings, version, seed, folder)


def _jobs(config: TuningConfig, versions: Mapping[str, BaseModel], settings: Any, recipe: Tunable) -> list[jobs.Job]:
    """Every version's first seed before any second. The folder of a run goes by its key too, so that no checkpoint of
    other settings or data is ever taken up."""
    data = _checksum(recipe.data(settings))
    free = {"out", "masks", "grades", "seed", "version"}  # the data count by their contents, the others by themselves
    keys = {
        (version, seed): key_of(config.recipe, settings, data, own, seed, free=free)
        for seed in config.seeds
        for version, own in versions.items()
    }
    return [
        jobs.Job(
            name=(name := job_name(version, seed)),
            key=key,
            function=train_run,
            arguments=(config.recipe, settings, versions[version], seed, config.out / RUNS / f"{name}-{key[:8]}"),
        )
        for (version, seed), key in keys.items()
    ]


def _checksum(places: Sequence[Path]) -> str:
    """sha256 of all files there, by name and content. Raises UsageError."""
    key = hashlib.sha256()
    for place in places:
        files = sorted(one for one in place.rglob("*") if one.is_file()) if place.is_dir() else [place]
        for file in files:
            key.update(file.name.encode())
            try:
                key.update(hashlib.sha256(file.read_bytes()).digest())
            except OSError as error:
                raise UsageError(f"{file}: cannot be read ({error.strerror})") from None
    return key.hexdigest()


def _study(config: TuningConfig, versions: Mapping[str, BaseModel], outcomes: Sequence[jobs.Outcome]) -> Study:
    meant = {
        job_name(version, seed): (version, number, seed)
        for version in versions
        for number, seed in enumerate(config.seeds, 1)
    }
    runs = [
        Run(*meant[one.job.name], one.seconds, one.result["subjects"], one.result.get("discs", ()))
        for one in outcomes
        if one.result is not None
    ]
    failed = tuple(f"{one.job.name}: {one.error}" for one in outcomes if one.result is None)
    return Study(config, versions, tuple(sorted(runs, key=_rank)), failed)


def _rank(run: Run) -> tuple[bool, float, str, int]:
    """Best first, those without a score last."""
    score = run.scores.get(MAIN, nan)
    return np.isnan(score), -score, run.version, run.number
