"""The loss of YOLOv7: discs get anchors by cost (SimOTA, arXiv 2107.08430); then box, object and class terms."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from lumbardisc.inference.detection import grid
from lumbardisc.networks.yolov7 import BOX, STRIDES, scaled_anchors

BALANCE = (4.0, 1.0, 0.4)
"""Weight of the object term of each map, finest first."""
LARGEST_RATIO = 4.0
"""An anchor's sides and a disc's differ by less than this factor, or the anchor cannot stand for it."""
TOP = 10
"""How many of the best overlaps tell how many anchors a disc gets."""
COST_OF_OVERLAP = 3.0


class DetectionLoss(nn.Module):
    """Scores of ``YOLOv7`` and the discs of each image -> loss.

    side: of the images, pixels. box, object_, class_: weights of the three terms.
    """

    cells: Tensor
    anchors: Tensor
    strides: Tensor
    map_of: Tensor

    def __init__(self, side: int, box: float, object_: float, class_: float) -> None:
        super().__init__()
        self.side, self.box, self.object, self.class_ = side, box, object_, class_
        cells, anchors, strides = grid(scaled_anchors(side).numpy().astype(np.float64), side)
        for name, values in (("cells", cells), ("anchors", anchors), ("strides", strides)):
            self.register_buffer(name, torch.from_numpy(values).float())
        self.register_buffer("map_of", torch.log2(self.strides[:, 0] / STRIDES[0]).long())

    def forward(self, scores: Tensor, boxes: Sequence[Tensor], classes: Sequence[Tensor]) -> Tensor:
        """scores (n, 5 + classes, anchors). boxes: per image (k, 4), x0, y0, x1, y1 in pixels. classes: (k,) from 0."""
        scores = scores.float().transpose(1, 2)
        wanted = torch.zeros_like(scores[:, :, 4])
        box_terms, class_terms = [], []
        for image, (raw, truth, kinds) in enumerate(zip(scores, boxes, classes, strict=True)):
            rows, owner = self.assign(raw.detach(), truth, kinds)
            if not len(rows):
                continue
            overlap = complete_iou(self.decode(raw[rows], rows), truth[owner])
            box_terms.append(1.0 - overlap)
            wanted[image, rows] = overlap.detach().clamp(0.0)
            one_hot = functional.one_hot(kinds[owner], raw.shape[1] - BOX).float()
            class_terms.append(functional.binary_cross_entropy_with_logits(raw[rows, BOX:], one_hot, reduction="none"))
        total = self.object * self._object_term(scores[:, :, 4], wanted)
        if box_terms:
            total = total + self.box * torch.cat(box_terms).mean() + self.class_ * torch.cat(class_terms).mean()
        return total

    def _object_term(self, scores: Tensor, wanted: Tensor) -> Tensor:
        terms = functional.binary_cross_entropy_with_logits(scores, wanted, reduction="none")
        return torch.stack([weight * terms[:, self.map_of == k].mean() for k, weight in enumerate(BALANCE)]).sum()

    def decode(self, raw: Tensor, rows: Tensor) -> Tensor:
        """Boxes (k, 4) of some anchors, as ``inference.detection.decode``."""
        centre = (2.0 * raw[:, :2].sigmoid() - 0.5 + self.cells[rows]) * self.strides[rows]
        half = (2.0 * raw[:, 2:4].sigmoid()) ** 2 * self.anchors[rows] / 2.0
        return torch.cat([centre - half, centre + half], dim=1)

    @torch.no_grad()
    def assign(self, raw: Tensor, boxes: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
        """Anchors that stand for a disc, and which one: (k,), (k,).

        An anchor of about the disc's size whose cell holds its centre, or is the next nearest to it along a row or a
        column, may. Each disc takes the cheapest, as many as its best overlaps add up to; an anchor taken twice goes to
        the disc it is cheaper for.
        """
        none = torch.zeros(0, dtype=torch.long, device=raw.device)
        if not len(boxes):
            return none, none
        allowed = self._near(boxes) & self._alike(boxes)
        rows = torch.nonzero(allowed.any(dim=0))[:, 0]
        if not len(rows):
            return none, none
        allowed = allowed[:, rows]
        overlaps = iou(boxes[:, None], self.decode(raw[rows], rows)[None]) * allowed
        cost = self._class_cost(raw[rows], classes) - COST_OF_OVERLAP * torch.log(overlaps + 1e-8)
        cost = cost.masked_fill(~allowed, math.inf)
        counts = overlaps.topk(min(TOP, overlaps.shape[1]), dim=1).values.sum(dim=1).int().clamp(min=1)
        taken = torch.zeros_like(allowed)
        for disc, count in enumerate(counts.tolist()):
            taken[disc, cost[disc].topk(min(count, len(rows)), largest=False).indices] = True
        taken &= allowed
        best = torch.where(taken, cost, math.inf).argmin(dim=0)
        used = taken.any(dim=0)
        return rows[used], best[used]

    def _near(self, boxes: Tensor) -> Tensor:
        """(discs, anchors): whether the cell holds the disc's centre or is the next nearest along one axis."""
        centre = (boxes[:, None, :2] + boxes[:, None, 2:]) / 2.0 / self.strides[None]
        away = (centre - self.cells[None] - 0.5).abs()
        return (away.amin(dim=2) <= 0.5) & (away.amax(dim=2) < 1.0)

    def _alike(self, boxes: Tensor) -> Tensor:
        """(discs, anchors): whether their sides are alike."""
        ratio = (boxes[:, None, 2:] - boxes[:, None, :2]) / self.anchors[None]
        return torch.maximum(ratio, 1.0 / ratio).amax(dim=2) < LARGEST_RATIO

    def _class_cost(self, raw: Tensor, classes: Tensor) -> Tensor:
        """(discs, rows): cross-entropy of the geometric mean of class and object scores."""
        chance = (raw[:, BOX:].sigmoid() * raw[:, 4:5].sigmoid()).sqrt().clamp(1e-7, 1.0 - 1e-7)
        none = -torch.log1p(-chance).sum(dim=1)
        of_class = chance[:, classes].T
        return none[None] + torch.log1p(-of_class) - torch.log(of_class)


