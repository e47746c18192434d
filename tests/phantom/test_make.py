"""Whole phantoms: reproducible, matched across sequences, with the contrast a radiologist expects."""

from __future__ import annotations

import numpy as np
import pytest

from lumbardisc.errors import UsageError
from lumbardisc.levels import CANAL, SACRUM
from lumbardisc.phantom import CLEAN, SEQUENCES, image_of, lumbar_stack, make_exam, make_phantom

STACK = lumbar_stack(128, slices=3)


@pytest.fixture(scope="module")
def exam():
    return make_exam(31, grades=[2, 1, 2, 1, 2], geometry=STACK, samples=2)


def test_same_seed_same_phantom() -> None:
    one, same = (make_phantom(5, geometry=STACK, samples=1) for _ in range(2))
    other = make_phantom(6, geometry=STACK, samples=1)
    assert np.array_equal(one.image.array, same.image.array)
    assert one.truth == same.truth
    assert not np.array_equal(one.image.array, other.image.array)


def test_labels_are_those_of_levels(exam) -> None:
    present = set(exam.label_map.present)
    assert {1, 2, 3, 4, 5, 6, SACRUM, 101, 102, 103, 104, 105, 106, CANAL} <= present
    assert [disc.level for disc in exam.truth[:3]] == ["L5/S1", "L4/L5", "L3/L4"]


def test_discs_lie_between_their_bodies(exam) -> None:
    heights = {label: np.argwhere(exam.labels == label)[:, 1].mean() for label in exam.label_map.present}
    for disc in range(1, 6):
        below = SACRUM if disc == 1 else SACRUM + disc - 1
        assert heights[SACRUM + disc] < heights[disc] < heights[below]


def signal(exam, name: str, label: int, part: float = 0.5) -> float:
    return float(np.quantile(exam.image(SEQUENCES[name]).array[exam.labels == label], part))


def test_contrast_is_that_of_lumbar_mri(exam) -> None:
    t2 = {label: signal(exam, "t2", label, 0.8) for label in (2, 103, CANAL)}  # nucleus, marrow, fluid
    t1 = {label: signal(exam, "t1", label) for label in (2, 103, CANAL)}
    stir = {label: signal(exam, "stir", label) for label in (2, 103, CANAL)}
    water = {label: signal(exam, "water", label) for label in (2, 103)}
    assert t2[CANAL] > t2[2] > t2[103]  # healthy discs
    assert t1[103] > t1[2] > t1[CANAL]
    assert stir[CANAL] > stir[2] > 2 * stir[103]
    assert water[2] > 1.5 * water[103]


def test_spin_lock_images_give_the_nucleus_its_t1rho(exam) -> None:
    times = np.array((2.0, 15.0, 30.0, 45.0))
    ramp = exam.painter.materials.discs[1]
    nucleus = (exam.rows == ramp.first + ramp.steps - 1).all(axis=1)
    assert nucleus.sum() > 10
    series = [image_of(exam, SEQUENCES[f"spin-lock-{time:g}"], artefacts=CLEAN).image.array[nucleus] for time in times]
    slopes = np.polyfit(times, np.log(np.stack(series)), 1)[0]
    assert -1 / slopes == pytest.approx(np.full(nucleus.sum(), exam.truth[1].t1rho_ms), rel=1e-3)


def test_a_name_for_several_sequences_is_refused() -> None:
    with pytest.raises(UsageError, match="'spin-lock' stands for 4 sequences"):
        make_phantom(0, sequence="spin-lock")
