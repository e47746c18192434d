"""`lumbardisc evaluate`: its files, its exit codes, and one line for each bad input with nothing written."""

from __future__ import annotations

import csv
import json
import re
from functools import partial
from pathlib import Path

import nibabel
import numpy as np
import pytest
from label_maps import save, spine

from lumbardisc.cli.main import run
from lumbardisc.evaluation import bootstrap
from lumbardisc.evaluation.agreement import compare
from lumbardisc.report import evaluation
from lumbardisc.report.evaluation import COLUMNS, FILES

CONTRACT = ("case", "level", "dice", "iou", "precision", "recall", "volume_ratio", "hd95_mm", "assd_mm")


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Intervals and most figures are tested elsewhere."""
    monkeypatch.setattr(compare, "clustered_intervals", partial(bootstrap.clustered_intervals, samples=5))
    monkeypatch.setattr(evaluation, "can_draw", lambda: False)


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    for case in ("1_t2", "2_t2", "3_t2"):
        save(spine(), tmp_path / "truth" / f"{case}_mask.nii.gz")
    return tmp_path / "truth"


@pytest.fixture
def predicted(tmp_path: Path) -> Path:
    for case, labels in (("1_t2", spine(thinner=1)), ("2_t2", spine(4))):
        save(labels, tmp_path / "out" / case / "segmentation.nii.gz")
    return tmp_path / "out"


def test_tables(predicted: Path, truth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", str(predicted), str(truth), "-o", str(tmp_path / "e")]) == 0
    with (tmp_path / "e" / "metrics.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["case"], row["level"]): row for row in csv.DictReader(file)}
    assert len(rows) == 15
    assert tuple(next(iter(rows.values())))[:9] == CONTRACT == COLUMNS[:9]
    assert float(rows["1_t2", "L4/L5"]["dice"]) == pytest.approx(14 / 15, abs=1e-5)
    for missed in (rows["2_t2", "L1/L2"], rows["3_t2", "L5/S1"]):
        assert (missed["dice"], missed["hd95_mm"], missed["called"]) == ("0", "", "")
    summary = json.loads((tmp_path / "e" / "summary.json").read_text(encoding="utf-8"))
    assert summary["groups"]["all"]["all discs"]["missed"] == 6
    assert summary["groups"]["level"]["L5/S1"]["spreads"]["dice"]["mean"]["value"] == pytest.approx((14 / 15 + 1) / 3)
    assert summary["tests"]["level"]["overall"]["degrees_of_freedom"] == 4
    said = capsys.readouterr().out
    assert "Compared: 15 discs of 3 cases (3 patients)" in said
    assert "Not found under their name: 6 of 15" in said
    assert "each disc counted as missed: 3_t2" in said


def test_page_is_self_contained_and_escaped(truth: Path, tmp_path: Path) -> None:
    save(spine(), tmp_path / "<b>" / "1_t2.nii.gz")
    run(["evaluate", str(tmp_path / "<b>"), str(truth), "-o", str(tmp_path / "e"), "-q"])
    page = (tmp_path / "e" / "report.html").read_text(encoding="utf-8")
    assert "<b>" not in page
    assert "&lt;b&gt;" in page
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    assert "<script" not in page


def test_figures_are_drawn_and_replaced(
    predicted: Path, truth: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(evaluation, "can_draw", lambda: True)
    out = tmp_path / "e"
    assert run(["evaluate", str(predicted), str(truth), "-o", str(out), "-q"]) == 0
    names = json.loads((out / "summary.json").read_text(encoding="utf-8"))["figures"]
    assert {path.name for path in out.iterdir()} == {*FILES, *names}
    assert {"dice_by_level.png", "levels.svg", "volume_bland_altman.svg"} <= set(names)
    (out / "notes.txt").write_text("mine")
    monkeypatch.setattr(evaluation, "can_draw", lambda: False)
    run(["evaluate", str(predicted), str(truth), "-o", str(out), "-q"])
    assert not list(out.glob("*.png"))
    assert (out / "notes.txt").exists()


def test_without_matplotlib_and_coco_there_are_tables(
    truth: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from lumbardisc.scoring import detection

    monkeypatch.setattr(detection, "find_spec", lambda _: None)
    assert run(["evaluate", str(truth), str(truth), "-o", str(tmp_path / "e")]) == 0
    assert {path.name for path in (tmp_path / "e").iterdir()} == set(FILES)
    assert "faster-coco-eval is not installed" in capsys.readouterr().out


def test_one_case_that_fails_is_named_and_the_others_are_complete(
    predicted: Path, truth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(spine()[:, ::2], predicted / "2_t2" / "segmentation.nii.gz")
    assert run(["evaluate", str(predicted), str(truth), "-o", str(tmp_path / "e"), "-q"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "another grid" in lines[0]
    assert "--resample" in lines[0]
    assert (tmp_path / "e" / "report.html").exists()
    assert run(["evaluate", str(predicted), str(truth), "-o", str(tmp_path / "e"), "-q", "--resample"]) == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--labels", "nnunet"], "of no convention"),
        (["--predicted-labels", "x"], "of no convention"),
        (["--tolerance", "0"], "no distance"),
        (["--grades", "absent.csv"], "absent.csv"),
        (["--labels", "spineps", "--predicted-labels", "spineps"], "holds no disc"),
    ],
)
def test_bad_calls_are_one_line_and_write_nothing(
    truth: Path, tmp_path: Path, options: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["evaluate", str(truth), str(truth), "-o", str(tmp_path / "e"), *options]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert told in lines[0]
    assert not (tmp_path / "e").exists()


def test_another_tool_is_compared_on_the_same_truth(
    predicted: Path, truth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "e"
    assert run(["evaluate", str(predicted), str(truth), "-o", str(out), "-q", "--also", f"perfect={truth}"]) == 0
    tools = json.loads((out / "summary.json").read_text(encoding="utf-8"))["tools"]
    assert tools["dice"]["means"]["perfect"]["value"] == 1.0
    assert tools["dice"]["means"]["out"]["value"] == pytest.approx((5 * 14 / 15 + 4) / 15)
    assert tools["dice"]["letters"] == {"perfect": "a", "out": "b"}
    assert "Tools side by side" in (out / "report.html").read_text(encoding="utf-8")
    save(spine()[:, ::2], tmp_path / "broken" / "1_t2.nii.gz")
    save(spine(), tmp_path / "broken" / "2_t2.nii.gz")
    also = ["--also", f"broken={tmp_path / 'broken'}"]
    assert run(["evaluate", str(predicted), str(truth), "-o", str(out), *also]) == 1
    told = capsys.readouterr()
    assert "broken: 1 truth without a prediction" in told.out
    assert told.err.startswith("lumbardisc: broken: ")
    assert json.loads((out / "summary.json").read_text(encoding="utf-8"))["tools"]["dice"]["discs"] == 10
    for wrong in ("perfect", "=x", "out=x"):
        assert run(["evaluate", str(predicted), str(truth), "-o", str(out), "--also", wrong]) == 2
        assert "--also" in capsys.readouterr().err


def test_reports_of_analyze_and_label_maps_are_not_written_over(
    predicted: Path, truth: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = predicted / "1_t2"
    (study / "result.json").write_text("{}")
    for out in (predicted, truth, study):
        assert run(["evaluate", str(predicted), str(truth), "-o", str(out)]) == 2
        assert "give another folder with -o" in capsys.readouterr().err
        assert not (out / "report.html").exists()


def test_what_is_no_label_map_is_one_line(truth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.nii.gz").write_bytes(b"nothing")
    for predicted in (tmp_path / "bad.nii.gz", tmp_path / "absent"):
        assert run(["evaluate", str(predicted), str(truth / "1_t2_mask.nii.gz"), "-o", str(tmp_path / "e")]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
    image = np.random.default_rng(0).normal(size=(3, 4, 5)).astype(np.float32)
    path = tmp_path / "image.nii.gz"
    nibabel.save(nibabel.Nifti1Image(image, np.eye(4)), path)
    assert run(["evaluate", str(path), str(truth / "1_t2_mask.nii.gz"), "-o", str(tmp_path / "e")]) == 2
    assert "no whole numbers" in capsys.readouterr().err
