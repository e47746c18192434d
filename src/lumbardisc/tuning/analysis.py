"""The analysis of a study, as in Markhali 2024: do versions differ, and which discs are outlined worse?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.evaluation.comparison.letters import letters, told_apart
from lumbardisc.evaluation.comparison.mixed import Effect, MixedModel, factor_effects, mixed_model
from lumbardisc.evaluation.comparison.tests import KruskalWallis, Pair
from lumbardisc.evaluation.segmentation.groups import contrast
from lumbardisc.levels import disc_label
from lumbardisc.tuning.study import MAIN, Run, Study, number_of

Scores = Mapping[str, NDArray[np.float64]]

RANKED = {MAIN: "Dice", "dice_without_orphans": "Dice after orphan removal"}
"""Scores by which versions are compared, where a run has them."""
OF_DISCS = {
    **RANKED,
    "volume_ratio": "Volume ratio",
    "volume_ratio_without_orphans": "Volume ratio after orphan removal",
}
"""Scores of the best run that are compared between groups of discs or subjects."""
BY = {"grade": "Pfirrmann grade", "level": "level"}
_ORDER: Mapping[str, Callable[[Any], Any]] = {"grade": int, "level": disc_label}


@dataclass(frozen=True)
class VersionScore:
    """One version. mean: of its runs. between_runs, between_subjects: standard deviations of the means of each run and
    of each subject; NaN for fewer than two. letters: versions that share one are not told apart."""

    version: str
    runs: int
    mean: float
    between_runs: float
    between_subjects: float
    letters: str


@dataclass(frozen=True)
class Comparison:
    """All versions by one score, best first; factors: of the settings that the configuration names."""

    score: str
    title: str
    versions: tuple[VersionScore, ...]
    model: MixedModel
    factors: Mapping[str, Effect]
    runs: Scores
    """Version -> the mean over subjects of each of its runs."""
    best: Scores
    """Run -> the score of each subject, the best runs first."""


@dataclass(frozen=True)
class Groups:
    """Groups of discs (or subjects, where discs are not known) of the best run, by one score."""

    by: str
    score: str
    title: str
    run: str
    scores: Scores
    overall: KruskalWallis
    pairs: tuple[Pair, ...]
    letters: Mapping[str, str]


@dataclass(frozen=True)
class Analysis:
    """Everything. notes: a line each for what could not be compared, and why."""

    comparisons: tuple[Comparison, ...]
    groups: tuple[Groups, ...]
    notes: tuple[str, ...]


def analyse(study: Study) -> Analysis:
    """Arrays in, numbers out; undefined is NaN, and a note says why."""
    comparisons = tuple(_comparison(study, score) for score in RANKED if _ranked(study.runs, score))
    return Analysis(comparisons, tuple(_groups(study)), tuple(_notes(study, comparisons)))


def _comparison(study: Study, score: str) -> Comparison:
    ranked = _ranked(study.runs, score)
    runs = {name: np.array([run.scores[score] for run in ranked if run.version == name]) for name in study.versions}
    rows = [(run.version, str(one["subject"]), number_of(one, score)) for run in ranked for one in run.subjects]
    versions, subjects, values = zip(*rows, strict=True)
    model = mixed_model(versions, subjects, values)
    order = sorted((name for name in runs if len(runs[name])), key=lambda name: -_mean(runs[name]))
    shared = letters(order, told_apart(model.differences)) if not np.isnan(model.effect.p) else {}
    return Comparison(
        score,
        RANKED[score],
        tuple(_version(name, runs[name], ranked, score, shared.get(name, "")) for name in order),
        model,
        factor_effects(_levels(study, versions), subjects, values),
        runs,
        {run.name: np.array([number_of(one, score) for one in run.subjects]) for run in ranked[: study.config.best]},
    )


def _version(name: str, runs: NDArray[np.float64], ranked: Sequence[Run], score: str, shared: str) -> VersionScore:
    own = [run for run in ranked if run.version == name]
    by_subject: dict[str, list[float]] = {}
    for run in own:
        for one in run.subjects:
            by_subject.setdefault(str(one["subject"]), []).append(number_of(one, score))
    subjects = np.array([np.mean(scores) for scores in by_subject.values()])
    return VersionScore(name, len(own), _mean(runs), _spread(runs), _spread(subjects), shared)


def _ranked(runs: Sequence[Run], score: str) -> list[Run]:
    """The runs that have a score, the best first; one that went astray and has none is left out."""
    known = [run for run in runs if not np.isnan(run.scores.get(score, np.nan))]
    return sorted(known, key=lambda run: -run.scores[score])


def _levels(study: Study, versions: Sequence[str]) -> dict[str, list[str]]:
    """Factor -> its level for each score."""
    return {
        factor: [str(getattr(study.versions[name], factor)) for name in versions] for factor in study.config.factors
    }


def _groups(study: Study) -> Iterator[Groups]:
    """Of the best run by each score: its discs, or its subjects where the recipe tells nothing of discs."""
    for score, title in OF_DISCS.items():
        rank = score.replace("volume_ratio", MAIN)
        for run in _ranked(study.runs, rank)[:1]:
            for by in BY:
                rows = [one for one in run.discs or run.subjects if None not in (one.get(by), one.get(score))]
                scores = {
                    str(group): np.array([number_of(one, score) for one in rows if one[by] == group])
                    for group in sorted({one[by] for one in rows}, key=_ORDER[by])
                }
                if len(scores) > 1:
                    yield _group(by, score, title, run, scores)


def _group(by: str, score: str, title: str, run: Run, scores: Scores) -> Groups:
    found = contrast(scores)
    return Groups(by, score, title, run.name, scores, found.overall, found.pairs, found.letters)


def _notes(study: Study, comparisons: Sequence[Comparison]) -> Iterator[str]:
    for run in study.runs:
        if np.isnan(run.scores.get(MAIN, np.nan)):
            yield f"{run.name} (seed {run.seed}) has no score; it is on the leaderboard, but in no comparison"
    if len(study.config.seeds) == 1:
        yield "one seed: how much runs of a version differ by chance is not known; give more seeds"
    if not comparisons:
        yield "nothing is compared, as no run has a score"
    for one in comparisons:
        if np.isnan(one.model.effect.p):
            yield f"{one.title}: versions are not compared, as {_why_not(one)}"
        for name, effect in one.factors.items():
            if np.isnan(effect.p) and not np.isnan(one.model.effect.p):
                yield f"{one.title}: the effect of {name} cannot be told, as it is constant or goes with another factor"


def _why_not(one: Comparison) -> str:
    if len(one.versions) < 2:
        return "only one has a score"
    return "there is one subject" if one.model.subjects < 2 else "all scores of a version and subject are the same"


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _spread(values: NDArray[np.float64]) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")
