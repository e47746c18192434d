"""The prior study at a path: images, results, or neither."""

from __future__ import annotations

import json
from math import isnan
from pathlib import Path

import pytest
from report_study import make_study

from lumbardisc import report
from lumbardisc.errors import InputError, UnreadableError, UsageError
from lumbardisc.pipeline.earlier import Earlier, find_prior, read_results


@pytest.fixture
def results(tmp_path: Path) -> Path:
    report.write(make_study(name="2019"), tmp_path / "earlier")
    return tmp_path / "earlier"


def test_results_are_read_as_they_were_written(results: Path) -> None:
    study, found = make_study(name="2019"), read_results(results)
    fresh = Earlier.of(study)
    assert (found.name, found.flags, tuple(found.discs)) == (fresh.name, fresh.flags, tuple(fresh.discs))
    assert (found.labels.array == study.labels.array).all()
    assert found.provenance == study.provenance
    for level, values in fresh.discs.items():
        kept = {name: value for name, value in values.items() if value == value}
        assert {name: found.discs[level][name] for name in kept} == kept
    assert isnan(float(found.discs["L3/L4"]["height_posterior_mm"])), "null is what is undefined"


def test_a_folder_of_results_needs_no_network(results: Path) -> None:
    prior = find_prior(results)
    assert prior.examine(None, lambda *_: None).name == "2019"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda _text: "[]",
        lambda _text: '{"name": "x"}',
        lambda text: text.replace('"level"', '"lvl"'),
        lambda text: text.replace('"level": "L4/L5"', '"level": "X9/Y9"'),
        lambda text: text.replace('"z_mm"', '"z"'),
        lambda text: text.replace('"slice": 3', '"slice": "3"'),
        lambda text: text.replace('"slice": 3', '"slice": 7'),  # of slices 0 to 6
        lambda text: text.replace('"version": "0.1.0"', '"contrast": "t2"'),
        lambda _text: "\x00\xff",
    ],
)
def test_a_damaged_record_is_one_clear_line(results: Path, damage: object) -> None:
    record = results / "result.json"
    record.write_text(damage(record.read_text(encoding="utf-8")), encoding="latin-1", errors="replace")  # type: ignore[operator]
    with pytest.raises(UnreadableError, match=r"result\.json: cannot be used \(.*\); give the images") as error:
        find_prior(results)
    assert "\n" not in str(error.value)


def test_a_missing_label_map_is_named(results: Path) -> None:
    (results / "segmentation.nii.gz").unlink()
    with pytest.raises(InputError, match=r"segmentation\.nii\.gz"):
        find_prior(results)


def test_a_label_map_of_another_grid_is_refused(results: Path) -> None:
    record = json.loads((results / "result.json").read_text(encoding="utf-8"))
    record["image"]["shape"] = [1, 2, 3]
    (results / "result.json").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(UnreadableError, match=r"segmentation\.nii\.gz: cannot be used \(of another grid"):
        find_prior(results)


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        find_prior(tmp_path / "nowhere")


def test_several_studies_are_not_one(spine_file: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.nii").write_bytes(spine_file.read_bytes())
    with pytest.raises(UsageError, match=r"holds 2 studies; give the path of one of them"):
        find_prior(tmp_path)
