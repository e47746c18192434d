"""The spine in an image whose recorded pixel size is wrong: a stand-in sees discs at their true size only."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from reference import drawn_scan  # scripts/reference.py

from lumbardisc.errors import NoSpineError
from lumbardisc.inference.segmentation import DISC, Segmentation
from lumbardisc.pipeline import Pipeline
from lumbardisc.pipeline.clock import Clock
from lumbardisc.pipeline.spine import find_spine
from lumbardisc.volume import Volume

SCAN, KNOWN = drawn_scan()
TRUE_MM = 1.0


@dataclass
class SeesTrueSizes:
    """Sees what is drawn where the pixels are given as ``sees`` (factors of their true size), and air elsewhere."""

    sees: tuple[float, float] = (0.6, 1.5)
    discs: int = 5
    asked: list[float] = field(default_factory=list)

    def __call__(self, image: Any, pixel: tuple[float, float], _progress: Any = None) -> Segmentation:
        self.asked.append(pixel[0])
        low, high = self.sees
        middle = (len(KNOWN.found.classes) - len(image)) // 2
        part = slice(middle, middle + len(image))
        classes = KNOWN.found.classes[part].copy()
        tops = [10 + 36 * level + 26 for level in range(5)]
        for top in tops[self.discs :]:
            classes[:, top : top + 10][classes[:, top : top + 10] == DISC] = 0
        if not low <= pixel[0] / TRUE_MM <= high:
            classes[:] = 0
        return Segmentation(classes, KNOWN.found.lowest[part], KNOWN.found.certainty[part])


def recorded_as(pixel_mm: float) -> Volume:
    """The drawn spine under a header with another pixel size."""
    volume = SCAN.volume.sagittal()
    return Volume(volume.array, volume.affine @ np.diag([1.0, pixel_mm, pixel_mm, 1.0]))


def find(sees: SeesTrueSizes, pixel_mm: float) -> Any:
    return find_spine(sees, recorded_as(pixel_mm), Clock())  # type: ignore[arg-type]


def test_a_true_pixel_size_is_taken_and_nothing_else_tried() -> None:
    network = SeesTrueSizes()
    spine = find(network, 1.0)
    assert (spine.scale, spine.flags, spine.warnings(SCAN.volume)) == (1.0, (), ())
    assert network.asked == [1.0]


@pytest.mark.parametrize("pixel_mm", [0.42, 0.55, 1.9, 2.2])
def test_a_wrong_one_is_corrected_by_the_depth_of_the_discs(pixel_mm: float) -> None:
    spine = find(SeesTrueSizes(), pixel_mm)
    assert pixel_mm * spine.scale == pytest.approx(TRUE_MM, rel=0.03), "the drawn discs are 35 mm deep"
    assert spine.labelling.certainty.keys() == {1, 2, 3, 4, 5}
    assert spine.flags == ("spacing_doubtful",)
    (warning,) = spine.warnings(recorded_as(pixel_mm))
    assert f"{pixel_mm:.2f} mm, as recorded" in warning
    assert "about 1.00 mm" in warning


def test_a_few_discs_are_not_enough_to_doubt_a_header() -> None:
    assert find(SeesTrueSizes(discs=3), 1.0).scale == 1.0
    with pytest.raises(NoSpineError):
        find(SeesTrueSizes(discs=3), 2.0)


def test_what_is_no_spine_at_any_size_stays_refused() -> None:
    with pytest.raises(NoSpineError):
        find(SeesTrueSizes(sees=(9.0, 10.0)), 1.0)


def test_other_sizes_are_tried_on_the_middle_slice_only() -> None:
    slices: list[int] = []

    class Counts(SeesTrueSizes):
        def __call__(self, image: Any, pixel: tuple[float, float], _progress: Any = None) -> Segmentation:
            slices.append(len(image))
            return super().__call__(image, pixel, _progress)

    find(Counts(), 2.0)
    assert slices[0] == slices[-1] == len(KNOWN.found.classes)
    assert set(slices[1:-1]) == {1}


def test_the_study_and_its_discs_say_so_and_lengths_stay_as_recorded() -> None:
    true = Pipeline(KNOWN).run(SCAN, "true")
    volume = recorded_as(2.0)
    network: Any = SeesTrueSizes()
    network.resolutions, network.weights = KNOWN.resolutions, KNOWN.weights
    study = Pipeline(network).run(replace(SCAN, volume=volume), "wrong")
    assert "spacing_doubtful" in study.flags
    assert all("spacing_doubtful" in disc.flags for disc in study.discs.values())
    assert any("as recorded" in line for line in study.warnings)
    for level, disc in study.discs.items():
        assert disc.depth_mm == pytest.approx(2.0 * float(true.discs[level].depth_mm))
