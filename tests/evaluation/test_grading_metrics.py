"""Agreement of grades: tables counted by hand, scikit-learn's numbers, and properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from lumbardisc.evaluation.grading import (
    GRADES,
    MISSING,
    accuracy,
    as_farthest,
    auc,
    balanced_accuracy,
    class_scores,
    cohen_kappa,
    confusion,
    degeneration,
    degeneration_probabilities,
    mean_absolute_error,
    one_vs_rest,
    pair_scores,
    pairwise_auc,
    quadratic_kappa,
    recalls,
    roc_points,
    within_one,
)

TRUTH = np.array([1, 1, 2, 3, 3, 4, 5, 5])
PREDICTED = np.array([1, 2, 2, 3, 5, 4, 4, MISSING])  # one grade off twice, two off once, one not found
EACH = range(1, GRADES + 1)
PAIRS = st.lists(st.tuples(st.sampled_from(EACH), st.integers(0, 5)), min_size=2, max_size=40)


class TestByHand:
    def test_shares(self) -> None:
        assert accuracy(TRUTH, PREDICTED) == 4 / 8
        assert within_one(TRUTH, PREDICTED) == 6 / 8
        assert mean_absolute_error(TRUTH, PREDICTED) == (1 + 2 + 1 + 4) / 8

    def test_confusion_and_recalls(self) -> None:
        expected = [[1, 1, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0], [0, 0, 1, 0, 1, 0], [0, 0, 0, 1, 0, 0], [0, 0, 0, 1, 0, 1]]
        assert confusion(TRUTH, PREDICTED).tolist() == expected
        assert recalls(TRUTH, PREDICTED).tolist() == [0.5, 1, 0.5, 1, 0]
        assert balanced_accuracy(TRUTH, PREDICTED) == pytest.approx(3 / 5)

    def test_a_grade_that_nobody_has_is_left_out(self) -> None:
        truth, predicted = np.array([1, 1, 2]), np.array([1, 3, 2])
        assert recalls(truth, predicted)[:2].tolist() == [0.5, 1]
        assert np.isnan(recalls(truth, predicted)[2:]).all()
        assert balanced_accuracy(truth, predicted) == 0.75

    def test_kappa_of_a_table(self) -> None:
        # squared distances 0 1 0 0 4 0 1 16, mean 22 / 8; the missing grade 5 counts as 1. Over all 64 combinations of
        # truth (sum 24, squares 90) and filled grades (sum 22, squares 76): (8 * 90 + 8 * 76 - 2 * 24 * 22) / 64
        assert quadratic_kappa(TRUTH, PREDICTED) == pytest.approx(1 - (22 / 8) / (272 / 64))

    def test_one_against_the_rest(self) -> None:
        truth, predicted = np.array([1, 1, 2, 2, 3, 3]), np.array([1, 2, 2, 2, 3, 2])
        found = one_vs_rest(truth, predicted, 3)
        # class 1: tp 1 fn 1 fp 0 tn 4; class 2: tp 2 fn 0 fp 2 tn 2; class 3: tp 1 fn 1 fp 0 tn 4
        assert found.accuracy == pytest.approx((5 / 6 + 4 / 6 + 5 / 6) / 3)
        assert found.sensitivity == pytest.approx((1 / 2 + 1 + 1 / 2) / 3)
        assert found.specificity == pytest.approx((1 + 2 / 4 + 1) / 3)
        assert found.f1 == pytest.approx((2 / 3 + 4 / 6 + 2 / 3) / 3)

    def test_area_under_the_curve(self) -> None:
        # pairs (positive, negative) won: 0.9 beats both, 0.4 beats 0.1, ties with 0.4: 2 + 1 + 0.5 of 4
        positive = np.array([True, True, False, False])
        assert auc(positive, np.array([0.9, 0.4, 0.4, 0.1])) == 3.5 / 4

    def test_degeneration(self) -> None:
        assert degeneration(np.array([0, 1, 2, 3, 4, 5])).tolist() == [MISSING, 1, 1, 2, 3, 3]
        shares = degeneration_probabilities(np.array([[0.1, 0.2, 0.3, 0.25, 0.15]]))
        assert shares[0] == pytest.approx([0.3, 0.3, 0.4])

    def test_two_classes_told_apart(self) -> None:
        shares = np.array([[0.6, 0.2, 0.2], [0.1, 0.3, 0.6], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
        positive, score = pair_scores(np.array([1, 2, 3, 1]), shares, 1, 2)
        assert positive.tolist() == [False, True, False]
        assert score == pytest.approx([0.25, 0.75, 0.5])

    def test_pairs(self) -> None:
        truth = np.array([1, 1, 2, 2, 3])
        shares = np.array([[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.5, 0.4, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
        # 1 against 2: scores 1/9, 2/3 and 4/9, 8/9: 3 of 4 pairs are in order; severe is apart from both
        assert pairwise_auc(truth, shares) == pytest.approx({(1, 2): 0.75, (1, 3): 1.0, (2, 3): 1.0})


class TestNotFound:
    @pytest.mark.parametrize(("truth", "farthest"), [(1, 5), (2, 5), (3, 5), (4, 1), (5, 1)])
    def test_is_the_farthest_grade(self, truth: int, farthest: int) -> None:
        assert as_farthest(np.array([truth]), np.array([MISSING])).tolist() == [farthest]

    @pytest.mark.parametrize("truth", EACH)
    def test_is_never_right(self, truth: int) -> None:
        one = np.array([truth]), np.array([MISSING])
        assert accuracy(*one) == within_one(*one) == balanced_accuracy(*one) == 0
        assert mean_absolute_error(*one) >= 2

    def test_is_wrong_for_two_classes(self) -> None:
        found = one_vs_rest(np.array([1, 2, 3]), np.array([1, 2, MISSING]), 3)
        assert found == one_vs_rest(np.array([1, 2, 3]), np.array([1, 2, 1]), 3)

    def test_is_the_worst_score(self) -> None:
        positive = np.array([True, True, False, False])
        # the missing positive loses against both, the missing negative wins against both: of 4 pairs only 1 is won
        assert auc(positive, np.array([0.9, np.nan, 0.1, np.nan])) == 1 / 4

    def test_nothing_found_at_all(self) -> None:
        assert auc(np.array([True, False]), np.full(2, np.nan)) == 0
        assert pairwise_auc(np.array([1, 2, 3]), np.full((3, 3), np.nan)) == {(1, 2): 0, (1, 3): 0, (2, 3): 0}


class TestAgainstScikitLearn:
    """Sixty discs, some of them not found, on which nothing is degenerate."""

    generator = np.random.default_rng(3)
    truth = generator.integers(1, 6, 60)
    predicted = np.clip(truth + generator.integers(-2, 3, 60), MISSING, 5)
    filled = as_farthest(truth, predicted)

    def test_agreement(self) -> None:
        theirs = metrics.cohen_kappa_score(self.truth, self.filled, weights="quadratic")
        assert quadratic_kappa(self.truth, self.predicted) == pytest.approx(theirs)
        theirs = metrics.balanced_accuracy_score(self.truth, self.filled)
        assert balanced_accuracy(self.truth, self.predicted) == pytest.approx(theirs)
        theirs = metrics.confusion_matrix(self.truth, self.predicted, labels=[*EACH, MISSING])
        assert confusion(self.truth, self.predicted).tolist() == theirs[:5].tolist()

    def test_one_against_the_rest(self) -> None:
        found = one_vs_rest(self.truth, self.predicted, GRADES)
        assert found.f1 == pytest.approx(metrics.f1_score(self.truth, self.filled, average="macro"))
        assert found.sensitivity == pytest.approx(metrics.recall_score(self.truth, self.filled, average="macro"))
        tables = metrics.multilabel_confusion_matrix(self.truth, self.filled)
        assert found.specificity == pytest.approx(np.mean(tables[:, 0, 0] / tables[:, 0].sum(axis=1)))

    def test_each_class(self) -> None:
        found = class_scores(self.truth, self.predicted, GRADES)
        theirs = metrics.precision_recall_fscore_support(self.truth, self.filled, labels=EACH)
        assert [one.precision for one in found] == pytest.approx(theirs[0])
        assert [one.recall for one in found] == pytest.approx(theirs[1])
        assert [one.f1 for one in found] == pytest.approx(theirs[2])
        assert [one.support for one in found] == theirs[3].tolist()

    def test_two_readers(self) -> None:
        theirs = metrics.cohen_kappa_score(self.truth, self.filled)
        assert cohen_kappa(self.truth, self.filled) == pytest.approx(theirs)

    def test_curve_and_area(self) -> None:
        positive, score = self.truth > 3, self.generator.integers(0, 12, 60) / 12
        across, up, _ = metrics.roc_curve(positive, score, drop_intermediate=False)
        ours = roc_points(positive, score)
        assert ours[0] == pytest.approx(across)
        assert ours[1] == pytest.approx(up)
        assert auc(positive, score) == pytest.approx(metrics.roc_auc_score(positive, score))


class TestProperties:
    @given(st.lists(st.sampled_from(EACH), min_size=2, max_size=30))
    def test_perfect(self, grades: list[int]) -> None:
        truth = np.array(grades)
        assert accuracy(truth, truth) == within_one(truth, truth) == balanced_accuracy(truth, truth) == 1
        assert mean_absolute_error(truth, truth) == 0
        assert len(set(grades)) == 1 or quadratic_kappa(truth, truth) == pytest.approx(1)
        assert one_vs_rest(truth, truth, GRADES).f1 == 1

    @given(PAIRS, st.randoms(use_true_random=False))
    def test_the_order_of_discs_does_not_matter(self, pairs: list[tuple[int, int]], random: st.Random) -> None:
        shuffled = random.sample(pairs, len(pairs))
        for metric in (accuracy, within_one, mean_absolute_error, balanced_accuracy, quadratic_kappa):
            assert metric(*np.array(shuffled).T) == pytest.approx(metric(*np.array(pairs).T), nan_ok=True)

    @given(PAIRS)
    def test_one_against_the_rest_and_the_plain_accuracy(self, pairs: list[tuple[int, int]]) -> None:
        truth, predicted = np.array(pairs).T
        found = one_vs_rest(truth, predicted, GRADES)
        assert found.accuracy == pytest.approx(1 - 2 * (1 - accuracy(truth, predicted)) / 5)
        assert found.sensitivity == pytest.approx(balanced_accuracy(truth, predicted))

    @given(PAIRS)
    def test_finding_a_disc_never_hurts(self, pairs: list[tuple[int, int]]) -> None:
        truth, predicted = np.array(pairs).T
        lost = np.where(np.arange(len(truth)) == 0, MISSING, predicted)
        assert accuracy(truth, lost) <= accuracy(truth, predicted)
        assert within_one(truth, lost) <= within_one(truth, predicted)
        assert mean_absolute_error(truth, lost) >= mean_absolute_error(truth, predicted)

    def test_one_grade_only_has_no_kappa(self) -> None:
        assert math.isnan(quadratic_kappa(np.array([3, 3]), np.array([3, 3])))
        assert math.isnan(cohen_kappa(np.array([3, 3]), np.array([3, 3])))

    def test_table_3_of_li_2024_comes_from_one_confusion_matrix(self) -> None:
        """Counts worked out by hand from its precision, recall and support."""
        counts = np.array([[21, 4, 0], [1, 11, 0], [3, 0, 10]])
        truth, predicted = (np.repeat(axis.ravel() + 1, counts.ravel()) for axis in np.indices(counts.shape))
        found = class_scores(truth, predicted, 3)
        assert [round(one.precision, 3) for one in found] == [0.840, 0.733, 1.000]
        assert [round(one.recall, 3) for one in found] == [0.840, 0.917, 0.769]
        assert [round(one.f1, 3) for one in found] == [0.840, 0.815, 0.870]
        assert accuracy(truth, predicted) == pytest.approx(0.840)

    def test_one_side_only_has_no_area(self) -> None:
        assert math.isnan(auc(np.array([True, True]), np.array([0.1, 0.2])))
