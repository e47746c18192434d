"""How right boxes with level names are: COCO's average precision per level, and whether all discs are named right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lumbardisc.inference.detection import intersection_over_union

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1: edges in pixels of the slice, column before row."""
LUMBAR = (1, 2, 3, 4, 5)
"""L5/S1 up to L1/L2: the levels of Li 2024 (doi 10.1002/jmri.29499)."""
SAME_BOX = 0.5
"""From this intersection over union on, two boxes are one and the same disc's."""


class Detection(NamedTuple):
    """A box that was predicted. label: 1 = L5/S1, counted upward. score: how sure box and label together are."""

    label: int
    box: Box
    score: float


@dataclass(frozen=True)
class LevelScore:
    """One level over a set of images, or all of them. truths, given, right: boxes that are true, predicted, both.

    Right is a predicted box that overlaps the true one of its level by an IoU of at least 0.5; a second box on the same
    disc is wrong. ap50, ap50_95: COCO's average precision at an IoU of 0.5, and its mean over 0.50, 0.55 ... 0.95; NaN
    where there is no true box.
    """

    truths: int
    given: int
    right: int
    ap50: float
    ap50_95: float

    @property
    def precision(self) -> float:
        """Share of the predicted boxes that are right; NaN where there is none."""
        return self.right / self.given if self.given else float("nan")

    @property
    def recall(self) -> float:
        """Share of the true boxes that were found; NaN where there is none."""
        return self.right / self.truths if self.truths else float("nan")


def coco_average_precision(
    truths: Sequence[Mapping[int, Box]], detections: Sequence[Sequence[Detection]], labels: Sequence[int] = LUMBAR
) -> dict[int, LevelScore]:
    """The score of each label over images, by faster-coco-eval with COCO's own settings.

    truths, detections: one entry per image; boxes of other labels are left out. COCO pools the boxes of a label over
    all images by score, takes precision, made to fall with recall, at the 101 recalls 0, 0.01 ... 1, and averages it.
    A box on an image that does not have its label counts as wrong there, and a label that no image has is undefined.
    Boxes of all sizes count (COCO's small, medium and large do not part discs), and at most the 100 surest of an image.
    """
    ordered = sorted(labels)
    result = _coco(truths, detections, ordered)
    precision, recall = result["precision"][..., 0, -1], result["recall"][0, :, 0, -1]
    return {label: _score(truths, detections, label, precision[..., k], recall[k]) for k, label in enumerate(ordered)}


def overall(scores: Mapping[int, LevelScore]) -> LevelScore:
    """All labels together: boxes summed; average precision as the plain mean over the labels that occur (mAP)."""
    counts = [sum(getattr(one, name) for one in scores.values()) for name in ("truths", "given", "right")]
    means = [_mean([getattr(one, name) for one in scores.values()]) for name in ("ap50", "ap50_95")]
    return LevelScore(*counts, *means)


def all_named_right(
    truth: Mapping[int, Box], found: Sequence[Detection], labels: Sequence[int] = LUMBAR, least: float = SAME_BOX
) -> bool:
    """Whether every true box of ``labels`` has a predicted one of its own label, and none of another, on it.

    On it: with an intersection over union of at least ``least``. Predicted labels beyond ``labels`` count too.
    """
    wanted = [label for label in labels if label in truth]
    overlaps = intersection_over_union(_rows([one.box for one in found]), _rows([truth[label] for label in wanted]))
    on_it = [
        {one.label for one, overlap in zip(found, column, strict=True) if overlap >= least} for column in overlaps.T
    ]
    return all(names == {label} for names, label in zip(on_it, wanted, strict=True))


def _rows(boxes: Sequence[Box]) -> NDArray[np.float64]:
    return np.array(boxes, dtype=np.float64).reshape(-1, 4)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _coco(
    truths: Sequence[Mapping[int, Box]], detections: Sequence[Sequence[Detection]], labels: Sequence[int]
) -> Mapping[str, Any]:
    """What the library accumulates: precision (IoU, recall, label, size, boxes), recall (IoU, label, size, boxes)."""
    from faster_coco_eval import COCO, COCOeval_faster

    true = [
        {"image_id": image, "category_id": label, "bbox": _xywh(box), "area": _area(box), "iscrowd": 0}
        for image, boxes in enumerate(truths)
        for label, box in boxes.items()
    ]
    given = [
        {"image_id": image, "category_id": one.label, "bbox": _xywh(one.box), "score": one.score}
        for image, found in enumerate(detections)
        for one in found
    ]
    data = COCO(
        {
            "images": [{"id": image} for image in range(len(truths))],
            "categories": [{"id": label} for label in labels],
            "annotations": [{"id": number, **one} for number, one in enumerate(true, start=1)],  # 0 is "no match"
        }
    )
    evaluator = COCOeval_faster(data, data.loadRes(given), "bbox", print_function=lambda *_: None)
    evaluator.params.catIds = list(labels)
    evaluator.evaluate()
    evaluator.accumulate()
    result: Mapping[str, Any] = evaluator.eval
    return result


def _xywh(box: Box) -> list[float]:
    return [box[0], box[1], box[2] - box[0], box[3] - box[1]]


def _score(
    truths: Sequence[Mapping[int, Box]],
    detections: Sequence[Sequence[Detection]],
    label: int,
    precision: Any,
    recall: float,
) -> LevelScore:
    """precision: (IoU, recall). recall: share found at an IoU of 0.5. Both -1 where there is no true box."""
    true = sum(label in boxes for boxes in truths)
    given = sum(one.label == label for found in detections for one in found)
    if not true:
        return LevelScore(0, given, 0, float("nan"), float("nan"))
    return LevelScore(true, given, round(recall * true), float(precision[0].mean()), float(precision.mean()))


def _mean(values: Sequence[float]) -> float:
    """Of those that are defined; NaN where none is."""
    defined = [value for value in values if not np.isnan(value)]
    return float(np.mean(defined)) if defined else float("nan")
