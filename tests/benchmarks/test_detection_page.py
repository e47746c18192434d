"""The benchmarks of detection and naming: whose boxes are counted how, who is right where two readings differ."""

from __future__ import annotations

import argparse
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boxed
import detection
import naming
import pytest
from boxed import DETECTOR, SEGMENTATION, BoxedImage
from reference import drawn_scan  # scripts/reference.py

from lumbardisc.errors import InputError
from lumbardisc.evaluation.detection import Detection
from lumbardisc.inference.detection import FoundDisc
from lumbardisc.training.detection.sources import BoxedCase

OPTIONS = argparse.Namespace(data=Path("data"), part="validation", weights=None, verbose=False)
SPINE = {label: (20.0, 216.0 - 36 * label, 55.0, 226.0 - 36 * label) for label in range(1, 6)}
"""The boxes of the drawn discs."""


class Sees:
    """A detector that calls the lowest drawn disc ``first``, and the others in order."""

    weights = SimpleNamespace(sha256="d" * 64)

    def __init__(self, first: int) -> None:
        self.first = first

    def __call__(self, *_: Any) -> tuple[FoundDisc, ...]:
        return tuple(
            FoundDisc(label + self.first - 1, box, 0.9, {label + self.first - 1: 0.9, label + self.first: 0.1})
            for label, box in SPINE.items()
        )


@pytest.fixture
def one_case(monkeypatch: pytest.MonkeyPatch) -> BoxedCase:
    """The drawn spine as a slice of a data set, and the segmentation that sees it."""
    scan, network = drawn_scan()
    image, middle = scan.volume.sagittal().array[4:5], slice(4, 5)
    parts = (network.found.classes, network.found.lowest, network.found.certainty)
    sees = type(network)(type(network.found)(*(part[middle] for part in parts)))
    sees_with_weights = SimpleNamespace(weights=SimpleNamespace(sha256="s" * 64))
    monkeypatch.setattr(boxed, "PIPELINE", SimpleNamespace(refiner=None, segmenter=sees))
    monkeypatch.setattr(detection, "PIPELINE", SimpleNamespace(refiner=None, segmenter=sees_with_weights))
    case = BoxedCase("spider_midsagittal", "4", "4_t2", "t2", image, (4.0, 1.0, 1.0), {0: SPINE}, whole=True)
    for page in (detection, naming):
        monkeypatch.setattr(page, "boxed_cases", lambda *_: iter([case]))
    return case


def test_the_published_margin_goes_onto_both_boxes() -> None:
    image = BoxedImage("x", "1", "1", {1: (20, 20, 30, 24)}, {DETECTOR: (Detection(1, (20, 22, 30, 26), 0.9),)})
    wide = boxed.as_published(image)
    assert wide.truth == {1: (10, 10, 40, 34)}
    assert [(one.box, one.score) for one in wide.found[DETECTOR]] == [((10, 12, 40, 36), 0.9)]


def test_both_read_the_same_image(one_case: BoxedCase) -> None:
    found = boxed.read_image(one_case, Sees(1)).found  # type: ignore[arg-type]
    assert [(one.label, one.box) for one in found[SEGMENTATION]] == list(SPINE.items())
    assert [(one.label, one.box) for one in found[DETECTOR]] == list(SPINE.items())
    assert found[DETECTOR][0].score == pytest.approx(0.9 * 0.9)


def test_the_page_of_detection(one_case: BoxedCase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection, "the_detector", lambda _: Sees(2))
    text, failed = detection.detection_section(OPTIONS)
    assert failed == 0
    assert "| spider_midsagittal, t2: 1 | 1 | detector | 0.000 (0.000, 0.000) |" in text
    assert "| 1 | segmentation | 1.000 (1.000, 1.000) | 1.000 (1.000, 1.000) | 1 of 1: 1.000 (1.000, 1.000) |" in text
    assert "| L5/S1 | 1 |  | 0.000 | 0.000 | 0.000 | 0.995 | 1.000 | 1.000 | 1.000 | 1.000 |" in text
    assert f"{one_case.case}: the detector is not right on every disc; it names L4/L5" in text


def test_a_patient_with_one_wrong_image_is_wrong() -> None:
    right = tuple(Detection(label, box, 0.9) for label, box in SPINE.items())
    images = [
        BoxedImage("t2", patient, case, SPINE, {DETECTOR: found})
        for patient, case, found in (("1", "a", right), ("1", "b", right[1:]), ("2", "c", right))
    ]
    assert detection._share_right(images, DETECTOR).startswith("1 of 2: 0.500")


@pytest.mark.usefixtures("one_case")
@pytest.mark.parametrize(
    ("first", "row"),
    [
        (1, "| both agree | 1 | 1 | 1 of 1 | 1 | 0 |"),
        (2, "| they differ | 1 | 1 | 0 of 1 | 1 | 1 |"),
    ],
)
def test_who_is_right(monkeypatch: pytest.MonkeyPatch, first: int, row: str) -> None:
    def barely(*_: Any) -> tuple[FoundDisc, ...]:
        found = Sees(first)()
        return tuple(FoundDisc(one.label, one.box, 0.9, {one.label: 0.6, one.label - 1: 0.4}) for one in found)

    monkeypatch.setattr(naming, "the_detector", lambda _: barely)
    text, _ = naming.naming_section(OPTIONS)
    assert row in text
    assert ("- spider_midsagittal 4_t2: right: segmentation, together" in text) is (first == 2)


def test_the_cross_check_is_not_set_on_test_patients() -> None:
    with pytest.raises(InputError, match="not for testing"):
        naming.naming_section(argparse.Namespace(**{**vars(OPTIONS), "part": "test"}))


@pytest.mark.parametrize("section", [detection.detection_section, naming.naming_section])
def test_a_folder_without_data_is_one_line(section: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for page in (detection, naming):
        monkeypatch.setattr(page, "the_detector", lambda _: Sees(1))
    with pytest.raises(InputError, match="no validation patient with boxes"):
        section(argparse.Namespace(**{**vars(OPTIONS), "data": tmp_path}))
