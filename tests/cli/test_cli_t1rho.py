"""`lumbardisc fit-t1rho`: its files, and one line for each bad input with nothing written."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest

from lumbardisc.cli.main import run
from lumbardisc.errors import NoSpineError
from lumbardisc.io import save_nifti
from lumbardisc.io.grid import working_affine
from lumbardisc.io.scan import Scan
from lumbardisc.pipeline.study import Disc, Discs, Study
from lumbardisc.report.t1rho import FILES, MAPS, OF_DISCS
from lumbardisc.volume import LabelMap, Volume

TIMES = (2, 15, 30, 45)
AFFINE = working_affine((4.0, 0.6, 0.6))
SHAPE = (3, 90, 110)
DISC = (slice(1, 2), slice(40, 56), slice(20, 80))  # 9.6 mm high, 36 mm deep, of 95 ms in a body of 60 ms


class Seeing:
    """Parts of the main job that see one disc, always in the same place."""

    def run(self, scan: Scan, name: str) -> Study:
        labels = np.zeros(scan.volume.shape, dtype=np.int16)
        labels[DISC] = 2
        values = {"level_confidence": 0.9, "disc_from_bottom": 2, "x_mm": 0.0, "y_mm": 0.0, "z_mm": 0.0}
        disc = Disc("L4/L5", 2, values, ("level_ambiguous",))
        return Study(name, scan.volume, LabelMap(labels, scan.volume.affine), Discs((disc,)), 1, {})


class Blind:
    """Parts that see nothing."""

    def run(self, _scan: Scan, _name: str) -> Study:
        raise NoSpineError("nothing like a spine")


def image(time: float) -> np.ndarray:
    t1rho = np.full(SHAPE, 60.0)
    t1rho[DISC] = 95.0
    return (1000.0 * np.exp(-time / t1rho)).astype(np.float32)


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    made = [tmp_path / f"image {time}.nii.gz" for time in TIMES]
    for path, time in zip(made, TIMES, strict=True):
        save_nifti(Volume(image(time), AFFINE), path)
    return made


def fit(paths: list[Path], out: Path, *options: str, times: str = "2,15,30,45") -> int:
    return run(["fit-t1rho", *map(str, paths), "-o", str(out), "--no-registration", "--tsl", times, *options])


@pytest.fixture
def seeing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lumbardisc.pipeline.t1rho.disc_finder", Seeing)


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lumbardisc.pipeline.t1rho.disc_finder", Blind)


@pytest.mark.usefixtures("seeing")
def test_all_files_are_written(paths: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert fit(paths, out) == 0
    assert {path.name for path in out.iterdir()} == set(FILES)
    row = next(csv.DictReader((out / "discs.csv").open()))
    assert (row["level"], row["phase"], row["slice"]) == ("L4/L5", "2", "1")
    assert float(row["t1rho_mean_ms"]) == pytest.approx(95.0, abs=0.1)
    assert (row["x0"], row["y0"], row["x1"], row["y1"]) == ("20", "40", "80", "56")
    assert float(row["t1rho_roi_mm2"]) == pytest.approx(100.0, abs=0.5)
    assert row["flags"] == "level_ambiguous"
    printed = capsys.readouterr().out
    assert "spin-lock times: 2, 15, 30, 45 ms, from --tsl" in printed
    assert "95.00" in printed


@pytest.mark.usefixtures("seeing")
def test_other_programs_read_the_maps(paths: list[Path], tmp_path: Path) -> None:
    fit(paths, tmp_path / "out")
    maps = {name: nibabel.load(tmp_path / "out" / name) for name in MAPS}
    for one in maps.values():
        assert one.shape == SHAPE
        np.testing.assert_allclose(one.affine, AFFINE)
    t1rho = maps["t1rho.nii.gz"].get_fdata()
    assert t1rho[DISC].mean() == pytest.approx(95.0, abs=0.01)
    assert t1rho[0].mean() == pytest.approx(60.0, abs=0.01)
    assert (maps["t1rho_trusted.nii.gz"].get_fdata() == 1).all()
    assert (maps["r2.nii.gz"].get_fdata() > 0.999).all()


@pytest.mark.usefixtures("seeing")
def test_the_table_can_be_had_again_from_the_other_files(paths: list[Path], tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    for path, time in zip(paths, TIMES, strict=True):
        save_nifti(Volume(np.abs(image(time) + rng.normal(0.0, 30.0, SHAPE)).astype(np.float32), AFFINE), path)
    fit(paths, tmp_path / "out")
    t1rho, unbiased, trusted, regions, nucleus = (
        nibabel.load(tmp_path / "out" / f"{name}.nii.gz").get_fdata()
        for name in ("t1rho", "t1rho_unbiased", "t1rho_trusted", "regions", "nucleus")
    )
    row = next(csv.DictReader((tmp_path / "out" / "discs.csv").open()))
    on_slice = nucleus.copy()
    on_slice[[0, 2]] = 0
    for name, labels in (("t1rho", regions), ("t1rho_nucleus", on_slice), ("t1rho_nucleus_3d", nucleus)):
        inside = labels == 2
        counts = inside & np.isfinite(unbiased)
        sure = t1rho[inside & (trusted == 1)]
        again = (unbiased[counts].mean(), np.median(t1rho[counts]), sure.min(), sure.max())
        told = tuple(float(row[f"{name}_{what}_ms"]) for what in ("mean", "median", "min", "max"))
        assert told == pytest.approx(again, abs=0.006)
    assert (regions == 2).sum() * 0.36 == pytest.approx(float(row["t1rho_roi_mm2"]), abs=0.051)
    assert not (regions[nucleus == 0]).any()


@pytest.mark.usefixtures("seeing")
def test_the_record_is_strict_json_and_the_page_is_whole(paths: list[Path], tmp_path: Path) -> None:
    fit(paths, tmp_path / "out")
    record = json.loads((tmp_path / "out" / "result.json").read_text(), parse_constant=lambda name: pytest.fail(name))
    assert [one["time_ms"] for one in record["provenance"]["spin_lock"]["images"]] == list(TIMES)
    assert record["discs"][0]["phase"] == 2
    page = (tmp_path / "out" / "report.html").read_text()
    assert "T1rho of lumbar discs, fitted to 4 spin-lock images" in page
    assert "not a medical device" in page
    assert "image 15.nii.gz" in page


@pytest.mark.usefixtures("seeing")
def test_two_images_without_air_give_a_phase_and_no_probability(
    paths: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fit(paths[::3], tmp_path / "out", times="2,45") == 0
    row = next(csv.DictReader((tmp_path / "out" / "discs.csv").open()))
    assert float(row["t1rho_mean_ms"]) == pytest.approx(95.0, abs=0.1)
    told = [row[name] for name in ("phase", "t1rho_mean_se_ms", "phase_p1", "phase_p2", "phase_p3", "flags")]
    assert told == ["2", "", "", "", "", "level_ambiguous"]
    assert capsys.readouterr().out.count("two images without air in view tell no error") == 1


@pytest.mark.usefixtures("seeing")
def test_the_record_tells_what_was_asked_for(paths: list[Path], tmp_path: Path) -> None:
    fit(paths, tmp_path / "out", "--anatomy", str(paths[0]))
    record = json.loads((tmp_path / "out" / "result.json").read_text())
    assert record["provenance"]["settings"] == {
        "tsl_ms": [2.0, 15.0, 30.0, 45.0],
        "tsl_tag": None,
        "anatomy": str(paths[0]),
        "register": False,
    }


@pytest.mark.usefixtures("blind")
def test_without_discs_there_are_maps_and_earlier_tables_go(
    paths: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "discs.csv").write_text("of an earlier run")
    (out / "notes.txt").write_text("the user's own")
    assert fit(paths, out) == 0
    assert {path.name for path in out.iterdir()} == {*FILES, "notes.txt"} - set(OF_DISCS)
    assert "no disc was found on the spin-lock images, so there are maps alone" in capsys.readouterr().out


def other_size(paths: list[Path]) -> None:
    save_nifti(Volume(image(15.0)[:, 1:], AFFINE), paths[1])


def other_place(paths: list[Path]) -> None:
    affine = AFFINE.copy()
    affine[1, 3] += 5.0
    save_nifti(Volume(image(15.0), affine), paths[1])


def negative(paths: list[Path]) -> None:
    save_nifti(Volume(-image(15.0), AFFINE), paths[1])


def zeros(paths: list[Path]) -> None:
    save_nifti(Volume(np.zeros(SHAPE, dtype=np.float32), AFFINE), paths[1])


def no_numbers(paths: list[Path]) -> None:
    save_nifti(Volume(np.full(SHAPE, np.nan, dtype=np.float32), AFFINE), paths[1])


def only_one(paths: list[Path]) -> None:
    del paths[1:]


def nothing(_paths: list[Path]) -> None: ...


BAD = {
    "size": (other_size, "2,15,30,45", "differ in size"),
    "place": (other_place, "2,15,30,45", "lie in different places (5.0 mm apart)"),
    "negative": (negative, "2,15,30,45", "100% of its values are negative"),
    "zeros": (zeros, "2,15,30,45", "every voxel has the same value"),
    "nan": (no_numbers, "2,15,30,45", "100% of the voxels are NaN"),
    "one image": (only_one, "2", "is one image; a decay needs two spin-lock times at least"),
    "missing time": (nothing, "2,15,30", "--tsl gives 3 times for 4 images"),
    "repeated time": (nothing, "2,15,15,45", "the spin-lock time 15 ms is repeated"),
    "no time": (nothing, "2,15,30,x", "'2,15,30,x' is not a list of times in ms"),
    "seconds": (nothing, "0.002,0.015,0.03,0.045", "look like seconds; give ms"),
    "negative time": (nothing, "2,15,30,-45", "-45 is no spin-lock time in ms"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_nothing_is_written(
    name: str, paths: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil: Callable[[list[Path]], None]
    spoil, times, line = BAD[name]
    spoil(paths)
    assert fit(paths, tmp_path / "out", times=times) == 2
    printed = capsys.readouterr()
    assert line in printed.err
    assert printed.err.count("\n") == 1
    assert printed.out == ""
    assert not (tmp_path / "out").exists()


def test_files_without_times_are_refused(paths: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fit-t1rho", *map(str, paths), "-o", str(tmp_path / "out")]) == 2
    assert "give them in ms, one for each of the 4 images in order, e.g. --tsl 2,15,30,45" in capsys.readouterr().err


@pytest.mark.usefixtures("seeing")
def test_quiet_says_nothing(paths: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fit(paths, tmp_path / "out", "-q") == 0
    assert capsys.readouterr() == ("", "")
