"""One spine on another: the motion that is known is found, distances are those of a ruler."""

from __future__ import annotations

import numpy as np
import pytest
from bent_spine import HEIGHTS, drawn

from lumbardisc.anatomy.alignment import Rigid, align, surface_distance_mm
from lumbardisc.anatomy.same_spine import FITS_MM, bones, lay_on, level_shift
from lumbardisc.anatomy.surfaces import Surface, surfaces
from lumbardisc.levels import SACRUM
from lumbardisc.volume import LabelMap


def of(labels: LabelMap) -> dict[int, Surface]:
    return dict(bones(surfaces(labels.array, labels.affine)))


def renamed(found: dict[int, Surface], shift: int) -> dict[int, Surface]:
    """As if the lowest had been counted wrongly; what falls below the sacrum has no name."""
    return {label + shift: one for label, one in found.items() if label + shift >= SACRUM}


@pytest.fixture(scope="module")
def straight() -> dict[int, Surface]:
    return of(drawn())


def test_a_quarter_turn_about_the_right_by_hand() -> None:
    # about (0, 10, 0): anterior becomes superior; then 1 mm to the right
    move = Rigid(np.array([np.pi / 2, 0, 0]), np.array([1.0, 0, 0]), np.array([0.0, 10, 0]))
    np.testing.assert_allclose(move(np.array([[5.0, 13, 0], [0, 10, 2]])), [[6, 10, 3], [1, 8, 0]], atol=1e-12)
    assert move.turned_deg == pytest.approx(90)


def test_the_inverse_brings_every_point_back() -> None:
    move = Rigid(np.array([0.3, -0.2, 0.5]), np.array([3.0, -4, 5]), np.array([7.0, 8, 9]))
    points = np.random.default_rng(0).normal(0, 50, (20, 3))
    np.testing.assert_allclose(move.inverse(move(points)), points, atol=1e-9)


def test_distances_are_those_of_a_ruler() -> None:
    labels = np.zeros((9, 60, 60), dtype=np.int16)
    labels[2:7, 20:40, 20:40] = 101  # 20 x 20 mm, its faces half a pixel beyond the outermost centres
    box = surfaces(labels, np.diag([4.0, 1.0, 1.0, 1.0]))[101]
    along_row = np.array([[16.0, 30, 44.5], [16, 30, 39.5], [16, 30, 30], [16, 30, 90]])
    np.testing.assert_allclose(box.distances(along_row), [5, 0, -9.5, 50.5], atol=0.6)
    np.testing.assert_allclose(box.centre, [16, 29.5, 29.5], atol=0.2)


def test_what_a_side_of_the_image_cuts_has_no_surface() -> None:
    labels = np.zeros((3, 30, 30), dtype=np.int16)
    labels[:, 0:8, 10:20] = 102
    labels[:, 12:20, 10:20] = 101
    assert set(surfaces(labels, np.eye(4))) == {101}


@pytest.mark.parametrize("turn_deg", [(0.0, 0.0, 0.0), (12.0, -6.0, 8.0), (-18.0, 5.0, -8.0)])
def test_a_known_motion_is_found(straight: dict[int, Surface], turn_deg: tuple[float, float, float]) -> None:
    moved_mm = (4.0, -6.0, 5.0)
    turned = of(drawn(turn_deg=turn_deg, moved_mm=moved_mm, shape=(21, 260, 190)))
    fit = lay_on(straight, turned)
    assert fit is not None
    assert fit.distance_mm < 0.8
    from scipy.spatial.transform import Rotation

    body = straight[SACRUM + 3].points
    truth = Rotation.from_euler("xyz", turn_deg, degrees=True).apply(body) + moved_mm
    assert np.linalg.norm(fit.move(body) - truth, axis=1).mean() < 1.0
    assert fit.size == pytest.approx(1.0, abs=0.01)


def test_nothing_in_common_cannot_be_laid_on_each_other(straight: dict[int, Surface]) -> None:
    one, other = {101: straight[101]}, {102: straight[102]}
    assert align(one, other) is None
    assert np.isnan(surface_distance_mm(one, other, Rigid(np.zeros(3), np.zeros(3), np.zeros(3))))
    assert lay_on(one, straight) is None, "one bone tells neither turn nor size"


@pytest.mark.parametrize("shift", [-1, 1])
def test_names_that_are_off_by_one_level_are_seen(straight: dict[int, Surface], shift: int) -> None:
    before = renamed(straight, shift)
    now = of(drawn(turn_deg=(8.0, 3.0, -4.0), moved_mm=(2.0, 3.0, -4.0)))
    assert level_shift(before, now, lay_on(before, now)) == -shift


def test_right_names_stay(straight: dict[int, Surface]) -> None:
    lower = of(drawn(HEIGHTS | {1: 5.0, 3: 7.0}, turn_deg=(6.0, 0.0, 5.0)))
    fit = lay_on(straight, lower)
    assert fit is not None
    assert fit.distance_mm < FITS_MM, "discs that lost height do not make it another spine"
    assert level_shift(straight, lower, fit) == 0
    assert fit.size == pytest.approx(1.0, abs=0.01), "nor its bones smaller"


def test_a_wrong_pixel_size_shows_in_the_bones(straight: dict[int, Surface]) -> None:
    labels = drawn()
    scaled = labels.affine.copy()
    scaled[:3, :3] *= 1.1
    fit = lay_on(straight, of(LabelMap(labels.array, scaled)))
    assert fit is not None
    assert fit.size == pytest.approx(1.1, abs=0.01)
