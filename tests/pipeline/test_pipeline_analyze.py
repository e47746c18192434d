"""The main job on one phantom study: on the input's own grid, however its axes run; the command agrees with Python."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import nibabel
import numpy as np
import pytest
from nibabel.orientations import axcodes2ornt, io_orientation, ornt_transform

from lumbardisc import Study, analyze
from lumbardisc.cli.main import run
from lumbardisc.errors import UsageError
from lumbardisc.levels import CANAL, SACRUM, is_body, is_disc, table
from lumbardisc.volume import Volume

ON_THE_GRID = {"slice", "x0", "x1", "y0", "y1"}


@pytest.fixture(scope="module")
def study(spine_file: Path) -> Study:
    return analyze(spine_file)


@pytest.fixture(scope="module")
def written(spine_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command writes for the same file."""
    out = tmp_path_factory.mktemp("out") / "Ergebnis mit Ümläuten 結果"
    assert run(["analyze", "-q", str(spine_file), "-o", str(out)]) == 0
    return out


def reoriented(path: Path, axes: str, folder: Path) -> Path:
    """The same study with its voxels stored along other axes, by nibabel."""
    image = nibabel.load(path)
    turned = image.as_reoriented(ornt_transform(io_orientation(image.affine), axcodes2ornt(axes)))
    assert nibabel.aff2axcodes(turned.affine) == tuple(axes)
    nibabel.save(turned, folder / f"{axes}.nii.gz")
    return folder / f"{axes}.nii.gz"


def test_the_label_map_lies_on_the_grid_of_the_input(study: Study, spine: Volume) -> None:
    assert study.labels.shape == spine.shape
    assert study.labels.affine == pytest.approx(spine.affine, abs=1e-3)


def test_every_label_has_its_row(study: Study) -> None:
    discs = {disc.label for disc in study.discs.values()}
    assert {label for label in study.labels.present if is_disc(label)} == discs
    assert set(study.labels.present) <= {row.index for row in table()}
    assert {SACRUM, CANAL} < set(study.labels.present)
    assert sum(map(is_body, study.labels.present)) >= len(discs) - 1, "a body between any two discs"


def test_levels_follow_each_other_upward(study: Study) -> None:
    heights = [disc.z_mm for disc in study.discs.values()]
    assert len(heights) >= 4
    assert heights == sorted(heights)
    assert [disc.disc_from_bottom for disc in study.discs.values()] == sorted(d.label for d in study.discs.values())


def test_the_centroid_is_that_of_the_disc_s_voxels(study: Study) -> None:
    for disc in study.discs.values():
        centre = study.labels.world(np.argwhere(study.labels.array == disc.label)).mean(axis=0)
        assert (disc.x_mm, disc.y_mm, disc.z_mm) == pytest.approx(centre, abs=1e-3)


@pytest.mark.parametrize("axes", ["RAS", "LPS", "ASR"])
def test_axes_of_any_order_and_direction_give_the_same_discs(
    study: Study, spine_file: Path, tmp_path: Path, axes: str
) -> None:
    turned = analyze(reoriented(spine_file, axes, tmp_path))
    assert list(turned.discs) == list(study.discs)
    for level, disc in turned.discs.items():
        assert disc.flags == study.discs[level].flags
        for column in disc.values.keys() - ON_THE_GRID:
            expected = study.discs[level].values[column]
            if isinstance(expected, float):
                assert disc.values[column] == pytest.approx(expected, rel=1e-3, abs=1e-3, nan_ok=True), column
            else:
                assert disc.values[column] == expected, column
    assert_boxes_fit_the_labels(turned)
    voxels = [each.labels.world(np.argwhere(each.labels.array == 1)) for each in (study, turned)]
    first, second = (points[np.lexsort(points.round(2).T)] for points in voxels)
    assert second == pytest.approx(first, abs=1e-2)


def assert_boxes_fit_the_labels(study: Study) -> None:
    """Box and slice as one finds them in the file: the smallest around the disc's voxels on that slice."""
    across, down, back = study.image.axis_order.axes
    for disc in study.discs.values():
        places = np.argwhere(study.labels.array == disc.label)
        places = places[places[:, across] == disc.slice]
        assert (disc.y0, disc.y1) == (places[:, down].min(), places[:, down].max() + 1)
        assert (disc.x0, disc.x1) == (places[:, back].min(), places[:, back].max() + 1)
    assert study.mid_slice in {disc.slice for disc in study.discs.values()}


def test_boxes_of_the_file_as_it_is(study: Study) -> None:
    assert_boxes_fit_the_labels(study)


def test_the_command_writes_what_python_gets(study: Study, written: Path) -> None:
    with (written / "discs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["level"] for row in rows] == list(study.discs)
    for row, disc in zip(rows, study.discs.values(), strict=True):
        assert set(row) == {*disc.values, "flags"}
        for column, value in disc.values.items():
            assert same(row[column], value), f"{column}: {row[column]} is not {value}"
        assert row["flags"] == ";".join(disc.flags)


def same(cell: str, value: float | int | bool | str) -> bool:
    """Whether a cell says the value, a number to half of the cell's last digit."""
    if isinstance(value, bool) or not isinstance(value, float):
        return cell.lower() == str(value).lower()
    if np.isnan(value):
        return cell == ""
    digits = len(cell.partition(".")[2])
    return abs(float(cell) - value) <= 0.5000001 * 10.0**-digits


def test_the_label_map_written_is_the_one_of_python(study: Study, written: Path) -> None:
    saved = nibabel.load(written / "segmentation.nii.gz")
    assert np.array_equal(np.asarray(saved.dataobj), study.labels.array)
    assert saved.affine == pytest.approx(study.image.affine, abs=1e-3)


def test_where_every_number_came_from(study: Study, written: Path) -> None:
    record = json.loads((written / "result.json").read_text("utf-8"))
    text = json.dumps(record)
    for known in (study.provenance["input"]["sha256"], study.provenance["weights"]["segmentation"]):
        assert len(known) == 64
        assert known in text


def test_the_contrast_is_guessed_from_the_image(study: Study) -> None:
    assert study.provenance["contrast"] == {"name": "t2", "from": "image"}


def test_the_contrast_that_is_given_stands(spine_file: Path) -> None:
    assert analyze(spine_file, contrast="stir").provenance["contrast"]["name"] == "stir"


def test_two_studies_are_one_too_many(tmp_path: Path) -> None:
    for name in ("one.nii", "two.nii"):
        (tmp_path / name).write_bytes(b"never read")
    with pytest.raises(UsageError, match="holds 2 studies"):
        analyze(tmp_path)
