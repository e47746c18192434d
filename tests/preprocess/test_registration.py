"""Motion between spin-lock images of a phantom that was moved by a known way."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from lumbardisc.errors import GeometryError, InputError, UsageError
from lumbardisc.phantom import Artefacts, Geometry, draw_spine, examine, lumbar_stack, sequences_of
from lumbardisc.phantom.acquire import rician
from lumbardisc.preprocess.registration import align
from lumbardisc.volume import Volume

pytest.importorskip("SimpleITK")

STACK = lumbar_stack(160, slices=3)
PIXEL = 270.0 / 160
SPACING = (4.4, PIXEL, PIXEL)
STILL = Artefacts(float("inf"), 0.5, 0.0)


def series(row_mm: float = 0.0, column_mm: float = 0.0, turn_deg: float = 0.0) -> list[NDArray[np.float32]]:
    """Four spin-lock images, all but the first of a patient who went down and back, and then turned about the right.

    The stack goes the other way, which the images cannot tell from a patient who moves.
    """
    middle = Volume(np.empty(STACK.shape), STACK.affine).world((np.array(STACK.shape) - 1) / 2)
    stack = Geometry.plan(
        slices=3, matrix=(160, 160), pixel_mm=(PIXEL, PIXEL), centre=middle, turn_deg=(turn_deg, 0.0, 0.0)
    )
    affine = stack.affine.copy()
    affine[:3, 3] -= affine[:3, :3] @ (0.0, row_mm / PIXEL, column_mm / PIXEL)
    spine, rng = draw_spine(3), np.random.default_rng(4)
    stacks = [STACK, *[Geometry(affine, stack.shape, stack.thickness_mm)] * 3]
    exams = [examine(spine, stacks[0], samples=1), examine(spine, stacks[1], samples=1)]
    clean = [exams[min(k, 1)].image(each, artefacts=STILL).array for k, each in enumerate(sequences_of("spin-lock"))]
    return [rician(image, 0.02, rng) for image in clean]


@pytest.mark.parametrize(("row_mm", "column_mm", "turn_deg"), [(2.0, -1.5, 1.0), (-6.0, 4.0, -2.5)])
def test_a_known_motion_is_found_and_taken_out(row_mm: float, column_mm: float, turn_deg: float) -> None:
    images = series(row_mm, column_mm, turn_deg)[::3]
    found = align(images, SPACING)
    for motion in found.motions[1:]:
        assert np.allclose(np.divide(motion.shift_mm, PIXEL), np.array([0.0, row_mm, column_mm]) / PIXEL, atol=0.2)
        assert motion.turn_deg == pytest.approx(abs(turn_deg), abs=0.15)
        assert motion.needed
    still = series()[::3]
    inside = np.s_[:, 20:-20, 20:-20]
    for reference, before, after in zip(still[1:], images[1:], found.images[1:], strict=True):
        off, left = (np.abs(each - reference)[inside].mean() for each in (before, after))
        assert left < 0.75 * off


def test_a_patient_who_lay_still_is_left_untouched() -> None:
    images = series()
    found = align(images, SPACING)
    assert all(one is other for one, other in zip(found.images, images, strict=True))
    assert max(motion.pixels for motion in found.motions) < 0.2
    assert not any(motion.needed for motion in found.motions)


def test_a_single_slice_is_enough() -> None:
    found = align([image[1:2] for image in series(3.0, 0.0, 0.0)[:2]], SPACING)
    assert found.motions[1].shift_mm[1] == pytest.approx(3.0, abs=0.2 * PIXEL)
    assert found.images[1].shape == (1, 160, 160)


def test_thin_slices_move_in_all_three_directions() -> None:
    rng = np.random.default_rng(5)
    places = np.stack(np.meshgrid(*[np.arange(28.0)] * 3, indexing="ij"))
    blobs = rng.uniform(6, 22, (12, 3, 1, 1, 1))

    def drawn(moved: tuple[float, float, float]) -> NDArray[np.float64]:
        at = places - np.reshape(moved, (3, 1, 1, 1))
        return sum(100.0 * np.exp(-((at - blob) ** 2).sum(axis=0) / 18.0) for blob in blobs)

    found = align([drawn((0, 0, 0)), 0.7 * drawn((1.2, -0.8, 0.5))], (1.5, 1.0, 1.0))
    assert found.motions[1].shift_mm == pytest.approx((1.2 * 1.5, -0.8, 0.5), abs=0.2)


def test_the_way_is_told_in_millimetres_whatever_the_pixels() -> None:
    images = [image.reshape(3, 160, 80, 2).mean(axis=3) for image in series(3.0, 4.0, 0.0)[:2]]
    motion = align(images, (4.4, PIXEL, 2 * PIXEL)).motions[1]
    assert motion.shift_mm == pytest.approx((0.0, 3.0, 4.0), abs=0.2 * PIXEL)
    assert motion.pixels == pytest.approx(5.0 / PIXEL, abs=0.25)


def test_without_simpleitk_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    with pytest.raises(UsageError, match=r"lumbardisc\[registration\]"):
        align([np.ones((3, 8, 8))] * 2, SPACING)


def test_images_that_cannot_be_registered() -> None:
    image = np.random.default_rng(0).uniform(1, 2, (3, 16, 16))
    with pytest.raises(GeometryError, match="share one 3D grid"):
        align([image, image[:2]], SPACING)
    with pytest.raises(InputError, match="image 2 of the series shows nothing"):
        align([image, np.full_like(image, 7.0)], SPACING)
