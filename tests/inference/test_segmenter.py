"""A volume in, a class for every voxel out: on its own grid, slice by slice, whatever the gain."""

from __future__ import annotations

import numpy as np
import pytest

from lumbardisc.errors import WeightsError
from lumbardisc.inference.segmentation import BODY, CANAL, DISC, SACRUM, Segmentation, Segmenter
from lumbardisc.volume import Volume


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter()


@pytest.fixture(scope="module")
def image(spine: Volume) -> np.ndarray:
    """Three slices, 256 x 200 pixels."""
    return spine.sagittal().array[1:4, :, 40:240]


PIXEL = (270 / 256, 270 / 256)


@pytest.fixture(scope="module")
def found(segmenter: Segmenter, image: np.ndarray) -> Segmentation:
    return segmenter(image, PIXEL)


def test_every_map_lies_on_the_grid_of_the_image(found: Segmentation, image: np.ndarray) -> None:
    for kind in (found.classes, found.lowest, found.certainty):
        assert kind.shape == image.shape
        assert kind.dtype == np.uint8


def test_a_spine_shows_every_class(found: Segmentation) -> None:
    assert {DISC, BODY, SACRUM, CANAL} <= set(np.unique(found.classes))
    assert found.classes.max() == CANAL


def test_only_discs_speak_for_a_level(found: Segmentation) -> None:
    assert found.lowest[found.classes != DISC].max() == 0
    assert found.lowest[found.classes == DISC].max() > 127, "L5/S1 is in view"


def test_the_class_taken_is_the_likeliest_of_five(found: Segmentation) -> None:
    assert found.certainty.min() >= np.floor(255 / 5)


def test_the_order_of_slices_changes_nothing(segmenter: Segmenter, image: np.ndarray, found: Segmentation) -> None:
    order = [2, 0, 1]
    again = segmenter(image[order], PIXEL)
    assert np.array_equal(again.classes, found.classes[order])
    assert np.array_equal(again.lowest, found.lowest[order])


def test_gain_offset_and_type_change_next_to_nothing(
    segmenter: Segmenter, image: np.ndarray, found: Segmentation
) -> None:
    again = segmenter(image.astype(np.float64) * 3.0 + 10.0, PIXEL)
    assert (again.classes == found.classes).mean() > 0.999


def test_progress_ends_at_one(segmenter: Segmenter) -> None:
    told: list[float] = []
    segmenter(np.zeros((4, 20, 30), dtype=np.int16), (1.0, 1.0), told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 3, 50), (2, 33, 17)])
def test_any_size_has_an_answer_of_its_size(segmenter: Segmenter, shape: tuple[int, int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 900, shape).astype(np.int16)
    assert segmenter(image, (0.9, 1.3)).classes.shape == shape


def test_weights_of_another_place(tmp_path) -> None:
    with pytest.raises(WeightsError, match="not found"):
        Segmenter(tmp_path / "mine.onnx")
