"""T1rho in colour: the scale, what is coloured, where the bar is marked."""

from __future__ import annotations

import numpy as np
import pytest

from lumbardisc.report.t1rho_view import COLORS, RANGE_MS, along, colors, ticks


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