def iou(first: Tensor, second: Tensor) -> Tensor:
    """Intersection over union of boxes (..., 4), broadcast."""
    low, high = torch.maximum(first[..., :2], second[..., :2]), torch.minimum(first[..., 2:], second[..., 2:])
    shared = (high - low).clamp(min=0.0).prod(dim=-1)
    return shared / (_area(first) + _area(second) - shared + 1e-9)


def complete_iou(first: Tensor, second: Tensor) -> Tensor:
    """Complete IoU (Zheng et al. 2020, arXiv 1911.08287) of boxes (k, 4): less for distant centres, other shapes."""
    overlap = iou(first, second)
    hull = torch.maximum(first[:, 2:], second[:, 2:]) - torch.minimum(first[:, :2], second[:, :2])
    between = (first[:, :2] + first[:, 2:] - second[:, :2] - second[:, 2:]).square().sum(dim=1) / 4.0
    angles = [torch.atan(size[:, 0] / (size[:, 1] + 1e-9)) for size in (_size(first), _size(second))]
    shape = 4.0 / math.pi**2 * (angles[1] - angles[0]).square()
    with torch.no_grad():
        weight = shape / (1.0 - overlap + shape + 1e-9)
    return overlap - between / (hull.square().sum(dim=1) + 1e-9) - weight * shape


def _size(boxes: Tensor) -> Tensor:
    return boxes[..., 2:] - boxes[..., :2]


def _area(boxes: Tensor) -> Tensor:
    return _size(boxes).clamp(min=0.0).prod(dim=-1)
