"""Boxes turn with their picture, and what is cut away is not learnt."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from lumbardisc.training.augment import Grey
from lumbardisc.training.detection.boxes import BoxedSlice
from lumbardisc.training.detection.samples import Samples, collate, plain, turned, varied
from lumbardisc.training.detection.sources.case import box_of
from lumbardisc.training.detection.views import Views

pytestmark = pytest.mark.train
STILL = Grey(**{name: 0.0 for name in Grey.__dataclass_fields__})
AT_REST = Views(rotation_deg=0, scale=0, stretch=0, shift=0, grey=STILL)


def _slice() -> BoxedSlice:
    """Ellipses of 30 x 10 pixels as discs 1 and 2 on a dim ground."""
    y, x = np.mgrid[:120, :80] + 0.5
    image = np.full((120, 80), 30, dtype=np.uint8)
    boxes = {}
    for label, row in ((1, 90.0), (2, 50.0)):
        disc = ((x - 40) / 15) ** 2 + ((y - row) / 5) ** 2 <= 1
        image[disc] = 200
        boxes[label] = box_of(disc)
    return BoxedSlice("masks", "1", "1", "t2", image, (1.0, 1.0), boxes)


def test_the_box_round_a_mask_ends_at_pixel_edges() -> None:
    mask = np.zeros((5, 8), dtype=bool)
    mask[2, 5] = True
    assert box_of(mask) == (5.0, 2.0, 6.0, 3.0)


def test_a_slice_as_it_is_used() -> None:
    image, boxes, labels = plain(_slice(), 128)
    assert image.shape == (1, 128, 128)
    assert labels.tolist() == [1, 2]
    bright = np.argwhere(image[0] > 0.8)
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    assert np.abs(bright.min(axis=0)[::-1] - low).max() < 2
    assert np.abs(bright.max(axis=0)[::-1] + 1 - high).max() < 2


def test_without_variation_it_stays_as_it_is() -> None:
    image, boxes, labels = plain(_slice(), 128)
    again, same, names = varied(_slice(), 128, AT_REST, np.random.default_rng(0))
    np.testing.assert_allclose(again, image, atol=0.15)
    np.testing.assert_allclose(same, boxes, atol=1e-4)
    assert names.tolist() == labels.tolist()


@pytest.mark.parametrize("angle", [0.0, 20.0, -35.0, 90.0])
@pytest.mark.parametrize("scale", [0.8, 1.2])
def test_the_box_of_a_turned_disc_is_tight(angle: float, scale: float) -> None:
    y, x = np.mgrid[:200, :200] + 0.5
    disc = (((x - 110) / 30) ** 2 + ((y - 90) / 10) ** 2 <= 1).astype(np.float32)
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    turn = scale * np.array([[c, -s], [s, c]])
    moved, boxes = turned(disc, np.array([box_of(disc > 0.5)]), turn, np.array([7.0, -4.0]))
    np.testing.assert_allclose(boxes[0], box_of(moved > 0.5), atol=1.6)


def test_a_disc_that_leaves_the_picture_is_not_learnt() -> None:
    away = Views(rotation_deg=0, scale=0, stretch=0, shift=0.6, grey=STILL)
    seen = [varied(_slice(), 128, away, np.random.default_rng(seed)) for seed in range(20)]
    assert {len(labels) for _, _, labels in seen} == {0, 1, 2}
    for _, boxes, labels in seen:
        assert len(boxes) == len(labels)
        assert ((boxes >= 0) & (boxes <= 128)).all()


def test_labels_without_a_class_are_left_out() -> None:
    samples = iter(Samples([_slice()], {}, 128, 1, AT_REST, seed=0))
    images, boxes, classes = collate([next(samples), next(samples)])
    assert images.shape == (2, 1, 128, 128)
    assert [len(each) for each in boxes] == [1, 1]
    assert classes[0].tolist() == [0]


def test_data_sets_are_drawn_by_their_weight() -> None:
    one = _slice()
    other = BoxedSlice("mendeley_t1", "2", "2", "t1", one.image, one.pixel, {1: one.boxes[1]})
    samples = iter(Samples([one, other], {"masks": 0.0}, 128, 9, AT_REST, seed=0))
    assert all(len(next(samples)[2]) == 1 for _ in range(5))
