"""What labels teach: for every pixel the classes it may be; only structures that are labelled teach."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lumbardisc.levels import CANAL as CANAL_LABEL
from lumbardisc.levels import SACRUM as SACRUM_LABEL
from lumbardisc.levels import is_body, is_disc
from lumbardisc.training.detection.boxes import Box
from lumbardisc.training.labelled.case import Labelled
from lumbardisc.training.partial import ANY, BACKGROUND, BODY, CANAL, DISC, LOWEST, SACRUM, Allowed
from lumbardisc.training.sources.spider_boxes import allowed_by_boxes
from lumbardisc.training.sources.spider_space import bodies_only

ANNOTATED = 0.5
"""Where at least this share of the slices has labels, one without any shows no structure; else it tells nothing."""

Labels = NDArray[np.int32]
Rows = NDArray[np.bool_]


def allowed_of(labelled: Labelled) -> Allowed:
    """(slice, row, column): what each pixel may be.

    A kind of structure (discs, bodies, sacrum, canal) that is labelled nowhere in a case may be anywhere in it. One
    that is labelled may also be where labelling stopped: above the highest, between two that do not follow one another,
    and below the lowest if that is not the last there is.
    """
    if labelled.boxes:
        return _by_boxes(labelled.boxes, labelled.labels.shape[1:])[None]
    labels = labelled.labels
    allowed = np.full(labels.shape, BACKGROUND, dtype=np.uint8)
    allowed[:, _open(labels, is_disc, 1)] |= DISC
    allowed[:, _below_discs(labels)] |= LOWEST
    allowed[:, _open(labels, is_body, SACRUM_LABEL + 1)] |= BODY
    allowed[:, _below_lumbar(labels) & _open(labels, lambda k: k == SACRUM_LABEL, -1)] |= SACRUM
    allowed[:, _open(labels, lambda k: k == CANAL_LABEL, -1)] |= CANAL
    _paint(allowed, labels, labelled.whole)
    shown = labels.any(axis=(1, 2))
    if shown.mean() < ANNOTATED:
        allowed[~shown] = ANY
    return allowed


def _open(labels: Labels, is_kind: Callable[[int], bool], lowest: int) -> Rows:
    """The rows in which a kind may be where it is not labelled. lowest: the number below which there is no other."""
    extents = {k: extent for k, extent in _extents(labels).items() if is_kind(k)}
    open_ = np.ones(labels.shape[1], dtype=bool)
    if not extents:
        return open_
    known = sorted(extents)
    open_[extents[known[-1]][0] :] = False
    for lower, upper in pairwise(known):
        if upper > lower + 1:
            open_[extents[upper][1] : extents[lower][0]] = True
    if known[0] != lowest:
        open_[extents[known[0]][1] :] = True
    return open_


def _below_discs(labels: Labels) -> Rows:
    """The rows in which L5/S1 can be where it is not labelled: below all discs that are."""
    ends = [end for k, (_, end) in _extents(labels).items() if is_disc(k)]
    return (
        np.arange(labels.shape[1]) >= max(ends, default=0)
        if not (labels == 1).any()
        else np.zeros(labels.shape[1], bool)
    )


def _below_lumbar(labels: Labels) -> Rows:
    """The rows in which there can be sacrum: from the top of L5/S1, or the middle of L5, down."""
    extents, rows = _extents(labels), np.arange(labels.shape[1])
    if 1 in extents:
        return rows >= extents[1][0]
    if SACRUM_LABEL + 1 in extents:
        return rows >= sum(extents[SACRUM_LABEL + 1]) / 2
    return np.ones(len(rows), dtype=bool)


def _extents(labels: Labels) -> Mapping[int, tuple[int, int]]:
    """First row of every structure, and the one after its last."""
    rows = {int(k): np.flatnonzero((labels == k).any(axis=(0, 2))) for k in np.unique(labels) if k}
    return {k: (int(own[0]), int(own[-1]) + 1) for k, own in rows.items()}


def _paint(allowed: Allowed, labels: Labels, whole: bool) -> None:
    """Set what is labelled; of vertebrae with arches the body is told by the canal, without one it stays undecided."""
    bodies = (labels > SACRUM_LABEL) & (labels < CANAL_LABEL)
    canal = labels == CANAL_LABEL
    allowed[canal] = CANAL
    allowed[labels == SACRUM_LABEL] = SACRUM
    allowed[bodies] = BODY | BACKGROUND if whole else BODY
    if whole and canal.any():
        fronts = bodies_only(bodies, canal)
        allowed[bodies], allowed[fronts] = BACKGROUND, BODY
    allowed[(labels > 1) & (labels < SACRUM_LABEL)] = DISC
    allowed[labels == 1] = LOWEST


def _by_boxes(boxes: Mapping[int, Box], shape: tuple[int, ...]) -> Allowed:
    """Boxes as whole pixels that hold them."""
    whole = {k: (math.floor(x0), math.floor(y0), math.ceil(x1), math.ceil(y1)) for k, (x0, y0, x1, y1) in boxes.items()}
    return allowed_by_boxes(shape, [(k, x0, y0, x1 - x0, y1 - y0) for k, (x0, y0, x1, y1) in whole.items()])
