"""Stage 3 as it is fitted: as scikit-learn and imbalanced-learn have it, balanced, and sure only where it may be."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("imblearn")

from imblearn.over_sampling import SMOTE
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import log_loss
from sklearn.svm import SVC

from lumbardisc.errors import UsageError
from lumbardisc.training.phases.svm import balance, fit_svm

pytestmark = pytest.mark.train

CENTRES = np.array([[150.0, 60.0, 125.0], [120.0, 50.0, 95.0], [95.0, 40.0, 65.0], [60.0, 20.0, 30.0]])


def discs(seed: int, *counts: int) -> tuple[np.ndarray, np.ndarray]:
    """Max, min and mean T1rho (ms) of so many discs of phases 1, 2, ..., which overlap."""
    phases = np.repeat(np.arange(1, len(counts) + 1), counts)
    return np.random.default_rng(seed).normal(CENTRES[phases - 1], 15), phases


@pytest.mark.parametrize("counts", [(119, 64, 67), (30, 12, 4), (20, 15, 8, 11)])
def test_decides_and_predicts_as_scikit_learn(counts: tuple[int, ...]) -> None:
    values, phases = discs(0, *counts)
    new = np.random.default_rng(1).uniform(10, 200, (500, 3))
    ours = fit_svm(values, phases, seed=3)
    scaled, labels = SMOTE(k_neighbors=min(5, min(counts) - 1), random_state=3).fit_resample(
        (values - ours.mean) / ours.scale, phases
    )
    theirs = SVC(decision_function_shape="ovo").fit(scaled, labels)
    assert_allclose(ours.decisions(new), theirs.decision_function((new - ours.mean) / ours.scale), atol=1e-12)
    assert_array_equal(ours.predict(new), theirs.predict((new - ours.mean) / ours.scale))


def test_smote_makes_the_phases_equal_and_keeps_the_discs() -> None:
    values, phases = discs(0, 119, 64, 67)
    balanced, labels = balance(values, phases, seed=0)
    assert_array_equal(np.unique(labels, return_counts=True)[1], [119, 119, 119])
    assert_array_equal(balanced[: len(values)], values)


def test_probabilities_mean_what_they_say() -> None:
    """On new discs they are better than the phases' shares, and than surer or less sure ones would be."""
    ours = fit_svm(*discs(0, 80, 80, 80))
    new, truth = discs(1, 400, 400, 400)
    stated = ours.probabilities(new)
    assert_allclose(stated.sum(axis=1), 1)
    loss = log_loss(truth, stated)
    assert loss < 0.6 * np.log(3)
    for power in (0.25, 4.0):
        other = stated**power / (stated**power).sum(axis=1, keepdims=True)
        assert loss < log_loss(truth, other)


@pytest.mark.parametrize("counts", [(20, 20, 2), (20, 20), ()])
def test_too_few_discs_of_a_phase_are_one_line(counts: tuple[int, ...]) -> None:
    values, phases = discs(0, *counts)
    with pytest.raises(UsageError, match=r"^phases: .*at least 3$"):
        fit_svm(values, phases)
