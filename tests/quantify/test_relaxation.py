"""Relaxation maps: against SciPy, by hand, against the Cramer-Rao bound, and what cannot be trusted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.optimize import curve_fit, root

from lumbardisc.errors import GeometryError, UsageError
from lumbardisc.quantify.noise import excess
from lumbardisc.quantify.relaxation import Doubt, Fit, MonoExponential

TIMES = (2.0, 15.0, 30.0, 45.0)


def decay(t: NDArray[np.float64], amplitude: float, time: float) -> NDArray[np.float64]:
    return amplitude * np.exp(-t / time)


def signals(time: float | NDArray[np.float64], amplitude: float = 100.0, times=TIMES) -> NDArray[np.float64]:
    return amplitude * np.exp(-np.reshape(times, (-1, *[1] * np.ndim(time))) / time)


def magnitudes(time: float, snr: float, voxels: int, seed: int = 0) -> NDArray[np.float64]:
    """Magnitude signals of amplitude ``snr`` with noise 1 in both channels, (time, voxel)."""
    rng = np.random.default_rng(seed)
    real, other = rng.standard_normal((2, len(TIMES), voxels))
    return np.hypot(signals(np.full(voxels, time), snr) + real, other)


def bound(time: float, snr: float) -> float:
    """Cramer-Rao bound on the standard deviation of T for Gaussian noise 1, from the Jacobian by (A, T)."""
    t = np.array(TIMES)
    jacobian = np.stack([np.exp(-t / time), snr * t / time**2 * np.exp(-t / time)], axis=1)
    return float(np.sqrt(np.linalg.inv(jacobian.T @ jacobian)[1, 1]))


class TestAnswer:
    def test_two_points_by_hand(self) -> None:
        fit = MonoExponential((10.0, 30.0)).fit([np.array([80.0]), np.array([20.0])])
        assert fit.time_ms[0] == pytest.approx(20.0 / np.log(4.0), rel=1e-6)
        assert fit.amplitude[0] == pytest.approx(80.0 * 2.0, rel=1e-6)  # half of 20 ms back in time, a factor 2
        assert fit.r2[0] == pytest.approx(1.0)
        assert np.isnan(fit.se_ms[0])  # no freedom is left for an error
        assert fit.trusted[0]

    @pytest.mark.parametrize(
        "times", [TIMES, (0.0, 8.0, 20.0, 45.0, 90.0), (60.0, 10.0, 30.0), tuple(np.arange(1, 13) * 8.0)]
    )
    @pytest.mark.parametrize("noise", [0.0, 1.0, 4.0])
    def test_scipy_finds_the_same(self, times: tuple[float, ...], noise: float) -> None:
        rng = np.random.default_rng(3)
        data = signals(rng.uniform(25, 150, 40), times=times)
        data += noise * rng.standard_normal(data.shape)
        fit = MonoExponential(times).fit(data)
        assert fit.trusted.sum() > 30
        for voxel in np.flatnonzero(fit.trusted):
            found, covariance = curve_fit(
                decay, np.array(times), data[:, voxel], p0=(100.0, 60.0), xtol=1e-12, ftol=1e-12, gtol=1e-12
            )
            assert (fit.amplitude[voxel], fit.time_ms[voxel]) == pytest.approx(found, rel=1e-6)
            if noise:
                assert fit.se_ms[voxel] == pytest.approx(np.sqrt(covariance[1, 1]), rel=1e-4)

    def test_it_is_not_the_log_linear_answer(self) -> None:
        data = np.array([100.0, 60.0, 50.0, 20.0])
        straight = -1.0 / np.polyfit(TIMES, np.log(data), 1)[0]
        assert abs(MonoExponential(TIMES).fit(data[:, None]).time_ms[0] / straight - 1.0) > 0.05

    def test_goodness_of_fit_by_hand(self) -> None:
        data = np.array([100.0, 70.0, 60.0, 30.0])
        fit = MonoExponential(TIMES).fit(data[:, None])
        left = data - decay(np.array(TIMES), fit.amplitude[0], fit.time_ms[0])
        assert fit.r2[0] == pytest.approx(1.0 - (left @ left) / ((data - 65.0) @ (data - 65.0)), rel=1e-5)

    def test_maps_have_the_shape_of_the_images(self) -> None:
        images = [image.astype(np.uint16) for image in signals(np.full((3, 4, 5), 80.0), 4000.0)]
        fit = MonoExponential(TIMES).fit(images)
        for each in (fit.amplitude, fit.time_ms, fit.se_ms, fit.r2, fit.doubt, fit.trusted, fit.unbiased_ms):
            assert each.shape == (3, 4, 5)
        assert fit.time_ms == pytest.approx(80.0, rel=1e-3)
        assert fit.time_ms.dtype == np.float32

    def test_blocks_do_not_show(self) -> None:
        data = signals(np.random.default_rng(1).uniform(30, 150, 40_000))
        whole, part = MonoExponential(TIMES).fit(data), MonoExponential(TIMES).fit(data[:, 15_000:25_000])
        assert np.array_equal(whole.time_ms[15_000:25_000], part.time_ms)

    @settings(deadline=None, max_examples=25)
    @given(scale=st.floats(1e-4, 1e6), seed=st.integers(0, 1000))
    def test_a_gain_changes_the_amplitude_alone(self, scale: float, seed: int) -> None:
        data = magnitudes(70.0, 30.0, 20, seed)
        for noise in (None, 1.0):
            one = MonoExponential(TIMES, noise=noise).fit(data)
            other = MonoExponential(TIMES, noise=noise and noise * scale).fit(data * scale)
            assert other.time_ms == pytest.approx(one.time_ms, rel=1e-5)
            assert other.amplitude == pytest.approx(scale * one.amplitude.astype(float), rel=1e-5)
            assert other.se_ms == pytest.approx(one.se_ms, rel=1e-4)

    @settings(deadline=None, max_examples=25)
    @given(order=st.permutations(range(4)), late=st.floats(0.0, 50.0), seed=st.integers(0, 1000))
    def test_the_order_of_images_does_not_matter_nor_does_a_late_start(
        self, order: list[int], late: float, seed: int
    ) -> None:
        data = magnitudes(70.0, 40.0, 20, seed)
        one = MonoExponential(TIMES).fit(data)
        other = MonoExponential([TIMES[each] + late for each in order]).fit(data[order])
        assert other.time_ms == pytest.approx(one.time_ms, rel=1e-5)
        assert other.amplitude == pytest.approx(one.amplitude * np.exp(late / one.time_ms), rel=1e-4)
        assert np.array_equal(other.doubt, one.doubt)


class TestNoise:
    @pytest.mark.parametrize("snr", [20, 50, 100])
    @pytest.mark.parametrize("time", [30.0, 80.0, 110.0, 200.0])
    def test_no_bias_and_the_precision_that_can_be_had(self, time: float, snr: float) -> None:
        fit = MonoExponential(TIMES, noise=1.0).fit(magnitudes(time, snr, 60_000))
        found = fit.unbiased_ms[np.isfinite(fit.unbiased_ms)]
        assert found.size > 0.99 * fit.time_ms.size
        chance = 3.0 * found.std() / np.sqrt(found.size)
        assert abs(found.mean() - time) < 0.01 * time + chance
        assert found.std() == pytest.approx(bound(time, snr), rel=0.1)
        assert np.nanmedian(fit.time_ms) == pytest.approx(time, rel=0.01)
        assert np.nanmedian(fit.se_ms) == pytest.approx(bound(time, snr), rel=0.05)

    def test_the_floor_lengthens_what_does_not_know_of_it(self) -> None:
        data = magnitudes(30.0, 12.0, 60_000)
        blind, knowing = (np.nanmedian(MonoExponential(TIMES, noise=each).fit(data).time_ms) for each in (None, 1.0))
        assert blind > 1.025 * 30.0
        assert knowing == pytest.approx(30.0, rel=0.01)

    def test_the_equations_of_the_floor_are_solved(self) -> None:
        """SciPy's root finder on the same equations: what Rice's mean leaves is orthogonal to the curve's slopes."""
        t = np.array(TIMES)
        data = magnitudes(50.0, 15.0, 10)
        fit = MonoExponential(TIMES, noise=1.0).fit(data)
        for voxel in range(10):

            def unbalanced(at: NDArray[np.float64], voxel: int = voxel) -> list[float]:
                curve = np.exp(-t / at[1])
                left = data[:, voxel] - at[0] * curve - excess(at[0] * curve, 1.0)
                return [float(left @ curve), float(left @ (t * curve))]

            found = root(unbalanced, (15.0, 50.0), tol=1e-10).x
            assert (fit.amplitude[voxel], fit.time_ms[voxel]) == pytest.approx(found, rel=1e-5)

    def test_residuals_tell_the_error_where_the_noise_is_unknown(self) -> None:
        times = tuple(np.linspace(2, 90, 30))
        rng = np.random.default_rng(0)
        fit = MonoExponential(times).fit(signals(np.full(4000, 60.0), times=times) + rng.normal(0, 2, (30, 4000)))
        assert fit.se_ms.mean() == pytest.approx(fit.time_ms.std(), rel=0.05)

    def test_an_error_from_two_images_needs_the_noise(self) -> None:
        data = [np.array([80.0]), np.array([20.0])]
        assert np.isnan(MonoExponential((10, 30)).fit(data).se_ms[0])
        # T = 20 / ln(S1 / S2): dT = T^2 / 20 (dS1 / S1, dS2 / S2)
        by_hand = (20 / np.log(4)) ** 2 / 20 * np.hypot(0.01 / 80, 0.01 / 20)
        assert MonoExponential((10, 30), noise=0.01).fit(data).se_ms[0] == pytest.approx(by_hand, rel=1e-3)

    def test_voxels_under_the_floor_are_left_out(self) -> None:
        air = magnitudes(50.0, 0.0, 1000)
        fit = MonoExponential(TIMES, noise=1.0).fit(air)
        assert (fit.doubt == Doubt.NO_SIGNAL).all()
        assert np.isnan(fit.time_ms).all()

    def test_the_unbiased_time_by_hand(self) -> None:
        one = np.ones(1, np.float32)
        fit = Fit(one, 100.0 * one, 20.0 * one, one, np.zeros(1, np.uint8))
        # z = 5: Phi(-5) = 2.866516e-7, phi(5) = 1.486720e-6
        assert fit.unbiased_ms[0] == pytest.approx(100.0 * 5.0 * 2.866516e-7 / 1.486720e-6, rel=1e-5)
        exact = Fit(one, 100.0 * one, 0.0 * one, one, np.zeros(1, np.uint8))
        assert exact.unbiased_ms[0] == pytest.approx(100.0)
        unknown = Fit(one, 100.0 * one, np.nan * one, one, np.zeros(1, np.uint8))
        assert unknown.unbiased_ms[0] == 100.0
        assert np.isnan(unknown.unbiased_se_ms[0])

    @pytest.mark.parametrize(("time", "error"), [(100.0, 0.0), (100.0, 0.1), (100.0, 20.0), (100.0, 90.0), (1e8, 1e14)])
    def test_the_error_of_the_unbiased_time(self, time: float, error: float) -> None:
        """By quadrature: 1 / k^2 is the integral of a exp(-a k), exp(-a k - (a s)^2 / 2) without bias; k, s of SE 1."""
        one = np.ones(1, np.float32)
        fit = Fit(one, time * one, error * one, one, np.zeros(1, np.uint8))
        if error < 1.0:
            assert fit.unbiased_se_ms[0] == pytest.approx(error, rel=1e-4)
            return
        z, scale = time / error, time**2 / error
        first, second = (quad(lambda a, n=n: a**n * np.exp(-a * z - a * a / 2), 0, np.inf)[0] for n in (0, 1))
        assert fit.unbiased_se_ms[0] == pytest.approx(scale * np.sqrt(first**2 - second), rel=1e-4)


