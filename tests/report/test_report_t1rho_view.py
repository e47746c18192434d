"""T1rho in colour: the scale, what is coloured, where the bar is marked."""

from __future__ import annotations

import numpy as np
import pytest

from lumbardisc.io.grid import working_affine
from lumbardisc.io.spin_lock import SpinLockSeries
from lumbardisc.pipeline.study import Discs, Study
from lumbardisc.pipeline.t1rho import T1rhoStudy
from lumbardisc.quantify.relaxation import Fit
from lumbardisc.report.t1rho_view import COLORS, RANGE_MS, along, colors, t1rho_view, ticks
from lumbardisc.volume import LabelMap, Volume


def test_the_colours_run_from_end_to_end_and_stay_there() -> None:
    low, high = RANGE_MS
    shown = colors(np.array([low, high, low - 500.0, high + 500.0, np.nan]))
    assert shown.tolist() == [list(COLORS[end]) for end in (0, -1, 0, -1, 0)]


def test_longer_t1rho_is_brighter() -> None:
    luminance = colors(np.linspace(*RANGE_MS, 50)) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luminance) > 0).all()


def test_the_bar_is_marked_at_the_limits_of_the_phases() -> None:
    assert ticks() == (40.0, 80.0, 110.0, 180.0)
    assert [along(ms) for ms in ticks()] == pytest.approx([0.0, 2 / 7, 0.5, 1.0])


def test_the_picture_shows_the_map_that_is_written() -> None:
    """And not that of the means, which is 21 ms shorter here."""
    shape, affine = (1, 40, 40), working_affine((4.0, 1.0, 1.0))
    one = np.ones(shape, np.float32)
    image, nowhere = Volume(one, affine), np.zeros(shape, bool)
    study = Study("flat", image, LabelMap(np.zeros(shape, np.int16), affine), Discs(()), 0, {})
    fit = Fit(one, 150.0 * one, 70.0 * one, one, np.zeros(shape, np.uint8))
    assert fit.unbiased_ms.max() < 140.0
    result = T1rhoStudy(study, fit, nowhere, nowhere, SpinLockSeries((2.0, 15.0), (image, image), ("a", "b"), "--tsl"))
    assert (t1rho_view(result).pixels == colors(np.array(150.0))).all()
