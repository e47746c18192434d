"""The nucleus is found where it shows, and put in its place where it does not."""

from collections.abc import Callable

import numpy as np
import pytest
from hand_drawn import Array, Mask, ellipse, own_axes, rectangle
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbardisc.quantify.nucleus import otsu, split

SPACING = (0.6, 0.6)
SHAPE = (80, 100)


def disc(tilt: float = 0.0) -> tuple[Array, Mask]:
    """Own axes and mask (3 slices) of a disc 36 deep and 10 high."""
    axes = own_axes(SHAPE, SPACING, (24.1, 30.2), tilt)
    return axes, np.stack([rectangle(axes, 36.0, 10.0)] * 3)


def noisy(image: Array, sd: float = 5.0) -> Array:
    return np.stack([image] * 3) + np.random.default_rng(5).normal(0, sd, (3, *image.shape))


def dice(one: Mask, other: Mask) -> float:
    return float(2 * (one & other).sum() / (one.sum() + other.sum()))


@pytest.mark.parametrize("tilt", [0.0, 40.0])
def test_a_bright_nucleus_is_outlined(tilt: float) -> None:
    axes, mask = disc(tilt)
    nucleus = ellipse(np.stack([axes[0] - 1.0, axes[1]]), 22.0, 7.0)
    parts = split(noisy(np.where(nucleus, 160.0, 60.0)), mask, SPACING)
    assert parts.by_signal
    assert dice(parts.nucleus, np.stack([nucleus] * 3)) > 0.9
    assert not (parts.annulus & nucleus).sum() > 0.02 * parts.annulus.sum()


def test_a_nucleus_is_seen_through_noise_of_half_its_contrast() -> None:
    axes, mask = disc()
    nucleus = ellipse(np.stack([axes[0] - 1.0, axes[1]]), 22.0, 7.0)
    parts = split(noisy(np.where(nucleus, 160.0, 60.0), sd=50.0), mask, SPACING)
    assert parts.by_signal
    assert dice(parts.nucleus, np.stack([nucleus] * 3)) > 0.8


SCENES: dict[str, Callable[[Array], Array]] = {
    "no border": lambda axes: 0.0 * axes[0],
    "dark nucleus": lambda axes: np.where(ellipse(axes, 20.0, 7.0), 30.0, 90.0),
    "coil slope": lambda axes: 100.0 + 3.0 * axes[0],
    "bright tear": lambda axes: np.where(abs(axes[0] - 15.0) < 1.5, 150.0, 60.0),
    "speck": lambda axes: np.where(np.hypot(*axes) < 1.5, 400.0, 60.0),
}


@pytest.mark.parametrize("scene", SCENES)
def test_where_no_nucleus_shows_it_is_the_core(scene: str) -> None:
    axes, mask = disc()
    parts = split(noisy(SCENES[scene](axes)), mask, SPACING)
    assert not parts.by_signal
    depth = 0.5 + axes[0] / 36.0
    core = ((depth - 0.525) / 0.275) ** 2 + (axes[1] / 5.0 / 0.75) ** 2 <= 1.0
    assert dice(parts.nucleus, np.stack([core] * 3)) > 0.97


@settings(max_examples=12, deadline=None, derandomize=True)
@given(gain=st.floats(0.01, 100.0), offset=st.floats(-1000.0, 1000.0), contrast=st.floats(0.0, 60.0))
def test_gain_and_offset_do_not_matter(gain: float, offset: float, contrast: float) -> None:
    axes, mask = disc(15.0)
    image = noisy(60.0 + contrast * ellipse(axes, 20.0, 7.0))
    one, other = split(image, mask, SPACING), split(gain * image + offset, mask, SPACING)
    assert one.by_signal == other.by_signal
    assert dice(one.nucleus, other.nucleus) > 0.99


def test_parts_are_apart_and_inside() -> None:
    axes, mask = disc(20.0)
    parts = split(noisy(np.where(ellipse(axes, 22.0, 7.0), 160.0, 60.0)), mask, SPACING)
    assert not (parts.nucleus & parts.annulus).any()
    assert not ((parts.nucleus | parts.annulus) & ~mask).any()


def test_a_few_pixels_are_neither() -> None:
    mask = np.zeros((1, 10, 10), dtype=bool)
    mask[0, 4:6, 4:7] = True
    parts = split(np.ones(mask.shape), mask, SPACING)
    assert not parts.by_signal
    assert not (parts.nucleus | parts.annulus).any()


@settings(max_examples=50)
@given(st.lists(st.integers(0, 50), min_size=2, max_size=40).filter(lambda values: len(set(values)) > 1))
def test_otsu_against_every_possible_cut(values: list[int]) -> None:
    data = np.array(values, dtype=float)

    def between(cut: float) -> float:
        low, high = data[data <= cut], data[data > cut]
        return float(len(low) * len(high) / len(data) ** 2 * (high.mean() - low.mean()) ** 2) if len(high) else 0.0

    threshold, separability = otsu(data)
    best = max(between(cut) for cut in data)
    assert between(threshold) == pytest.approx(best)
    assert separability == pytest.approx(best / data.var())


def test_two_values_are_wholly_separable_and_one_is_not_at_all() -> None:
    assert otsu(np.array([1.0, 1.0, 9.0])) == (1.0, pytest.approx(1.0))
    assert np.isnan(otsu(np.array([4.0, 4.0]))).all()
