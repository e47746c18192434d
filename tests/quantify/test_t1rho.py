"""T1rho of a disc: phases at their limits, the region at the centre of a drawn nucleus, numbers known on paper."""

import math

import numpy as np
import pytest
from hand_drawn import Mask, ellipse, ellipsoid, own_axes, rectangle
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from lumbardisc.quantify.relaxation import Doubt, MonoExponential
from lumbardisc.quantify.t1rho import central_roi, disc_t1rho, nucleus_of, phase_of, phase_probabilities

PIXEL = (0.5, 0.5)
SPACING = (4.0, 0.5, 0.5)
EVERYWHERE = np.ones((1, 9, 9), bool)


def nucleus(depth: float, height: float, tilt: float = 0.0) -> Mask:
    return ellipse(own_axes((60, 100), PIXEL, (15.0, 25.0), tilt), depth, height)


@pytest.mark.parametrize(
    ("mean", "phase"), [(110.01, 1), (110.0, 2), (95.0, 2), (80.0, 2), (79.99, 3), (300.0, 1), (5.0, 3)]
)
def test_the_phases_of_the_paper(mean: float, phase: int) -> None:
    assert phase_of(mean) == phase


def test_an_undefined_mean_has_no_phase() -> None:
    with pytest.raises(ValueError, match="undefined"):
        phase_of(math.nan)


@given(st.floats(20.0, 250.0), st.floats(0.1, 40.0))
def test_the_probability_of_a_phase_is_the_normal_share_inside_it(mean: float, se: float) -> None:
    limits = [(110.0, np.inf), (80.0, 110.0), (-np.inf, 80.0)]
    expected = [norm.cdf(high, mean, se) - norm.cdf(low, mean, se) for low, high in limits]
    assert phase_probabilities(mean, se) == pytest.approx(expected, abs=1e-9)


def test_an_exact_mean_is_sure_of_its_phase() -> None:
    assert phase_probabilities(90.0, 0.0) == (0.0, 1.0, 0.0)
    assert np.isnan(phase_probabilities(90.0, math.nan)).all()


@pytest.mark.parametrize("tilt", [0.0, 35.0])
def test_the_region_is_one_square_centimetre_of_the_nucleus_shape(tilt: float) -> None:
    whole = nucleus(24.0, 8.0, tilt)
    roi = central_roi(whole, PIXEL)
    assert roi.sum() * 0.25 == pytest.approx(100.0, abs=0.25)
    assert not (roi & ~whole).any()
    scale = math.sqrt(100.0 / (math.pi * 24.0 * 8.0 / 4.0))
    expected = nucleus(24.0 * scale, 8.0 * scale, tilt)
    assert (roi ^ expected).sum() < 0.05 * roi.sum()


def test_a_small_nucleus_is_taken_whole() -> None:
    whole = nucleus(12.0, 6.0)
    assert (central_roi(whole, PIXEL) == whole).all()


def test_pixels_need_not_be_square() -> None:
    pixel = (0.5, 1.0)
    whole = ellipse(own_axes((60, 50), pixel, (15.0, 25.0)), 24.0, 8.0)
    assert central_roi(whole, pixel).sum() * 0.5 == pytest.approx(100.0, abs=0.5)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_nucleus_of_hardly_any_pixels(count: int) -> None:
    few = np.zeros((10, 10), bool)
    few[4, 2 : 2 + count] = True
    assert (central_roi(few, PIXEL) == few).all()


def test_values_of_a_disc_are_those_on_paper() -> None:
    """Two slices; the nucleus on the second one is four pixels, one of them without a fit, two not to be trusted."""
    mask = np.zeros((2, 6, 6), bool)
    mask[1, 2:4, 2:4] = mask[0, 2, 2] = True
    t1rho, se = np.full((2, 6, 6), 500.0), np.full((2, 6, 6), 6.0)
    t1rho[1, 2:4, 2:4] = [[90.0, 100.0], [125.0, np.nan]]
    t1rho[0, 2, 2] = 45.0
    disc = disc_t1rho(t1rho, se, mask, 1, SPACING, trusted=t1rho < 100.0)
    assert disc.t1rho_mean_ms == 105.0
    assert (disc.t1rho_median_ms, disc.t1rho_min_ms, disc.t1rho_max_ms) == (100.0, 90.0, 90.0)
    assert disc.t1rho_mean_se_ms == pytest.approx(6.0 / math.sqrt(3))
    assert (disc.t1rho_roi_mm2, disc.t1rho_trusted) == (1.0, 0.25)
    assert (disc.phase, disc.phase_margin_ms) == (2, 5.0)
    assert disc.t1rho_nucleus_mean_ms == 105.0
    assert (disc.t1rho_nucleus_3d_mean_ms, disc.t1rho_nucleus_3d_min_ms) == (90.0, 45.0)
    assert disc.t1rho_nucleus_3d_median_ms == 95.0


