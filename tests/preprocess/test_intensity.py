"""Network input does not depend on gain, offset or size, and takes coil fall-off out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbardisc.preprocess.intensity import normalise


def textured(shape: tuple[int, int] = (120, 90)) -> np.ndarray:
    rng = np.random.default_rng(4)
    return rng.gamma(2.0, 50.0, size=shape).astype(np.float32)


@settings(deadline=None, max_examples=20)
@given(gain=st.floats(0.01, 100.0), offset=st.floats(-500.0, 500.0))
def test_gain_and_offset_make_no_difference(gain: float, offset: float) -> None:
    image = textured()
    np.testing.assert_allclose(normalise(image * gain + offset, 0.8), normalise(image, 0.8), atol=0.02)


def test_percentiles_map_to_minus_one_and_one() -> None:
    image = textured((200, 200))
    low, high = np.percentile(image[::2, ::2], (1, 99))
    image[0, 0], image[0, 2] = low, high
    scaled = normalise(image, 0.8)[0]
    assert scaled[0, 0] == pytest.approx(-1.0, abs=0.02)
    assert scaled[0, 2] == pytest.approx(1.0, abs=0.02)


def test_local_channel_takes_a_slow_field_out() -> None:
    image = textured((300, 300))
    field = np.exp(np.linspace(-0.8, 0.8, 300))[:, None].astype(np.float32)
    plain, faded = normalise(image, 0.8)[1], normalise(image * field, 0.8)[1]
    inner = (slice(40, -40), slice(40, -40))
    assert np.corrcoef(plain[inner].ravel(), faded[inner].ravel())[0, 1] > 0.97


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (50, 50), (317, 211)])
def test_constant_image_of_any_size_is_finite(shape: tuple[int, int]) -> None:
    out = normalise(np.full(shape, 7.0, dtype=np.float32), 0.8)
    assert out.shape == (2, *shape)
    assert np.isfinite(out).all()
    assert np.allclose(out[1], 0.0)
