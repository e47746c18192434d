"""COCO's numbers against pycocotools and against hand-made cases; all five discs named right."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from lumbardisc.evaluation.detection import (
    LUMBAR,
    Box,
    Detection,
    all_named_right,
    coco_average_precision,
    overall,
)

SPINE: dict[int, Box] = {label: (100.0, 300.0 - 40 * label, 160.0, 320.0 - 40 * label) for label in range(1, 7)}
PERFECT = [Detection(label, box, 0.9) for label, box in SPINE.items()]
SHIFTED = [Detection(label + 1, box, 0.8) for label, box in SPINE.items()]


def by_pycocotools(truths: Sequence[Mapping[int, Box]], detections: Sequence[Sequence[Detection]]) -> np.ndarray:
    """Precision (IoU, recall, label) of the original program, fed by hand."""
    data, xywh = COCO(), lambda box: [box[0], box[1], box[2] - box[0], box[3] - box[1]]
    true = [(image, label, xywh(box)) for image, boxes in enumerate(truths) for label, box in boxes.items()]
    data.dataset = {
        "images": [{"id": image} for image in range(len(truths))],
        "categories": [{"id": label} for label in LUMBAR],
        "annotations": [
            {"id": i + 1, "image_id": image, "category_id": label, "bbox": box, "area": box[2] * box[3], "iscrowd": 0}
            for i, (image, label, box) in enumerate(true)
        ],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        data.createIndex()
        found = data.loadRes(
            [
                {"image_id": image, "category_id": one.label, "bbox": xywh(one.box), "score": one.score}
                for image, boxes in enumerate(detections)
                for one in boxes
            ]
        )
        evaluator = COCOeval(data, found, "bbox")
        evaluator.params.catIds = list(LUMBAR)
        evaluator.evaluate()
        evaluator.accumulate()
    precision: np.ndarray = evaluator.eval["precision"][..., 0, -1]
    return precision


def test_the_numbers_are_those_of_pycocotools() -> None:
    random = np.random.default_rng(3)
    truths = [{label: box for label, box in SPINE.items() if random.random() < 0.8} for _ in range(12)]
    detections = [
        [
            Detection(
                label + int(random.random() < 0.2), tuple(np.add(box, random.normal(0, 4, 4)).tolist()), random.random()
            )
            for label, box in SPINE.items()
            if random.random() < 0.9
        ]
        for _ in truths
    ]
    scores, expected = coco_average_precision(truths, detections), by_pycocotools(truths, detections)
    assert [scores[label].ap50 for label in LUMBAR] == pytest.approx(expected[0].mean(axis=0))
    assert [scores[label].ap50_95 for label in LUMBAR] == pytest.approx(expected.mean(axis=(0, 1)))
    assert 0.1 < overall(scores).ap50_95 < overall(scores).ap50 < 0.95, "a case that tells them apart"


def test_what_is_wholly_right() -> None:
    score = overall(coco_average_precision([SPINE] * 2, [PERFECT] * 2))
    assert (score.truths, score.given, score.right) == (10, 10, 10), "the sixth disc is no lumbar level"
    assert (score.ap50, score.ap50_95, score.precision, score.recall) == (1.0, 1.0, 1.0, 1.0)


def test_names_shifted_by_one_are_all_wrong() -> None:
    scores = coco_average_precision([SPINE], [SHIFTED])
    assert overall(scores).right == 0
    assert (scores[1].given, scores[2].given) == (0, 1)
    assert np.isnan(scores[1].precision)


def test_one_of_three_missed_leaves_67_of_the_101_recalls() -> None:
    score = coco_average_precision([SPINE] * 3, [PERFECT, PERFECT, []])[1]
    assert (score.recall, score.precision) == (pytest.approx(2 / 3), 1.0)
    assert score.ap50 == pytest.approx(67 / 101)


def test_a_box_on_an_image_without_its_level_is_wrong() -> None:
    sure = [Detection(1, SPINE[1], 0.9)]
    score = coco_average_precision([{1: SPINE[1]}, {}], [[Detection(1, SPINE[1], 0.5)], sure])[1]
    assert (score.precision, score.ap50) == (0.5, pytest.approx(0.5)), "the wrong one is the surer"


def test_a_second_box_on_a_disc_is_wrong() -> None:
    score = coco_average_precision([SPINE], [[*PERFECT, Detection(1, SPINE[1], 0.7)]])[1]
    assert (score.given, score.right) == (2, 1)


@pytest.mark.parametrize("detections", [[], PERFECT])
def test_a_level_that_no_image_has_is_undefined(detections: list[Detection]) -> None:
    scores = coco_average_precision([{2: SPINE[2]}], [detections])
    assert np.isnan([scores[1].ap50, scores[1].ap50_95, scores[1].recall]).all()
    assert overall(scores).ap50 == scores[2].ap50 == float(bool(detections)), "and is left out of the mean"


def test_no_image_at_all_is_undefined() -> None:
    score = overall(coco_average_precision([], []))
    assert score.truths == 0
    assert np.isnan([score.ap50, score.ap50_95, score.precision, score.recall]).all()


def test_the_order_of_the_labels_does_not_matter() -> None:
    scores = coco_average_precision([SPINE], [PERFECT[1:]], labels=(5, 1))
    assert (scores[1].ap50, scores[5].ap50) == (0.0, 1.0)


class TestAllNamedRight:
    def test_as_they_are(self) -> None:
        assert all_named_right(SPINE, PERFECT)

    @pytest.mark.parametrize("found", [SHIFTED, PERFECT[1:], [*PERFECT, Detection(2, SPINE[1], 0.1)], []])
    def test_shifted_missed_or_named_twice(self, found: list[Detection]) -> None:
        assert not all_named_right(SPINE, found)

    def test_what_lies_above_the_lumbar_discs_does_not_count(self) -> None:
        assert all_named_right(SPINE, PERFECT[:5])

    def test_a_level_without_a_true_box_cannot_be_wrong(self) -> None:
        assert all_named_right({2: SPINE[2]}, PERFECT)

    def test_a_box_half_off_its_disc_is_not_on_it(self) -> None:
        a_third_shared = (130.0, 260.0, 190.0, 280.0)
        assert not all_named_right({1: SPINE[1]}, [Detection(1, a_third_shared, 0.9)])
