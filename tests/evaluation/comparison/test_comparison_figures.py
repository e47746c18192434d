"""Box plots are drawn whatever the groups hold, and say what they were given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lumbardisc.evaluation.comparison.figures import draw_boxes


def test_boxes_with_letters(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    groups = {"model 1": [0.5, 0.6, np.nan], "model 2 of the second round": [0.9], "none": []}
    letters = {"model 1": "a", "model 2 of the second round": "b"}
    draw_boxes(tmp_path / "boxes.svg", groups, letters, {"model 1": [0.55]}, ylabel="Dice", title="Round 1")
    draw_boxes(tmp_path / "boxes.png", groups, ylabel="Dice")
    text = (tmp_path / "boxes.svg").read_text(encoding="utf-8")
    for word in ("Round 1", "Dice", *groups, *letters.values()):
        assert f"<!-- {word} -->" in text
    assert (tmp_path / "boxes.png").read_bytes().startswith(b"\x89PNG")
