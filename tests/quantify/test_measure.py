"""The whole table of a drawn spine, and what it says where something is missing."""

import numpy as np
import pytest
from hand_drawn import ellipsoid, upright_spine
from numpy.typing import NDArray

from lumbardisc.errors import GeometryError
from lumbardisc.quantify import Measurements, measure

SPACING = (4.0, 0.5, 0.5)
CONTRACT = {
    *("x_mm", "y_mm", "z_mm", "x0", "y0", "x1", "y1", "slice", "volume_mm3", "volume_complete", "area_mm2"),
    *("height_mm", "height_anterior_mm", "height_middle_mm", "height_posterior_mm", "depth_mm", "disc_height_index"),
    *("signal_ratio_csf", "nucleus_signal_ratio"),
}
# Working order -> RAS of an upright stack whose first voxel is at (-16, 50, 90).
AFFINE = np.array([[4.0, 0, 0, -16], [0, 0, -0.5, 50], [0, -0.5, 0, 90], [0, 0, 0, 1]])


def measured(labels: NDArray[np.int16], mid_slice: int | None = None) -> Measurements:
    image = np.random.default_rng(7).normal(100.0, 5.0, labels.shape) + 100.0 * (labels == 200)
    middle = len(labels) // 2 if mid_slice is None else mid_slice
    return measure(image, labels, SPACING, middle, affine=AFFINE)


def test_a_whole_spine() -> None:
    found = measured(upright_spine())
    assert list(found.discs) == [1, 2, 3, 4, 5]
    assert set(found.flags.values()) == {()}
    assert found.spine["lordosis_l1_s1_deg"] == pytest.approx(0.0, abs=0.3)
    for row in found.discs.values():
        assert set(row) >= CONTRACT
        assert np.isfinite(list(row.values())).all()
        assert row["height_mm"] == pytest.approx(8.0, abs=0.3)
        assert row["volume_complete"] is True
        assert row["volume_mm3"] == pytest.approx(np.pi * 20 * 17 * 8, rel=0.06)


def test_place_and_box_by_hand() -> None:
    labels = np.zeros((9, 60, 80), dtype=np.int16)
    labels[3:6, 20:30, 30:60] = 2  # centre (4, 24.5, 44.5)
    labels[4, 19, 30:60] = labels[4, 30, 30:60] = 2
    row = measured(labels).discs[2]
    assert [row[name] for name in ("x0", "y0", "x1", "y1", "slice")] == [30, 19, 60, 31, 4]
    assert [row[name] for name in ("x_mm", "y_mm", "z_mm")] == pytest.approx([0.0, 50 - 22.25, 90 - 12.25])
    assert row["area_mm2"] == 12 * 30 * 0.25
    assert row["volume_mm3"] == (300 + 360 + 300) * 0.25 * 4.0


def test_an_oblique_affine_moves_the_centroid() -> None:
    labels = np.zeros((3, 30, 40), dtype=np.int16)
    labels[1, 10:21, 10:31] = 1
    affine = np.array([[4.0, 0.1, 0, 1], [0.2, 0, -0.5, 2], [0, -0.5, 0.1, 3], [0, 0, 0, 1]])
    row = measure(np.ones(labels.shape), labels, SPACING, 1, affine=affine).discs[1]
    assert [row["x_mm"], row["y_mm"], row["z_mm"]] == pytest.approx((affine @ [1, 15, 20, 1])[:3])


def test_a_disc_that_is_not_on_the_mid_slice_is_measured_where_it_is_largest() -> None:
    labels = np.zeros((9, 60, 100), dtype=np.int16)
    labels[ellipsoid(labels.shape, SPACING, (22.0, 15.0, 25.0), (18.0, 9.0, 34.0))] = 3
    row, flags = measured(labels, mid_slice=1).discs[3], measured(labels, mid_slice=1).flags[3]
    assert row["slice"] in (5, 6)
    assert row["height_mm"] > 5.0
    assert flags == ("off_mid_slice",)


def test_one_slice_has_areas_but_no_volume() -> None:
    row = measured(upright_spine()[6:7]).discs[2]
    assert row["volume_complete"] is False
    assert np.isnan([row["volume_mm3"], row["volume_error_mm3"]]).all()
    assert row["area_mm2"] == pytest.approx(34 * 8, rel=0.08)
    assert row["height_mm"] == pytest.approx(8.0, abs=0.3)


def test_a_disc_that_the_image_cuts_says_so_and_has_no_height() -> None:
    labels = upright_spine()
    top = np.nonzero((labels == 5).any(axis=(0, 2)))[0][6]
    found = measured(labels[:, top:])
    assert found.flags[5] == ("cut_by_fov",)
    assert np.isnan(found.discs[5]["height_mm"])
    assert found.discs[5]["volume_mm3"] > 0
    assert found.flags[4] == ()


def test_a_disc_of_a_few_pixels_has_a_place_and_an_area_and_no_shape() -> None:
    labels = np.zeros((5, 40, 40), dtype=np.int16)
    labels[2, 20, 20:23] = 1
    row = measured(labels).discs[1]
    assert row["area_mm2"] == 3 * 0.25
    assert np.isnan([row["height_mm"], row["wedge_angle_deg"], row["nucleus_signal_mean"]]).all()


def test_left_and_right_are_alike() -> None:
    labels = upright_spine()
    labels[:3] = np.where(labels[:3] == 2, 0, labels[:3])
    one, other = measured(labels).discs, measured(labels[::-1]).discs
    for label, row in one.items():
        for name in ("volume_mm3", "volume_error_mm3", "area_mm2", "height_mm", "depth_mm"):
            assert other[label][name] == pytest.approx(row[name])


def test_nothing_to_measure() -> None:
    found = measured(np.zeros((3, 20, 20), dtype=np.int16))
    assert (found.discs, found.flags) == ({}, {})
    assert np.isnan(list(found.spine.values())).all()


def test_grids_that_do_not_fit_are_refused() -> None:
    labels = upright_spine()
    with pytest.raises(GeometryError, match="one grid"):
        measure(np.ones((2, 3, 4)), labels, SPACING, 1, affine=AFFINE)
    with pytest.raises(GeometryError, match="slice 13"):
        measure(np.ones(labels.shape), labels, SPACING, 13, affine=AFFINE)