class TestDoubt:
    @pytest.mark.parametrize(
        ("data", "doubt"),
        [
            ((100.0, 80.0, 64.0, 50.0), Doubt.NONE),
            ((0.0, 0.0, 0.0, 0.0), Doubt.NO_SIGNAL),
            ((100.0, 80.0, -3.0, 50.0), Doubt.NO_SIGNAL),
            ((100.0, np.nan, 64.0, 50.0), Doubt.NO_SIGNAL),
            ((100.0, 80.0, np.inf, 50.0), Doubt.NO_SIGNAL),
            ((50.0, 64.0, 80.0, 100.0), Doubt.RISING),
            ((100.0, 100.0, 100.0, 100.0), Doubt.RISING),
            ((100.0, 99.9, 99.8, 99.7), Doubt.OUT_OF_RANGE),
            ((1000.0, 0.5, 0.4, 0.5), Doubt.OUT_OF_RANGE),
            ((100.0, 60.0, 110.0, 70.0), Doubt.UNCERTAIN),
        ],
    )
    def test_reasons(self, data: tuple[float, ...], doubt: Doubt) -> None:
        fit = MonoExponential(TIMES).fit(np.array(data)[:, None])
        assert Doubt(fit.doubt[0]) is doubt
        assert fit.trusted[0] == (doubt is Doubt.NONE)
        if doubt in (Doubt.NO_SIGNAL, Doubt.RISING):
            assert np.isnan([fit.time_ms[0], fit.se_ms[0]]).all()

    def test_a_poor_fit_shows_where_the_error_comes_from_the_noise(self) -> None:
        data = np.array([100.0, 40.0, 110.0, 60.0])[:, None]
        assert MonoExponential(TIMES, noise=1.0).fit(data).doubt[0] == Doubt.POOR_FIT

    def test_one_bad_voxel_spoils_no_other(self) -> None:
        data = signals(np.full(5, 90.0))
        data[2, 3] = np.nan
        fit = MonoExponential(TIMES).fit(data)
        assert fit.trusted.tolist() == [True, True, True, False, True]
        assert fit.time_ms[fit.trusted] == pytest.approx(90.0)

    @settings(deadline=None, max_examples=60)
    @example([1.1061269512e16] * 4)
    @given(st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), min_size=4, max_size=4))
    def test_whatever_comes_in_what_is_trusted_is_a_number(self, data: list[float]) -> None:
        for noise in (None, 1.0):
            fit = MonoExponential(TIMES, noise=noise).fit(np.array(data)[:, None])
            assert not np.isinf([fit.amplitude[0], fit.time_ms[0], fit.se_ms[0], fit.r2[0]]).any()
            assert not fit.trusted[0] or fit.time_ms[0] > 0


class TestBadInput:
    @pytest.mark.parametrize(
        ("times", "message"),
        [
            ((), "two times at least"),
            ((5.0,), "two times at least"),
            ((2.0, 15.0, 15.0), "one is repeated"),
            ((-2.0, 15.0), "each image needs a time"),
            ((2.0, float("nan")), "each image needs a time"),
            ((2.0, float("inf")), "each image needs a time"),
        ],
    )
    def test_times(self, times: tuple[float, ...], message: str) -> None:
        with pytest.raises(UsageError, match=message):
            MonoExponential(times)

    @pytest.mark.parametrize("noise", [-1.0, float("nan"), float("inf")])
    def test_noise(self, noise: float) -> None:
        with pytest.raises(UsageError, match="noise"):
            MonoExponential(TIMES, noise=noise)

    def test_images(self) -> None:
        image = np.ones((2, 3))
        with pytest.raises(UsageError, match="3 images for 4 times"):
            MonoExponential(TIMES).fit([image] * 3)
        with pytest.raises(GeometryError, match="differ in shape"):
            MonoExponential((1, 2)).fit([image, image.T])
