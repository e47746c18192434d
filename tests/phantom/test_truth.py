"""Truth against a label map counted by hand, and against what degeneration must do."""

from __future__ import annotations

import numpy as np
import pytest

from lumbardisc.phantom import SEQUENCES, Geometry, draw_spine, examine
from lumbardisc.phantom.truth import DiscTruth, disc_truths, volume_and_centroid
from lumbardisc.volume import LabelMap

FINE = 0.2


def along_disc(spine, index: int, slices: int, across: float) -> Geometry:
    """A fine stack in the disc's own frame: rows run down its axis, columns run backward."""
    frame = spine.discs[index].slab.frame
    affine = np.eye(4)
    affine[:3, :3] = np.stack((frame.axes[0] * across, -frame.axes[2] * FINE, -frame.axes[1] * FINE), axis=1)
    shape = (slices, 110, 260)
    affine[:3, 3] = frame.origin - affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    return Geometry(affine, shape, across)


def truth_of(spine, index: int) -> DiscTruth:
    shown = LabelMap(np.full((3, 3, 3), index + 1, dtype=np.uint8), np.eye(4))
    return disc_truths(spine, shown)[0]


@pytest.mark.parametrize(("index", "grade"), [(0, 2), (1, 1), (3, 4)])
def test_heights_are_those_counted_on_a_fine_label_map(index: int, grade: int) -> None:
    grades = [2] * 5
    grades[index] = grade
    spine = draw_spine(21, grades=grades)
    labels = examine(spine, along_disc(spine, index, 1, FINE), samples=1).labels[0]
    columns = [sum(1 for value in column if value == index + 1) * FINE for column in labels.T]
    filled = [place for place, height in enumerate(columns) if height > 0]
    truth = truth_of(spine, index)
    depth = (filled[-1] - filled[0] + 1) * FINE
    assert truth.depth_mm == pytest.approx(depth, abs=2 * FINE)
    assert truth.area_mm2 == pytest.approx(sum(columns) * FINE, rel=0.02)
    for part, height in (
        (0.15, truth.height_anterior_mm),
        (0.5, truth.height_middle_mm),
        (0.85, truth.height_posterior_mm),
    ):
        counted = columns[round(filled[0] + part * (filled[-1] - filled[0]))]
        assert height == pytest.approx(counted, abs=2 * FINE)


def test_volume_and_place_are_those_counted_on_a_label_map() -> None:
    spine = draw_spine(22)
    stack = along_disc(spine, 2, 60, 1.0)
    inside = np.argwhere(examine(spine, stack, samples=1).labels == 3)
    truth = truth_of(spine, 2)
    assert len(inside) * FINE**2 == pytest.approx(truth.volume_mm3, rel=0.01)
    centre = stack.affine[:3, :3] @ inside.mean(axis=0) + stack.affine[:3, 3]
    assert (truth.x_mm, truth.y_mm, truth.z_mm) == pytest.approx(centre, abs=0.1)


def test_healthy_discs_have_adult_sizes() -> None:
    found = [truth_of(draw_spine(seed, grades=[1] * 5), 1) for seed in range(3)]
    assert np.mean([each.height_middle_mm for each in found]) == pytest.approx(11.5, abs=1.0)
    assert np.mean([each.height_anterior_mm for each in found]) > np.mean([each.height_posterior_mm for each in found])
    assert 10_000 < np.mean([each.volume_mm3 for each in found]) < 20_000


def test_degeneration_lowers_height_volume_and_nucleus_signal() -> None:
    heights, volumes, signals = [], [], []
    for grade in range(1, 6):
        spine = draw_spine(23, grades=[2, grade])
        exam = examine(spine, along_disc(spine, 1, 1, 1.0), samples=1)
        image = exam.image(SEQUENCES["t2"]).array[0]
        heights.append(truth_of(spine, 1).height_mm)
        volumes.append(volume_and_centroid(spine.discs[1])[0])
        signals.append(float(image[52:58, 110:150][exam.labels[0, 52:58, 110:150] == 2].mean()))
    for values in (heights, volumes, signals):
        assert values == sorted(values, reverse=True)
    assert heights[4] < 0.65 * heights[0]
    assert signals[3] < 0.4 * signals[0]


def test_discs_cut_by_the_field_of_view_are_told() -> None:
    spine = draw_spine(24)
    middle = spine.discs[1].slab.frame.origin
    stack = Geometry.plan(slices=15, matrix=(60, 80), pixel_mm=(1, 1), centre=middle)
    complete = {each.label: each.complete for each in examine(spine, stack, samples=1).truth}
    assert complete[2]
    assert not all(complete.values()) or set(complete) == {2}
