"""T1rho of the central 1 cm2 against a fit, pixel by pixel, to finely sampled images without noise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import curve_fit

from lumbardisc.phantom import Geometry, draw_spine, examine, sequences_of
from lumbardisc.phantom.nucleus import T1rhoMap
from lumbardisc.phantom.truth import disc_truths
from lumbardisc.quantify.t1rho import central_roi
from lumbardisc.volume import LabelMap

PIXEL = 0.5


def fitted(spine, index: int) -> tuple[np.ndarray, np.ndarray]:
    """T1rho map (ms) of a disc's mid-plane by curve fits, NaN outside the disc; and where its nucleus lies."""
    frame = spine.discs[index].slab.frame
    affine = np.eye(4)
    affine[:3, :3] = np.stack((frame.axes[0], -frame.axes[2] * PIXEL, -frame.axes[1] * PIXEL), axis=1)
    shape = (1, 44, 104)
    affine[:3, 3] = frame.origin - affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    exam = examine(spine, Geometry(affine, shape, 0.1), samples=1)
    sequences = sequences_of("spin-lock")
    images = np.stack([exam.image(each, field_t=1.5).array[0] for each in sequences])
    times = [each.spin_lock_ms for each in sequences]
    rows, ramp = exam.rows[0, 0], exam.painter.materials.discs[index]
    disc = exam.labels[0] == index + 1
    found = {}
    for row in np.unique(rows[disc]):
        signal = images[:, rows == row][:, 0]
        (_, found[row]), _ = curve_fit(lambda t, a, tau: a * np.exp(-t / tau), times, signal, p0=(signal[0], 80.0))
    table = np.vectorize(lambda row: found.get(row, np.nan), otypes=[float])
    return np.where(disc, table(rows), np.nan), disc & (rows > ramp.first + 0.5 * ramp.steps)


@pytest.mark.parametrize(("seed", "index", "grade"), [(31, 1, 1), (31, 2, 2), (32, 1, 3), (33, 1, 4)])
def test_the_central_square_centimetre_is_what_a_fit_finds_there(seed: int, index: int, grade: int) -> None:
    grades = [2] * 5
    grades[index] = grade
    spine = draw_spine(seed, grades=grades)
    shown = LabelMap(np.full((3, 3, 3), index + 1, dtype=np.uint8), np.eye(4))
    (truth,) = disc_truths(spine, shown)
    t1rho, nucleus = fitted(spine, index)
    roi = central_roi(nucleus, (PIXEL, PIXEL))
    assert truth.t1rho_max_ms == pytest.approx(np.nanmax(t1rho), rel=0.01)
    assert truth.t1rho_max_ms == pytest.approx(truth.t1rho_ms, rel=0.02)
    assert truth.t1rho_mean_ms == pytest.approx(t1rho[roi].mean(), rel=0.05)
    assert truth.t1rho_min_ms < truth.t1rho_mean_ms < truth.t1rho_max_ms


def test_a_pure_nucleus_has_its_own_t1rho_and_fluid_a_long_one() -> None:
    spine = draw_spine(7)
    t1rho = T1rhoMap.of(spine)
    for disc, ramp in zip(spine.discs, t1rho.materials.discs, strict=True):
        assert t1rho.row_ms[ramp.first + ramp.steps - 1] == pytest.approx(disc.degeneration.nucleus_t1rho_ms, rel=1e-4)
    assert t1rho.row_ms[t1rho.materials.csf] == pytest.approx(1500.0, rel=1e-3)
