"""The mixed model beside nlme, the paired t-test and statsmodels' own errors; what is undefined."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lumbardisc.evaluation.comparison.mixed import MixedModel, factor_effects, mixed_model

STOOLS = [
    *([12, 15, 12, 10], [10, 14, 13, 12], [7, 14, 13, 9], [7, 11, 10, 9], [8, 11, 8, 7], [9, 11, 11, 10]),
    *([8, 12, 12, 11], [7, 11, 8, 7], [9, 13, 10, 8]),
]
"""Effort to rise from four types of stools, nine subjects: ergoStool of nlme (Pinheiro and Bates 2000, section 1.2)."""


def model_of(table: Sequence[Sequence[float]]) -> MixedModel:
    """table: (subjects, versions)."""
    values = np.array(table, dtype=float)
    subjects, versions = np.indices(values.shape)
    return mixed_model([f"T{one + 1}" for one in versions.ravel()], subjects.ravel(), values.ravel())


def test_the_published_example() -> None:
    """lme(effort ~ Type, ergoStool, random = ~ 1 | Subject), as Pinheiro and Bates print it in section 1.2.

    Standard deviations 1.332465 and 1.100295; differences from T1 of 3.8889, 2.2222 and 0.6667 with an error of 0.51868
    and t of 7.4976, 4.2843 and 1.2853 with 24 degrees of freedom; F 22.356 with p below 0.0001.
    """
    found = model_of(STOOLS)
    assert_allclose([found.between_subjects, found.residual], [1.332465, 1.100295], rtol=1e-4)
    assert_allclose([one.mean for one in found.means], [8.5556, 12.4444, 10.7778, 9.2222], atol=5e-5)
    assert_allclose([one.error for one in found.means], 0.57601, atol=5e-5)
    from_first = [one for one in found.differences if one.first == "T1"]
    assert [one.second for one in from_first] == ["T2", "T3", "T4"]
    assert_allclose([one.difference for one in from_first], [-3.8889, -2.2222, -0.6667], atol=5e-5)
    assert_allclose([one.error for one in from_first], 0.51868, atol=5e-5)
    assert_allclose([one.t for one in from_first], [-7.4976, -4.2843, -1.2853], atol=1e-4)
    assert_allclose([one.p for one in from_first][1:], [0.0003, 0.2110], atol=5e-5)
    assert_allclose(found.effect.f, 22.356, atol=5e-4)
    assert (found.effect.degrees_of_freedom, found.effect.residual_degrees_of_freedom) == (3, 24)
    assert found.effect.p < 0.0001


def test_two_versions_are_a_paired_t_test() -> None:
    from scipy.stats import ttest_rel

    table = np.array(STOOLS)[:, :2]
    (found,) = model_of(table.tolist()).differences
    expected = ttest_rel(*table.T)
    assert_allclose([found.t, found.p, found.p_holm], [expected.statistic, expected.pvalue, expected.pvalue], rtol=1e-4)


def test_unbalanced_scores_have_the_errors_of_statsmodels() -> None:
    from statsmodels.regression.mixed_linear_model import MixedLM

    rng = np.random.default_rng(3)
    version, subject = rng.integers(3, size=80), rng.integers(7, size=80)
    score = rng.normal(90, 2, 80) + 3 * rng.normal(size=7)[subject] + version
    score[5] = np.nan
    found = mixed_model([f"v{one}" for one in version], subject, score)
    known = ~np.isnan(score)
    design = np.array(version[known, None] == [int(one.version[1]) for one in found.means], dtype=float)
    expected = MixedLM(score[known], design, groups=subject[known]).fit(reml=True)
    assert_allclose([one.mean for one in found.means], expected.fe_params, rtol=1e-5)
    assert_allclose([one.error for one in found.means], expected.bse_fe, rtol=1e-3)
    assert (found.scores, found.subjects) == (79, 7)


def test_subjects_that_do_not_differ() -> None:
    """No variance between subjects: the model is an analysis of variance of the versions alone."""
    found = model_of([[1, 4, 2], [3, 2, 5], [2, 3, 1], [2, 3, 4]])
    assert found.between_subjects < 1e-3
    assert_allclose(found.means[0].error, found.residual / 2, rtol=1e-4)


@pytest.mark.parametrize(
    ("versions", "subjects", "values"),
    [
        ([], [], []),
        (["a", "a"], ["1", "2"], [0.8, 0.9]),
        (["a", "b", "a", "b"], ["1"] * 4, [0.8, 0.9, 0.7, 0.9]),
        (["a", "b", "a", "b"], ["1", "1", "2", "2"], [0.9] * 4),
        (["a", "b"], ["1", "2"], [0.8, 0.9]),
        (["a", "b", "a", "b"], ["1", "1", "2", "2"], [0.9, np.nan, 0.8, np.nan]),
    ],
    ids=["nothing", "one version", "one subject", "all equal", "too few", "one version left"],
)
def test_undefined_is_nan(versions: list[str], subjects: list[str], values: list[float]) -> None:
    found = mixed_model(versions, subjects, values)
    numbers = [found.effect.f, found.effect.p, found.between_subjects, found.residual]
    numbers += [one.mean for one in found.means] + [one.p_holm for one in found.differences]
    assert np.isnan(numbers).all()


def test_factors_as_a_two_way_analysis_of_variance() -> None:
    """Balanced and complete, the F of each factor is that of the mean squares, subjects taken out."""
    rng = np.random.default_rng(5)
    subject, size, kind = (one.ravel() for one in np.indices((6, 3, 2)))
    score = 50 + rng.normal(size=36) + rng.normal(0, 3, 6)[subject] + 0.8 * size
    found = factor_effects({"size": size, "kind": kind}, subject, score)

    def squares(levels: np.ndarray) -> float:
        return float(
            sum(np.sum(levels == one) * (score[levels == one].mean() - score.mean()) ** 2 for one in set(levels))
        )

    left = np.square(score - score.mean()).sum() - sum(map(squares, (subject, size, kind)))
    residual = 36 - 6 - 3
    assert_allclose(found["size"].f, squares(size) / 2 / (left / residual), rtol=1e-4)
    assert_allclose(found["kind"].f, squares(kind) / (left / residual), rtol=1e-4)
    assert [one.residual_degrees_of_freedom for one in found.values()] == [residual] * 2


def test_factors_that_cannot_be_told_apart() -> None:
    level = ["x", "y"] * 6
    subject, score = [str(one // 4) for one in range(12)], np.arange(12.0) ** 2
    assert np.isnan([one.p for one in factor_effects({"a": level, "b": level}, subject, score).values()]).all()
    assert np.isnan(factor_effects({"a": ["x"] * 12}, subject, score)["a"].p)
    assert np.isnan(factor_effects({"a": []}, [], [])["a"].p)
