"""The names of the discs by segmentation and detector: agreement, doubt, the detector's names. The parts stand in."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from reference import drawn_scan  # scripts/reference.py

from lumbardisc.inference.detection import FoundDisc
from lumbardisc.inference.segmentation import SACRUM as SACRAL
from lumbardisc.levels import SACRUM, body_label
from lumbardisc.pipeline import Pipeline, Study
from lumbardisc.pipeline.analyze import pipeline_for
from lumbardisc.pipeline.spine import SecondReader
from lumbardisc.report.record import result_json

SCAN, NETWORK = drawn_scan()
TOPS = [180 - 36 * level for level in range(5)]
"""First rows of the drawn discs, 10 rows high in columns 20-54, lowest first."""


@dataclass
class Sees:
    """A detector that sees the drawn discs and gives them ``labels``, lowest first; 0 for one that it does not see."""

    labels: tuple[int, ...] = (1, 2, 3, 4, 5)
    sure: float = 0.98
    beside: tuple[FoundDisc, ...] = ()
    asked: list[Any] = field(default_factory=list)
    weights = SimpleNamespace(sha256="d" * 64)

    def __call__(self, image: Any, pixel: tuple[float, float]) -> tuple[FoundDisc, ...]:
        self.asked.append((image, pixel))
        on_discs = [self._box(label, top) for label, top in zip(self.labels, TOPS, strict=True) if label]
        return (*on_discs, *self.beside)

    def _box(self, label: int, top: int) -> FoundDisc:
        beside = label - 1 or 2
        levels = {label: self.sure, beside: 1.0 - self.sure}
        return FoundDisc(label, (18.0, top - 2.0, 57.0, top + 12.0), 0.9, levels)


def run(detector: Any = None, *, by_boxes: bool = False, scan: Any = SCAN) -> Study:
    second = SecondReader(detector, by_boxes) if detector else None
    return Pipeline(NETWORK, second=second).run(scan, "drawn")


@pytest.fixture(scope="module")
def alone() -> Study:
    """By the segmentation alone."""
    return run()


def record(study: Study) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result_json(study))["provenance"]["numbering"]
    return found


def lowest_confidence(study: Study) -> float:
    return min(float(disc.level_confidence) for disc in study.discs.values())


class TestCrossCheck:
    def test_agreement_makes_surer_and_says_nothing(self, alone: Study) -> None:
        study = run(Sees())
        assert list(study.discs) == list(alone.discs) == ["L5/S1", "L4/L5", "L3/L4", "L2/L3", "L1/L2"]
        assert lowest_confidence(alone) < lowest_confidence(study)
        assert (study.flags, study.warnings) == (alone.flags, alone.warnings) == ((), ())
        assert record(study)["agreeing"] == ["segmentation", "detector"]

    def test_disagreement_is_flagged_told_and_less_sure(self, alone: Study) -> None:
        study = run(Sees((2, 3, 4, 5, 6), sure=0.7))
        assert list(study.discs) == list(alone.discs)
        assert study.flags == ("level_ambiguous",)
        assert lowest_confidence(study) < lowest_confidence(alone)
        (warning,) = study.warnings
        assert "the detector by itself would read L5/S1 as L4/L5, L4/L5 as L3/L4" in warning
        assert record(study)["agreeing"] == ["segmentation"]

    def test_both_readings_are_recorded(self) -> None:
        readings = record(run(Sees((2, 3, 4, 5, 6), sure=0.7)))["readings"]
        assert readings["segmentation"]["levels"]["L5/S1"] == "L5/S1"
        assert readings["detector"]["levels"]["L5/S1"] == "L4/L5"
        assert readings["detector"]["probability"] == pytest.approx(0.7)

    def test_a_surer_detector_overrules_an_unsure_segmentation(self) -> None:
        found = NETWORK.found
        network = replace(NETWORK, found=replace(found, classes=np.where(found.classes == SACRAL, 0, found.classes)))
        by_itself = Pipeline(network).run(SCAN, "drawn")
        study = Pipeline(network, second=SecondReader(Sees())).run(SCAN, "drawn")
        assert next(iter(by_itself.discs)) == "L4/L5", "no sacrum in sight"
        assert list(study.discs) == ["L5/S1", "L4/L5", "L3/L4", "L2/L3", "L1/L2"]
        assert record(study)["agreeing"] == ["detector"]
        assert "the segmentation by itself would read L5/S1 as L4/L5" in study.warnings[-1]

    def test_a_detector_that_sees_nothing_changes_nothing(self, alone: Study) -> None:
        study = run(Sees((0, 0, 0, 0, 0)))
        assert [disc.values for disc in study.discs.values()] == [disc.values for disc in alone.discs.values()]
        assert study.warnings == ()
        assert record(study)["agreeing"] == ["segmentation"]

    def test_it_looks_at_the_mid_sagittal_slice_once_at_its_pixel_size(self) -> None:
        detector = Sees()
        study = run(detector)
        ((image, pixel),) = detector.asked
        assert pixel == pytest.approx((1.0, 1.0))
        assert np.array_equal(image, SCAN.volume.sagittal().array[study.working_mid_slice])

    def test_what_it_took_and_whose_weights_are_told(self, alone: Study) -> None:
        provenance = run(Sees()).provenance
        assert provenance["timings"]["cross_check_s"] >= 0
        assert provenance["weights"]["detection"] == "d" * 64
        assert "cross_check_s" not in alone.provenance["timings"]
        assert "detection" not in alone.provenance["weights"]


class TestNamesOfTheDetector:
    def test_discs_bodies_and_sacrum_follow_the_boxes(self) -> None:
        study = run(Sees((2, 3, 4, 5, 6)), by_boxes=True)
        assert list(study.discs) == ["L4/L5", "L3/L4", "L2/L3", "L1/L2", "T12/L1"]
        assert lowest_confidence(study) == pytest.approx(0.98)
        middle = study.labels.sagittal().array[4]
        assert (middle[180:190, 20:55] == 2).all()
        assert (middle[154:180, 20:55] == body_label("L4")).all(), "the body above L4/L5"
        assert (middle[195:220, 20:55] == body_label("L5")).all(), "what lies below it is no sacrum"
        assert SACRUM not in study.labels.present

    def test_the_segmentation_that_reads_otherwise_is_told(self) -> None:
        study = run(Sees((2, 3, 4, 5, 6)), by_boxes=True)
        assert study.flags == ("level_ambiguous",)
        (warning,) = study.warnings
        assert "the segmentation by itself would read L4/L5 as L5/S1" in warning

    def test_what_agrees_is_as_sure_as_the_detector(self, alone: Study) -> None:
        study = run(Sees(sure=0.9), by_boxes=True)
        assert np.array_equal(study.labels.array, alone.labels.array)
        assert lowest_confidence(study) == pytest.approx(0.9)
        assert study.warnings == ()

    def test_a_disc_without_a_box_is_named_by_its_neighbours(self) -> None:
        study = run(Sees((0, 2, 0, 4, 0)), by_boxes=True)
        assert list(study.discs) == ["L5/S1", "L4/L5", "L3/L4", "L2/L3", "L1/L2"]
        assert study.warnings == ()

    def test_a_disc_below_its_l5_s1_gets_no_name(self) -> None:
        study = run(Sees((0, 1, 2, 3, 4)), by_boxes=True)
        assert list(study.discs) == ["L5/S1", "L4/L5", "L3/L4", "L2/L3"]
        assert study.labels.sagittal().array[4, 185, 40] == 0

    def test_a_disc_that_no_name_is_left_for_is_left_out_and_told(self) -> None:
        study = run(Sees((1, 0, 2, 3, 4)), by_boxes=True)
        assert list(study.discs) == ["L5/S1", "L4/L5", "L3/L4", "L2/L3"]
        assert any("1 of the discs" in warning and "left out" in warning for warning in study.warnings)

    def test_a_detector_that_sees_nothing_leaves_the_names_with_one_warning(self, alone: Study) -> None:
        study = run(Sees((0, 0, 0, 0, 0)), by_boxes=True)
        assert [disc.values for disc in study.discs.values()] == [disc.values for disc in alone.discs.values()]
        (warning,) = study.warnings
        assert "named by the segmentation" in warning


def test_a_lumbar_disc_that_only_the_detector_sees_is_told() -> None:
    classes = NETWORK.found.classes.copy()
    classes[:, TOPS[4] : TOPS[4] + 10] = 0
    study = Pipeline(replace(NETWORK, found=replace(NETWORK.found, classes=classes)), second=SecondReader(Sees())).run(
        SCAN, "drawn"
    )
    assert list(study.discs) == ["L5/S1", "L4/L5", "L3/L4", "L2/L3"]
    (warning,) = study.warnings
    assert "the detector also sees L1/L2" in warning


def test_every_box_is_recorded_on_the_grid_of_the_file() -> None:
    volume = replace(SCAN.volume, array=SCAN.volume.array[:, ::-1], affine=SCAN.volume.affine @ upside_down(240))
    above = FoundDisc(6, (20.0, 2.0, 50.0, 9.0), 0.6, {6: 0.9, 7: 0.1})
    study = run(Sees(beside=(above,)), scan=replace(SCAN, volume=volume))
    assert (study.warnings, study.flags) == ((), ()), "a thoracic disc more is nothing to be told"
    *on_discs, highest = record(study)["boxes"]
    assert [(one["level"], one["named"]) for one in on_discs] == [(level, level) for level in study.discs]
    expected = {"level": "T12/L1", "named": None, "probability": 0.9, "confidence": 0.6, "slice": study.mid_slice}
    assert highest == {**expected, "x0": 20, "y0": 231, "x1": 50, "y1": 238}


def upside_down(rows: int) -> np.ndarray:
    """From indices of an image whose rows run the other way to those of the image."""
    flip = np.diag([1.0, -1.0, 1.0, 1.0])
    flip[1, 3] = rows - 1
    return flip


class TestWhoIsAsked:
    def test_by_default_the_detector_checks(self) -> None:
        second = pipeline_for().second
        assert second is not None
        assert not second.by_boxes

    def test_no_check(self) -> None:
        assert pipeline_for(cross_check=False).second is None

    def test_the_detector_names(self) -> None:
        second = pipeline_for(locate="detector").second
        assert second is not None
        assert second.by_boxes
