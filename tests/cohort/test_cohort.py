"""Cohorts: nothing stale is served, nothing finished is repeated, and all discs end in one table. The work is a
stand-in but for one whole study."""

from __future__ import annotations

import csv
import json
import os
from base64 import b64decode
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lumbardisc import io
from lumbardisc.cohort import Failure, StudyFolder, Task, analyze, analyze_cohort, finished, outputs, write_cohort
from lumbardisc.cohort.key import key_of
from lumbardisc.cohort.page import quality_html, worst_first
from lumbardisc.cohort.study import analyze_study, checksum
from lumbardisc.io import save_nifti
from lumbardisc.jobs import Engine
from lumbardisc.report import Wanted
from lumbardisc.volume import Volume

ASKED = {"contrast": None}


class Parts:
    """Stands in for the networks."""

    cards: Mapping[str, Mapping[str, object]] = {"segmentation": {"sha256": "one", "threshold": 0.5}}


def quick(source: Any, place: Any, root: Path, _how: Any) -> dict[str, Any]:
    """Stands in for the analysis: files without a study."""
    folder = root / source.name
    folder.mkdir(parents=True, exist_ok=True)
    for path in place.files.values():
        (root / path).write_text(f"level,height_mm,flags\nL5/S1,{source.load().volume.array.mean():.1f},\n")
    return result(source.name, sha256=checksum(root / place.files["record"]))


def result(name: str, confidence: float | None = 0.9, flags: int = 0, **more: Any) -> dict[str, Any]:
    """What is known of a study."""
    known = {
        "files": StudyFolder(Path(), name, Wanted()).files,
        "levels": ["L5/S1", "L4/L5"],
        "concerns": [],
        "thumbnail": "eA==",
    }
    return {**known, "said": [], "details": [], "confidence": confidence, "flags": flags, **more}


