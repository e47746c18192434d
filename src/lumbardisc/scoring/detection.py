"""Average precision of the discs as boxes on the middle slice."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from lumbardisc.evaluation.detection import Detection, LevelScore, coco_average_precision
from lumbardisc.scoring.cases import Case


def detection_scores(cases: Sequence[Case]) -> dict[int, LevelScore] | None:
    """By label, of those that are true anywhere; None where faster-coco-eval is not installed.

    A label map tells no confidence, so that every box has the same, and precision is that of all boxes together.
    """
    if find_spec("faster_coco_eval") is None:
        return None
    truths = [case.true for case in cases]
    labels = sorted({label for boxes in truths for label in boxes})
    given = [[Detection(label, box, 1.0) for label, box in case.predicted.items() if label in labels] for case in cases]
    return coco_average_precision(truths, given, labels)
