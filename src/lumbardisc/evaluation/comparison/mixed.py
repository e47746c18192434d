"""Linear mixed model: do versions differ, where every subject is scored many times? Needs statsmodels."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbardisc.evaluation.comparison.holm import holm

UNDEFINED = float("nan")
TINY = 1e-12
"""Variances below it are 0, but for rounding."""


@dataclass(frozen=True)
class Mean:
    """Estimated mean of a version and its standard error."""

    version: str
    mean: float
    error: float


@dataclass(frozen=True)
class Difference:
    """Estimated difference, first minus second. p_holm: p corrected for all pairs. NaN where undefined."""

    first: str
    second: str
    difference: float
    error: float
    t: float
    p: float
    p_holm: float


@dataclass(frozen=True)
class Effect:
    """Whether the versions differ at all: F with so many degrees of freedom; NaN where undefined."""

    f: float
    degrees_of_freedom: int
    residual_degrees_of_freedom: int
    p: float


@dataclass(frozen=True)
class MixedModel:
    """The fitted model. between_subjects, residual: standard deviations, in the unit of the scores."""

    means: tuple[Mean, ...]
    differences: tuple[Difference, ...]
    effect: Effect
    between_subjects: float
    residual: float
    scores: int
    subjects: int


def mixed_model(versions: ArrayLike, subjects: ArrayLike, values: ArrayLike) -> MixedModel:
    """Version as a fixed effect and a random intercept of the subject, by restricted maximum likelihood.

    All (scores,): a score's version and subject, as text, and its value; NaN are left out, and versions without a
    score. Versions come in the order in which they first occur. t and F have the degrees of freedom within subjects,
    scores - subjects - versions + 1, as in nlme's ``lme`` (Pinheiro and Bates 2000, section 2.4.2). NaN where there are
    fewer than two versions or subjects, or where the scores leave nothing to tell chance by.
    """
    score = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(score)
    score, version = score[known], np.asarray(versions, dtype=str)[known]
    _, subject = np.unique(np.asarray(subjects, dtype=str)[known], return_inverse=True)
    names = list(dict.fromkeys(version.tolist()))
    design = np.stack([version == name for name in names], axis=-1).astype(np.float64) if names else np.zeros((0, 0))
    return _told(names, _fit(design, subject, score), len(score), len(np.unique(subject)))


def factor_effects(factors: Mapping[str, ArrayLike], subjects: ArrayLike, values: ArrayLike) -> dict[str, Effect]:
    """Whether each of several factors matters, with the others beside it: fixed and additive, subjects random.

    factors: name -> (scores,) its level for each score, as text. All else as in ``mixed_model``; NaN where a factor has
    but one level, or where the factors cannot be told apart.
    """
    score = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(score)
    score, subject = score[known], np.unique(np.asarray(subjects, dtype=str)[known], return_inverse=True)[1]
    columns = {name: _dummies(np.asarray(levels, dtype=str)[known]) for name, levels in factors.items()}
    design = np.hstack([np.ones((len(score), 1)), *columns.values()])
    freedom = len(score) - len(np.unique(subject)) - design.shape[1] + 1
    fit = _fit(design, subject, score)
    owners = np.repeat(["", *columns], [1, *(own.shape[1] for own in columns.values())])
    return {name: _wald(np.eye(len(owners))[owners == name], fit, freedom) for name in columns}


def _dummies(levels: NDArray[np.str_]) -> NDArray[np.float64]:
    """A column for each level but the first: 1 where the score is of it."""
    return np.array(levels[:, None] == np.unique(levels)[1:], dtype=np.float64)


@dataclass(frozen=True)
class _Fit:
    """Means of the versions, or effects of the design's columns, with their covariance; standard deviations."""

    means: NDArray[np.float64]
    covariance: NDArray[np.float64]
    between: float = UNDEFINED
    residual: float = UNDEFINED


def _fit(design: NDArray[np.float64], subject: NDArray[np.intp], score: NDArray[np.float64]) -> _Fit:
    """design: (scores, columns) of 0 and 1. subject: (scores,) numbers from 0."""
    columns = design.shape[1]
    owners = np.eye(subject.max(initial=-1) + 1)[subject]
    if columns < 2 or owners.shape[1] < 2 or not _leaves_chance(design, owners, score):
        return _Fit(np.full(columns, UNDEFINED), np.full((columns, columns), UNDEFINED))
    from statsmodels.regression.mixed_linear_model import MixedLM

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no variance between subjects is an answer too
        found = MixedLM(score / score.std(), design, groups=subject).fit(reml=True)
    between, residual = float(found.cov_re[0, 0]) * score.var(), float(found.scale) * score.var()
    sums = owners.T @ design  # (subjects, versions)
    shrunk = between / (residual + between * owners.sum(axis=0))
    information = (design.T @ design - sums.T @ (shrunk[:, None] * sums)) / residual
    return _Fit(
        found.fe_params * score.std(), np.linalg.inv(information), float(np.sqrt(between)), float(np.sqrt(residual))
    )


def _leaves_chance(design: NDArray[np.float64], owners: NDArray[np.float64], score: NDArray[np.float64]) -> bool:
    """Whether the columns can be told apart, and the scores scatter about what columns and subject tell."""
    columns = np.hstack([design, owners])
    told, *_ = np.linalg.lstsq(columns, score, rcond=None)
    scatter = np.square(score - columns @ told).mean() > TINY * np.square(score).mean()
    return bool(scatter and np.linalg.matrix_rank(design) == design.shape[1])


def _told(names: Sequence[str], fit: _Fit, scores: int, subjects: int) -> MixedModel:
    freedom = scores - subjects - len(names) + 1
    errors = np.sqrt(np.diag(fit.covariance))
    return MixedModel(
        tuple(
            Mean(name, float(mean), float(error)) for name, mean, error in zip(names, fit.means, errors, strict=True)
        ),
        _differences(names, fit, freedom),
        _effect(fit, freedom),
        fit.between,
        fit.residual,
        scores,
        subjects,
    )


def _differences(names: Sequence[str], fit: _Fit, freedom: int) -> tuple[Difference, ...]:
    from scipy.stats import t as student

    pairs = list(combinations(range(len(names)), 2))
    contrasts = np.zeros((len(pairs), len(names)))
    for row, (one, other) in enumerate(pairs):
        contrasts[row, [one, other]] = 1, -1
    differences = contrasts @ fit.means
    errors = np.sqrt(np.diag(contrasts @ fit.covariance @ contrasts.T))
    ts = differences / errors
    ps = 2 * student.sf(np.abs(ts), freedom)
    numbers = np.stack([differences, errors, ts, ps, holm(ps)], axis=-1).tolist()
    return tuple(Difference(names[one], names[other], *own) for (one, other), own in zip(pairs, numbers, strict=True))


def _effect(fit: _Fit, freedom: int) -> Effect:
    """Whether all versions have one mean."""
    more = max(len(fit.means) - 1, 0)
    return _wald(np.eye(more, len(fit.means)) - np.eye(more, len(fit.means), 1), fit, freedom)


def _wald(contrasts: NDArray[np.float64], fit: _Fit, freedom: int) -> Effect:
    """Wald's F of all contrasts (tested, columns of the design) being 0."""
    from scipy.stats import f as fisher

    tested = len(contrasts)
    if not tested or np.isnan(fit.residual):
        return Effect(UNDEFINED, tested, freedom, UNDEFINED)
    off = contrasts @ fit.means
    found = float(off @ np.linalg.solve(contrasts @ fit.covariance @ contrasts.T, off) / tested)
    return Effect(found, tested, freedom, float(fisher.sf(found, tested, freedom)))
