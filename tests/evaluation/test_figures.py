"""Figures hold what they were given: SVG keeps each text as a comment, PNG is small."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("matplotlib")

from lumbardisc.evaluation.calibration import coverage_curve, reliability
from lumbardisc.evaluation.figures import draw_boxes, draw_confusion, draw_coverage, draw_reliability, draw_roc
from lumbardisc.evaluation.grading import confusion, roc_points

STATED, RIGHT = np.array([0.3, 0.6, 0.9, 0.9]), np.array([False, True, True, False])


def texts(path: Path) -> Counter[str]:
    return Counter(re.findall(r"<!-- (.*?) -->", path.read_text(encoding="utf-8")))


def test_confusion_shows_every_count(tmp_path: Path) -> None:
    counts = confusion(np.repeat([1, 2, 2], [17, 23, 29]), np.repeat([1, 1, 0], [17, 23, 29]), 2)
    draw_confusion(counts, ["mild", "severe"], ["mild", "severe", "not found"], tmp_path / "a.svg")
    found = texts(tmp_path / "a.svg")
    assert found["17"] == found["23"] == found["29"] == found["not found"] == 1
    assert found["0"] == 3
    assert found["mild"] == found["severe"] == 2


def test_boxes_lie_where_they_are_and_carry_their_names(tmp_path: Path) -> None:
    image = np.zeros((40, 60))
    draw_boxes(image, (1.0, 1.0), {"L5/S1  phase 2": (30, 20, 50, 28)}, tmp_path / "a.svg")
    assert texts(tmp_path / "a.svg")["L5/S1  phase 2"] == 1
    draw_boxes(image, (1.0, 1.0), {"": (30, 20, 50, 28)}, tmp_path / "a.png")
    drawn = np.array(Image.open(tmp_path / "a.png").convert("RGB")).astype(int)
    rows, columns = np.nonzero(drawn.max(axis=2) - drawn.min(axis=2) > 80)
    dark = np.argwhere(drawn.max(axis=2) == 0)
    pixel = (dark[:, 1].max() - dark[:, 1].min()) / 60
    assert columns.max() - columns.min() == pytest.approx(20 * pixel, abs=3)
    assert rows.max() - rows.min() == pytest.approx(8 * pixel, abs=3)


def test_lines_carry_their_names(tmp_path: Path) -> None:
    draw_reliability({"one": reliability(STATED, RIGHT), "two": []}, tmp_path / "reliability.svg")
    draw_coverage({"one": coverage_curve(STATED, RIGHT)[:2], "two": (STATED, STATED)}, tmp_path / "coverage.svg")
    draw_roc({"one": roc_points(RIGHT, STATED), "two": (STATED, STATED)}, tmp_path / "roc.svg")
    for name in ("reliability", "coverage", "roc"):
        found = texts(tmp_path / f"{name}.svg")
        assert found["one"] == found["two"] == 1
    assert texts(tmp_path / "roc.svg")["sensitivity"] == 1


def test_a_picture_is_small(tmp_path: Path) -> None:
    draw_roc({"one": roc_points(RIGHT, STATED)}, tmp_path / "roc.png")
    with Image.open(tmp_path / "roc.png") as picture:
        assert max(picture.size) < 600
    assert (tmp_path / "roc.png").stat().st_size < 60_000