def image(path: Path, grey: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    array = np.full((3, 4, 5), grey, dtype=np.float32)
    array[0] = 100
    save_nifti(Volume(array, np.eye(4)), path)
    return path


@pytest.fixture
def inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of three images, and a quick stand-in for their analysis."""
    monkeypatch.setattr(analyze, "analyze_study", quick)
    monkeypatch.setattr(analyze, "parts_for", lambda _how: Parts())
    for number, name in enumerate("abc"):
        image(tmp_path / "in" / f"{name}.nii", number)
    return tmp_path / "in"


def repeated(inputs: Path, out: Path, how: Mapping[str, Any] | None = None, asked: Mapping[str, Any] = ASKED) -> str:
    """Names of the studies that a run does and does not find finished."""
    tasks = [Task(source, StudyFolder(out, source.name, Wanted()), asked) for source in io.find([inputs])]
    outcomes = analyze_cohort(tasks, out, how or {}, Engine())
    assert [one.error for one in outcomes if one.error] == []
    return "".join(one.job.name for one in outcomes if not one.kept)


def test_nothing_finished_is_repeated_and_nothing_stale_is_served(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    assert repeated(inputs, out) == "abc"
    assert repeated(inputs, out) == ""
    assert repeated(inputs.rename(tmp_path / "moved"), out) == "", "where the input lies does not count"
    inputs = tmp_path / "moved"
    stat = (inputs / "b.nii").stat()
    image(inputs / "b.nii", 7)
    os.utime(inputs / "b.nii", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert repeated(inputs, out) == "b", "its bytes do, even of the same size and time"
    assert repeated(inputs, out, {"t1rho": True}) == "abc"
    assert repeated(inputs, out, {"t1rho": True}, {"contrast": "t1"}) == "abc"
    monkeypatch.setattr(Parts, "cards", {"segmentation": {"sha256": "one", "threshold": 0.6}})
    assert repeated(inputs, out, {"t1rho": True}, {"contrast": "t1"}) == "abc"
    monkeypatch.setattr("lumbardisc.cohort.key.__version__", "0.0.0")
    assert repeated(inputs, out, {"t1rho": True}, {"contrast": "t1"}) == "abc"


def test_a_study_whose_files_were_removed_or_replaced_is_done_again(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    repeated(inputs, out)
    (out / "a" / "overlay.png").unlink()
    (out / "c" / "result.json").write_text("of another run")
    assert sorted(finished(["a", "b", "c"], out)) == ["b"]
    assert repeated(inputs, out) == "ac"


def test_what_was_known_of_a_study_that_fails_now_is_forgotten(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    repeated(inputs, out)
    image(inputs / "b.nii", 7)
    monkeypatch.setattr(analyze, "analyze_study", lambda *_: 1 / 0)
    tasks = [Task(source, StudyFolder(out, source.name, Wanted()), ASKED) for source in io.find([inputs])]
    assert [one.error is None for one in analyze_cohort(tasks, out, {}, Engine())] == [True, False, True]
    assert sorted(finished(["a", "b", "c"], out)) == ["a", "c"]


def test_the_voxels_of_a_detached_header_count(tmp_path: Path) -> None:
    header = "ObjectType = Image\nNDims = 3\nDimSize = 2 2 2\nElementType = MET_UCHAR\nElementDataFile = a.raw\n"
    (tmp_path / "a.mhd").write_text(header)
    (tmp_path / "a.raw").write_bytes(bytes(8))
    before = key_of(io.find([tmp_path / "a.mhd"])[0], {})
    (tmp_path / "a.raw").write_bytes(bytes(7) + b"\x01")
    assert key_of(io.find([tmp_path / "a.mhd"])[0], {}) != before


def test_one_table_of_all_columns_also_as_parquet(tmp_path: Path) -> None:
    tables = {"a": "level,height_mm,flags\nL5/S1,8.5,\nL4/L5,,cut_by_fov\n", "1": "level,phase,flags\nL5/S1,2,\n"}
    for name, text in tables.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "discs.csv").write_text(text)
    write_cohort({name: result(name) for name in tables}, [Failure("bad", "in/bad.nii", "is, truncated")], tmp_path)
    assert (tmp_path / "cohort.csv").read_text().splitlines() == [
        "study,level,height_mm,phase,flags",
        "a,L5/S1,8.5,,",
        "a,L4/L5,,,cut_by_fov",
        "1,L5/S1,,2,",
    ]
    with (tmp_path / "failures.csv").open() as file:
        assert list(csv.reader(file)) == [["study", "input", "reason"], ["bad", "in/bad.nii", "is, truncated"]]
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = parquet.read_table(tmp_path / "cohort.parquet").to_pydict()
    assert columns == {
        "study": ["a", "a", "1"],
        "level": ["L5/S1", "L4/L5", "L5/S1"],
        "height_mm": [8.5, None, None],
        "phase": [None, None, 2],
        "flags": ["", "cut_by_fov", ""],
    }


def test_without_pyarrow_an_earlier_parquet_does_not_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cohort.parquet").touch()
    monkeypatch.setattr(outputs, "can_write_parquet", lambda: False)
    write_cohort({}, [], tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cohort.csv", "failures.csv", "qc.html"]
    assert (tmp_path / "cohort.csv").read_text() == "study\n"


@pytest.mark.parametrize(
    ("studies", "order"),
    [
        ({"a": (0.9, 0), "b": (0.2, 0), "c": (None, 0)}, "cba"),
        ({"a": (0.5, 1), "b": (0.5, 3), "c": (0.4, 0)}, "cba"),
        ({"b": (0.5, 1), "a": (0.5, 1)}, "ab"),
        ({}, ""),
    ],
)
def test_the_least_sure_come_first(studies: dict[str, Any], order: str) -> None:
    assert "".join(worst_first({name: result(name, *sure) for name, sure in studies.items()})) == order


def test_the_page_links_each_report_and_escapes_what_comes_from_outside() -> None:
    known = {"腰 <i>#1": result("腰 <i>#1", concerns=["L4/L5: <b>doubt</b>"])}
    page = quality_html(known, [Failure("x", "x", "<script>alert(1)</script>")], "out")
    assert 'href="%E8%85%B0%20%3Ci%3E%231/report.html"' in page
    for text in ("<script", "<i>", "<b>doubt"):
        assert text not in page
    assert "2 discs, L4/L5 to L5/S1; confidence 0.90" in page
    assert page.index("What failed") < page.index("the least sure first")


def test_a_whole_study_as_a_job(spine_file: Path, tmp_path: Path) -> None:
    (source,) = io.find([spine_file])
    place = StudyFolder(tmp_path, source.name, Wanted())
    known = json.loads(json.dumps(analyze_study(source, place, tmp_path, {})))
    assert known["levels"][0] == "L5/S1"
    assert 0 < known["confidence"] <= 1
    assert known["said"][0].startswith(source.name)
    assert analyze.is_whole(known, tmp_path)
    with (tmp_path / known["files"]["table"]).open() as file:
        assert [row["level"] for row in csv.DictReader(file)] == known["levels"]
    assert Image.open(BytesIO(b64decode(known["thumbnail"]))).height == 240
