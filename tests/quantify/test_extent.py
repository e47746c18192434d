"""Volumes: paper cases, thick slices that fall anywhere, and what counts as cut."""

import numpy as np
import pytest
from hand_drawn import Mask, ellipsoid

from lumbardisc.quantify.extent import cavalieri, extent
from lumbardisc.quantify.regions import Region, regions

SPACING = (4.4, 0.7, 0.7)


def region(mask: Mask) -> Region:
    return regions(mask.astype(np.int16))[1]


def test_three_sections_on_paper() -> None:
    # V = 3 (2 + 4 + 2); a, b, c = 24, 16, 4, so the error is 3 sqrt((72 - 64 + 4) / 12).
    assert cavalieri([2.0, 4.0, 2.0], 3.0) == (24.0, 3.0)
    assert cavalieri([0.0, 2.0, 4.0, 2.0, 0.0], 3.0) == (24.0, 3.0)


def test_a_lone_section_is_half_unsure() -> None:
    assert cavalieri([10.0], 4.0) == (40.0, 20.0)


@pytest.mark.parametrize("distance", [3.0, 4.4, 6.0])
def test_thick_slices_that_fall_anywhere_are_unbiased_and_know_their_error(distance: float) -> None:
    truth = 4 / 3 * np.pi * 25 * 17 * 4.5
    phases = np.random.default_rng(3).uniform(0, distance, 40)
    shape, spacing = (round(80 / distance), 24, 64), (distance, 0.7, 0.7)
    found = [extent(region(ellipsoid(shape, spacing, (30 + p, 8.3, 22.1), (50, 9, 34))), spacing) for p in phases]
    errors = np.array([one.volume_mm3 - truth for one in found])
    told = np.array([one.error_mm3 for one in found])
    assert abs(errors.mean()) < 0.005 * truth
    assert (abs(errors) < 2 * told).mean() >= 0.95
    assert (told < 0.05 * truth).all()
    assert all(one.complete and not one.cut for one in found)


def test_sections_of_a_disc_with_steep_sides_err_within_what_is_told() -> None:
    # An elliptical cylinder: its sections fall off like a semicircle, as those of a real disc do.
    phases = np.random.default_rng(4).uniform(0, 4.4, 200)
    x = np.arange(-12, 13) * 4.4
    areas = np.sqrt(np.clip(1 - ((x + phases[:, None]) / 25) ** 2, 0, None))
    volume, error = np.array([cavalieri(each, 4.4) for each in areas]).T
    truth = 25 * np.pi / 2
    assert abs(volume.mean() / truth - 1) < 0.002
    assert (abs(volume - truth) < 2 * error).all()


@pytest.mark.parametrize("last", [3, -4])
def test_a_disc_that_is_large_on_an_outermost_slice_is_cut(last: int) -> None:
    whole = ellipsoid((15, 24, 64), SPACING, (30.8, 8.3, 22.1), (50, 9, 34))
    mask = whole[last:] if last > 0 else whole[:last]
    assert extent(region(whole), SPACING).complete
    found = extent(region(mask), SPACING)
    assert (found.complete, found.cut) == (False, True)
    assert 0 < found.volume_mm3 < extent(region(whole), SPACING).volume_mm3


def test_a_disc_that_tapers_onto_the_outermost_slice_is_complete() -> None:
    mask = np.zeros((5, 20, 40), dtype=bool)
    mask[1:4, 5:15, 5:35] = True
    mask[0, 8:12, 10:25] = True  # 60 of 300 pixels
    assert extent(region(mask), SPACING).complete
    mask[0, 8:12, 10:30] = True  # 80 of 300
    assert not extent(region(mask), SPACING).complete


@pytest.mark.parametrize("edge", [np.s_[1, 0, 10], np.s_[1, 19, 10], np.s_[1, 10, 0], np.s_[1, 10, 39]])
def test_a_disc_that_touches_an_edge_of_the_image_is_cut(edge: tuple[int, int, int]) -> None:
    mask = np.zeros((5, 20, 40), dtype=bool)
    mask[1:4, 8:12, 8:30] = True
    assert not extent(region(mask), SPACING).cut
    mask[edge] = True
    assert extent(region(mask), SPACING).cut


def test_a_single_slice_has_no_volume() -> None:
    mask = np.zeros((1, 20, 40), dtype=bool)
    mask[0, 8:12, 8:30] = True
    found = extent(region(mask), SPACING)
    assert np.isnan([found.volume_mm3, found.error_mm3]).all()
    assert (found.complete, found.cut) == (False, False)