def test_the_mean_alone_is_that_of_the_values_without_bias() -> None:
    t1rho = np.full((1, 9, 9), 100.0)
    t1rho[0, 0, 0] = np.nan
    disc = disc_t1rho(t1rho, np.ones((1, 9, 9)), EVERYWHERE, 0, SPACING, unbiased=np.full((1, 9, 9), 95.0))
    assert (disc.t1rho_mean_ms, disc.t1rho_nucleus_mean_ms, disc.t1rho_nucleus_3d_mean_ms) == (95.0, 95.0, 95.0)
    assert (disc.t1rho_median_ms, disc.t1rho_min_ms, disc.t1rho_nucleus_max_ms) == (100.0, 100.0, 100.0)


def test_without_an_error_there_is_a_phase_and_no_probability_of_it() -> None:
    disc = disc_t1rho(np.full((1, 9, 9), 90.0), np.full((1, 9, 9), np.nan), EVERYWHERE, 0, SPACING)
    assert (disc.t1rho_mean_ms, disc.phase) == (90.0, 2)
    assert np.isnan([disc.t1rho_mean_se_ms, disc.phase_p1, disc.phase_p2, disc.phase_p3]).all()


@pytest.mark.parametrize(("truth", "snr"), [(60.0, 30.0), (160.0, 15.0), (200.0, 20.0)])
def test_the_error_of_a_mean_is_its_scatter_however_long_t1rho_is(truth: float, snr: float) -> None:
    times, rng, repeats = np.array([2.0, 15.0, 30.0, 45.0]), np.random.default_rng(5), 150
    clean = (snr * np.exp(-times / truth))[:, None, None, None] * np.ones((repeats, 16, 16))
    fit = MonoExponential(tuple(times), noise=1.0).fit(np.hypot(clean + rng.normal(size=clean.shape),
                                                                rng.normal(size=clean.shape)))  # fmt: skip
    t1rho = np.where(np.isin(fit.doubt, (Doubt.NONE, Doubt.OUT_OF_RANGE, Doubt.UNCERTAIN)), fit.time_ms, np.nan)
    errors, whole = fit.unbiased_se_ms, np.ones((repeats, 16, 16), bool)
    discs = [disc_t1rho(t1rho, errors, whole, n, SPACING, unbiased=fit.unbiased_ms) for n in range(repeats)]
    means = np.array([disc.t1rho_mean_ms for disc in discs])
    assert means.mean() == pytest.approx(truth, rel=0.03)
    assert np.median([disc.t1rho_mean_se_ms for disc in discs]) == pytest.approx(means.std(), rel=0.25)
    assert np.mean([disc.t1rho_median_ms for disc in discs]) == pytest.approx(truth, rel=0.03)
    assert min(max(disc.phase_p1, disc.phase_p2, disc.phase_p3) for disc in discs) > 0.9


def test_the_columns_hold_the_phase_as_a_whole_number() -> None:
    disc = disc_t1rho(np.full((1, 9, 9), 70.0), np.ones((1, 9, 9)), EVERYWHERE, 0, SPACING)
    assert repr(disc.columns()["phase"]) == "3"


def test_without_a_voxel_to_trust_everything_but_the_area_is_undefined() -> None:
    empty = np.full((1, 9, 9), np.nan)
    columns = disc_t1rho(empty, empty, EVERYWHERE, 0, SPACING).columns()
    defined = {name for name, value in columns.items() if not math.isnan(value)}
    assert defined == {"t1rho_roi_mm2", "t1rho_trusted"}
    assert columns["t1rho_trusted"] == 0.0


def test_without_a_nucleus_nothing_is_defined_but_the_area_of_nothing() -> None:
    maps = np.full((1, 9, 9), 90.0)
    columns = disc_t1rho(maps, maps, ~EVERYWHERE, 0, SPACING).columns()
    assert {name for name, value in columns.items() if not math.isnan(value)} == {"t1rho_roi_mm2"}


def test_the_nucleus_keeps_to_the_middle_of_the_disc_in_every_direction() -> None:
    disc = ellipsoid((15, 60, 100), SPACING, (28.0, 15.0, 25.0), (50.0, 11.0, 36.0))
    found = nucleus_of(np.zeros(disc.shape), disc, SPACING)
    slices = np.flatnonzero(found.any(axis=(1, 2)))
    # 13 slices hold the disc; half of 64 % of them is 4.2 slices to either side of the middle
    assert (slices[0], slices[-1]) == (3, 11)
    assert not (found & ~disc).any()
    assert found[7].sum() * 0.25 == pytest.approx(math.pi / 4 * 0.55 * 36.0 * 0.75 * 11.0, rel=0.1)


def test_a_single_slice_has_a_nucleus() -> None:
    disc = rectangle(own_axes((60, 100), PIXEL, (15.0, 25.0)), 36.0, 10.0)[None]
    assert nucleus_of(np.zeros(disc.shape), disc, SPACING).any()
