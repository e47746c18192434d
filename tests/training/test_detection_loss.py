"""Overlaps, the assignment of anchors to discs, and the loss as a whole."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from lumbardisc.inference.detection import decode, intersection_over_union  # noqa: E402
from lumbardisc.networks.yolov7 import scaled_anchors  # noqa: E402
from lumbardisc.training.detection.loss import DetectionLoss, complete_iou, iou  # noqa: E402

pytestmark = pytest.mark.train
SIDE = 64
CELLS = 3 * (64 + 16 + 4)


def _loss() -> DetectionLoss:
    return DetectionLoss(SIDE, 1.0, 5.0, 1.0)


def test_overlaps_agree_with_those_of_inference() -> None:
    corners = np.random.default_rng(0).uniform(0, 20, (6, 2, 2))
    boxes = np.sort(corners, axis=1).reshape(6, 4)
    ours = iou(torch.from_numpy(boxes)[:, None], torch.from_numpy(boxes)[None])
    np.testing.assert_allclose(ours, intersection_over_union(boxes, boxes), atol=1e-6)


def test_complete_iou_by_hand() -> None:
    first, second = torch.tensor([[0.0, 0.0, 4.0, 2.0]]), torch.tensor([[2.0, 0.0, 6.0, 2.0]])
    # overlap 1/3; centres 2 apart, hull 6 x 2; same shape
    assert complete_iou(first, second).item() == pytest.approx(1 / 3 - 4 / 40, abs=1e-6)
    tall = torch.tensor([[1.0, -1.0, 3.0, 3.0]])  # same centre, turned: overlap 4 / 12, hull 4 x 4
    shape = 4 / np.pi**2 * (np.arctan(2) - np.arctan(0.5)) ** 2
    weight = shape / (1 - 1 / 3 + shape)
    assert complete_iou(first, tall).item() == pytest.approx(1 / 3 - weight * shape, abs=1e-6)


def test_boxes_are_decoded_as_at_inference() -> None:
    raw = torch.randn(CELLS, 7, dtype=torch.float32)
    anchors = scaled_anchors(SIDE).numpy().astype(np.float64)
    expected = decode(raw.T.numpy(), anchors, SIDE)[:, :4]
    np.testing.assert_allclose(_loss().decode(raw, torch.arange(CELLS)), expected, atol=1e-4)


def test_anchors_that_may_stand_for_a_disc_are_near_it_and_alike() -> None:
    loss = _loss()
    box = torch.tensor([[30.0, 26.0, 38.0, 30.0]])  # middle (34, 28), 8 x 4
    rows, owner = loss.assign(torch.zeros(CELLS, 7), box, torch.tensor([1]))
    assert len(rows) > 0
    assert (owner == 0).all()
    middles = (loss.cells[rows] + 0.5) * loss.strides[rows]
    away = (middles - torch.tensor([34.0, 28.0])).abs() / loss.strides[rows]
    assert away.max() < 1.0
    ratio = torch.tensor([8.0, 4.0]) / loss.anchors[rows]
    assert torch.maximum(ratio, 1 / ratio).max() < 4.0


def test_an_anchor_stands_for_one_disc_alone() -> None:
    boxes = torch.tensor([[20.0, 20.0, 32.0, 28.0], [26.0, 24.0, 38.0, 32.0]])
    rows, owner = _loss().assign(torch.zeros(CELLS, 7), boxes, torch.tensor([0, 1]))
    assert len(set(rows.tolist())) == len(rows)
    assert set(owner.tolist()) == {0, 1}


def test_a_surer_class_wins_the_anchor() -> None:
    box = torch.tensor([[20.0, 20.0, 32.0, 28.0]])
    raw = torch.zeros(CELLS, 7)
    loss = _loss()
    plain, _ = loss.assign(raw, box, torch.tensor([1]))
    candidates = torch.nonzero((loss._near(box) & loss._alike(box))[0])[:, 0]
    free = candidates[~torch.isin(candidates, plain)]
    other = int(free[iou(loss.decode(raw[free], free), box).argmax()])
    raw[other, 4:] = torch.tensor([8.0, -8.0, 8.0])
    assert other in loss.assign(raw, box, torch.tensor([1]))[0].tolist()


def test_an_image_without_discs_asks_for_silence() -> None:
    scores = torch.zeros(1, 7, CELLS, requires_grad=True)
    _loss()(scores, [torch.zeros(0, 4)], [torch.zeros(0, dtype=torch.long)]).backward()
    assert (scores.grad[0, 4] > 0).all()
    assert (scores.grad[0, [0, 1, 2, 3, 5, 6]] == 0).all()


def test_scores_that_follow_the_loss_find_the_discs() -> None:
    boxes = [torch.tensor([[24.0, 20.0, 40.0, 28.0], [10.0, 40.0, 26.0, 48.0]]), torch.tensor([[8.0, 6.0, 30.0, 14.0]])]
    classes, loss = [torch.tensor([0, 1]), torch.tensor([1])], _loss()
    scores = torch.zeros(2, 7, CELLS)
    scores[:, 4] = -4.0
    scores.requires_grad_()
    optimizer = torch.optim.Adam([scores], 0.1)
    for _ in range(150):
        optimizer.zero_grad()
        loss(scores, boxes, classes).backward()
        optimizer.step()
    anchors = scaled_anchors(SIDE).numpy().astype(np.float64)
    for raw, truth, kinds in zip(scores.detach().numpy(), boxes, classes, strict=True):
        decoded = decode(raw, anchors, SIDE)
        sure = decoded[decoded[:, 4] > 0.5]
        overlaps = intersection_over_union(sure[:, :4], truth.numpy().astype(float))
        assert (overlaps.max(axis=1) > 0.8).all()
        assert (overlaps.max(axis=0) > 0.8).all()
        assert (sure[:, 5:].argmax(axis=1) == kinds.numpy()[overlaps.argmax(axis=1)]).all()
