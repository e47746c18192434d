"""Acquisition: geometry by hand, partial volume that loses nothing, noise with the statistics of Rice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbardisc.errors import UsageError
from lumbardisc.phantom import CLEAN, SEQUENCES, Artefacts, Geometry, draw_spine, examine, sequences_of
from lumbardisc.phantom.acquire import majority, rician
from lumbardisc.volume import Volume

SPINE = draw_spine(11, grades=[2, 3, 1, 2, 4], scoliosis_deg=3.0)


def around_disc(index: int, **settings) -> Geometry:
    centre = SPINE.discs[index].slab.frame.origin
    return Geometry.plan(centre=centre, matrix=(40, 64), pixel_mm=(1.0, 1.0), **settings)


def test_a_plan_by_hand() -> None:
    plan = Geometry.plan(slices=3, matrix=(5, 7), pixel_mm=(2.0, 1.0), thickness_mm=4, gap_mm=1, centre=(10, 20, 30))
    image = Volume(np.zeros(plan.shape), plan.affine)
    assert image.world((1, 2, 3)) == pytest.approx([10, 20, 30])
    assert image.world((0, 0, 0)) == pytest.approx([10 - 5, 20 + 3, 30 + 4])
    assert image.axis_order.axes == (0, 1, 2)
    assert image.axis_order.flips == (False, False, False)


@settings(deadline=None)
@given(flips=st.tuples(*[st.booleans()] * 3), turn=st.tuples(*[st.floats(-20, 20)] * 3))
def test_flips_and_turns_keep_centre_and_spacing(flips, turn) -> None:
    plan = Geometry.plan(slices=4, matrix=(6, 8), centre=(1, 2, 3), turn_deg=turn, flips=flips)
    image = Volume(np.zeros(plan.shape), plan.affine)
    assert image.world((1.5, 2.5, 3.5)) == pytest.approx([1, 2, 3])
    assert image.spacing == pytest.approx((4.4, 0.6, 0.6))
    assert image.axis_order.flips == flips


def test_a_turn_about_the_right_axis_leans_rows_forward() -> None:
    turned = Geometry.plan(turn_deg=(90, 0, 0)).affine[:3, 1]  # down -> S to I, turned by 90 degrees about R
    assert turned / 0.6 == pytest.approx([0, 1, 0], abs=1e-12)


@pytest.mark.parametrize("turn", [(0.0, 0.0, 0.0), (17.0, 5.0, -12.0)])
def test_partial_volume_conserves_occupancy(turn) -> None:
    disc = SPINE.discs[2]
    stack = around_disc(2, slices=14, thickness_mm=5.0, gap_mm=0.0, turn_deg=turn)
    exam = examine(SPINE, stack, samples=8)
    ramp = exam.painter.materials.discs[2]
    occupancy = ((exam.rows >= ramp.first) & (exam.rows < ramp.first + ramp.steps)).mean(axis=1)
    truth = next(each for each in exam.truth if each.label == disc.label)
    assert occupancy.sum() * 5.0 == pytest.approx(truth.volume_mm3, rel=0.015)
    assert ((occupancy > 0) & (occupancy < 1)).sum() > 100


def test_a_thick_slice_is_the_mean_of_thin_ones() -> None:
    thick = examine(SPINE, around_disc(1, slices=1, thickness_mm=8.0, gap_mm=0.0), samples=16)
    thin = examine(SPINE, around_disc(1, slices=8, thickness_mm=1.0, gap_mm=0.0), samples=7)
    one, mean = (exam.image(SEQUENCES["t2"]).array.mean(axis=0) for exam in (thick, thin))
    assert np.abs(one - mean).mean() < 0.03 * mean.mean()


def test_flipped_and_reordered_stacks_show_the_same_spine() -> None:
    plain, flipped = (
        examine(SPINE, around_disc(1, slices=3, flips=flips), samples=1) for flips in ((False,) * 3, (True,) * 3)
    )
    assert np.array_equal(plain.labels, flipped.labels[::-1, ::-1, ::-1])


def test_labels_are_those_of_voxel_centres_and_majorities() -> None:
    samples = np.array([[[1, 2, 0, 1]], [[1, 2, 0, 2]], [[0, 5, 1, 0]]], dtype=np.uint8)
    assert majority(samples).tolist() == [[1, 2, 0, 0]]


def test_samples_that_would_fall_together_are_refused() -> None:
    with pytest.raises(UsageError, match="no factor 3 or 5"):
        examine(SPINE, Geometry.plan(), samples=6)


def test_noise_is_rician() -> None:
    rng = np.random.default_rng(0)
    empty = rician(np.zeros(200_000, np.float32), 2.0, rng)
    assert empty.mean() == pytest.approx(2.0 * np.sqrt(np.pi / 2), rel=0.01)
    assert empty.std() == pytest.approx(2.0 * np.sqrt(2 - np.pi / 2), rel=0.01)
    bright = rician(np.full(200_000, 50.0, np.float32), 2.0, rng)
    assert bright.mean() == pytest.approx(np.sqrt(50.0**2 + 2.0**2), rel=0.001)
    assert bright.std() == pytest.approx(2.0, rel=0.02)
    turned = rician(np.full(200_000, 30 + 40j, np.complex64), 2.0, rng)
    assert turned.mean() == pytest.approx(bright.mean(), rel=0.001)


def test_noise_follows_the_settings_and_the_seed() -> None:
    exam = examine(SPINE, Geometry.plan(slices=1, matrix=(96, 96), pixel_mm=(3, 3)), samples=1)
    t2 = SEQUENCES["t2"]
    clean, still = (exam.image(t2, artefacts=each).array for each in (CLEAN, Artefacts(float("inf"), 0.0, 0.0)))
    assert np.array_equal(clean, still)
    noisy = [exam.image(t2, artefacts=Artefacts(ghost_mm=0.0), seed=seed).array for seed in (1, 1, 2)]
    assert np.array_equal(noisy[0], noisy[1])
    assert not np.array_equal(noisy[0], noisy[2])


def test_images_of_a_spin_lock_series_share_their_noise() -> None:
    exam = examine(SPINE, Geometry.plan(slices=1, matrix=(128, 128), pixel_mm=(3, 3)), samples=1)
    air = exam.rows[:, 0] == exam.painter.materials.air
    spread = [
        exam.image(each, artefacts=Artefacts(20.0, 0.0, 0.0)).array[air].std() for each in sequences_of("spin-lock")
    ]
    assert spread == pytest.approx([spread[0]] * 4, rel=0.06)


def test_a_patient_who_moved_lies_elsewhere() -> None:
    exam = examine(SPINE, Geometry.plan(slices=2, matrix=(96, 96), pixel_mm=(2, 3)), samples=1)
    still, moved = (
        exam.image(SEQUENCES["t2"], artefacts=Artefacts(float("inf"), 0.0, 0.0, moved_mm=mm)).array
        for mm in ((0.0, 0.0), (4.0, -3.0))
    )
    assert np.allclose(moved[:, 10:80, 10:80], still[:, 8:78, 11:81], atol=1e-5)


def test_ghosts_stay_in_the_columns_of_what_breathes() -> None:
    exam = examine(SPINE, Geometry.plan(slices=1, matrix=(96, 96), pixel_mm=(3, 3)), samples=1)
    clean, breathing = (
        exam.image(SEQUENCES["t2"], artefacts=Artefacts(float("inf"), 0.0, ghost_mm)).array for ghost_mm in (0.0, 3.0)
    )
    change = np.abs(breathing - clean)[0].max(axis=0)
    y = exam.geometry.affine[1, 3] + exam.geometry.affine[1, 2] * np.arange(96)
    front = exam.painter.column.front
    assert (change[y < front.min() + 20] < 1e-5).all()
    assert change[(y > front.max() + 30) & (y < front.max() + 90)].min() > 0.02


def test_the_coil_is_brighter_behind() -> None:
    exam = examine(SPINE, Geometry.plan(slices=1, matrix=(64, 64), pixel_mm=(4, 4)), samples=1)
    plain, shaded = (
        exam.image(SEQUENCES["t1"], artefacts=Artefacts(float("inf"), shading, 0.0)).array for shading in (0.0, 0.75)
    )
    gain = shaded[0, 32] / np.maximum(plain[0, 32], 1e-6)
    skin = np.flatnonzero(plain[0, 32])
    assert (np.diff(gain[skin]) > 0).all()


def test_plans_that_cannot_be() -> None:
    with pytest.raises(UsageError, match="must be positive"):
        Geometry.plan(pixel_mm=(0.0, 0.6))
