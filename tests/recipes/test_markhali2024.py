"""The recipe end to end on drawn stacks, TIFF and NIfTI, from a user's folder to tables and masks of new images."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import nibabel
import tifffile
import torch

from lumbardisc.cli.main import run
from lumbardisc.errors import UsageError
from lumbardisc.evaluation.overlap import dice
from lumbardisc.recipes.markhali2024 import train_version
from lumbardisc.recipes.markhali2024_config import Markhali2024Config, read_config
from lumbardisc.recipes.markhali2024_data import cohort
from lumbardisc.recipes.markhali2024_measure import Measured
from lumbardisc.recipes.markhali2024_parts import shown, training_slices, unet
from lumbardisc.recipes.markhali2024_tables import compared, overlap_figures
from lumbardisc.recipes.markhali2024_versions import ROUNDS, Version

pytestmark = pytest.mark.train

ROOT = Path(__file__).parents[2]
SUBJECTS = 9
SLICES, ROWS, COLUMNS = 6, 80, 64
SETTINGS = """
out = "run"
grades = "grades.csv"
size = 64
border = 16
levels = 3
width = 16
epochs = {epochs}
resamples = 20
validation_share = 0.2
test_share = 0.2
[masks]
ours = "data"
[version]
filters = 0.5
batch = 2
dropout = 0.2
learning_rate = 0.002
"""


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Three discs on slices 1-4 of 6, darker bodies between them, fat behind that makes all slices equally bright;
    image (8-bit) and mask, (slice, row, column)."""
    rng = np.random.default_rng(seed)
    image, mask = np.full((SLICES, ROWS, COLUMNS), 30.0), np.zeros((SLICES, ROWS, COLUMNS), dtype=np.uint8)
    left = int(rng.integers(18, 26))
    image[:, 8:74, left : left + 22] = 80
    image[:, :, 54:62] = 230
    for top in (58, 38, 18):
        image[1:5, top : top + 9, left : left + 22] = 190
        mask[1:5, top : top + 9, left : left + 22] = 1
    image += rng.normal(0, 5, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8), mask


def write_tiff(folder: Path, case: str, seed: int) -> None:
    image, mask = drawn(seed)
    tifffile.imwrite(folder / f"{case}.tif", image, photometric="minisblack")
    tifffile.imwrite(folder / f"{case}_mask.tif", mask, photometric="minisblack")


def write_nifti(path: Path, array: np.ndarray, affine: np.ndarray) -> None:
    """A file as another program writes it: axes backward, upward, to the left."""
    stored = array.transpose(2, 1, 0)[:, ::-1, ::-1]
    nibabel.save(nibabel.Nifti1Image(stored, affine), path)


AFFINE = np.array([[0.0, 0.0, -4.0, 31.0], [-0.8, 0.1, 0.0, 20.0], [0.1, 0.8, 0.0, -50.0], [0.0, 0.0, 0.0, 1.0]])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine subjects, two of them scanned twice and one as NIfTI, a configuration, and the recipe run on them once."""
    folder = tmp_path_factory.mktemp("markhali2024")
    data = folder / "data"
    data.mkdir()
    for number in range(SUBJECTS - 1):
        write_tiff(data, f"P{number}_a", number)
    for number in range(SUBJECTS - 1):
        write_tiff(data, f"P{number}_b", 100 + number)
    image, mask = drawn(SUBJECTS - 1)
    write_nifti(data / f"P{SUBJECTS - 1}.nii.gz", image, AFFINE)
    write_nifti(data / f"P{SUBJECTS - 1}_mask.nii.gz", mask, AFFINE)
    rows = [f"P{number},{disc},{(number + disc) % 4 + 1}" for number in range(SUBJECTS) for disc in (1, 2, 3)]
    (folder / "grades.csv").write_text("\n".join(["subject,level,grade", *rows, "P8,4,V"]))
    (folder / "markhali2024.toml").write_text(SETTINGS.format(epochs=5))
    assert run(["recipe", "markhali2024", str(folder / "markhali2024.toml"), "-q"]) == 0
    return folder


@pytest.fixture(scope="module")
def config(project: Path) -> Markhali2024Config:
    return read_config(project / "markhali2024.toml")


def test_tables_figures_and_the_split_are_written(project: Path) -> None:
    record = json.loads((project / "run" / "results.json").read_text())
    rows = {row["name"]: row for row in record["Overlap, test subjects"]}
    assert rows["DSC, without orphans"]["value"] > 0.8, "bright boxes are learnt"
    assert rows["DSC"]["low"] <= rows["DSC"]["value"] <= rows["DSC"]["high"]
    assert rows["DSC"]["published"] is None, "this version is none of the paper's"
    (levels,) = (table for title, table in record.items() if "by level" in title)
    assert list(levels["dice"]["groups"]) == ["L5/S1", "L4/L5", "L3/L4"]
    (grades,) = (table for title, table in record.items() if "grade" in title)
    assert set(grades["volume_ratio"]["groups"]) <= {"1", "2", "3", "4"}
    page = (project / "run" / "results.md").read_text(encoding="utf-8")
    assert "shown as 96 x 96, of which the middle 64 x 64 are answered for" in page
    for name in ("dice_by_level.png", "volume_ratio_by_grade.svg", "network/history.csv", "network/best.pt"):
        assert (project / "run" / name).stat().st_size > 50


def test_nobody_is_in_two_parts_and_grade_v_trains_or_tests(project: Path) -> None:
    with (project / "run" / "split.csv").open() as file:
        parts = {row["patient"]: row["part"] for row in csv.DictReader(file)}
    assert len(parts) == SUBJECTS
    assert sorted(set(parts.values())) == ["test", "train", "validation"]
    assert parts["P8"] != "validation"


def test_repeats_train_and_the_first_is_measured(config: Markhali2024Config) -> None:
    subjects = cohort(config)
    training, measured = subjects.of("train"), subjects.measured("validation")
    assert len(training) > len({scan.patient for scan in training})
    assert [scan.case for scan in measured] == [f"{scan.patient}_a" for scan in measured]
    assert not {scan.patient for scan in training} & {scan.patient for scan in measured}


def test_inputs_of_the_versions(config: Markhali2024Config) -> None:
    scans = cohort(config).of("train")[:2]
    of = {
        name: training_slices(scans, config, Version(inputs=name), 0)
        for name in ("raw", "no_blanks", "stretched", "augmented")
    }
    assert {name: len(slices) for name, slices in of.items()} == {
        "raw": 12,
        "no_blanks": 8,
        "stretched": 8,
        "augmented": 16,
    }
    assert not of["raw"][0].discs.any()
    assert of["raw"][0].image.max() < 1, "255 is white, whatever the slice holds"
    assert np.array_equal(of["augmented"][0].image, of["stretched"][0].image)
    assert not np.array_equal(of["augmented"][1].image, of["stretched"][0].image), "the second copy differs"
    assert np.array_equal(of["augmented"][1].discs, of["stretched"][0].discs)


def test_the_stretch_by_hand() -> None:
    ramp = np.arange(1001.0).reshape(7, 143)
    found = shown(ramp, Version(inputs="stretched")).ravel()
    assert found[[25, 500, 975]] == pytest.approx([0.0, 0.5, 1.0])
    assert (found.min(), found.max()) == (0.0, 1.0)
    assert shown(ramp, Version(inputs="raw")).max() == pytest.approx(1000 / 255)


def test_the_published_versions() -> None:
    """Tables 2 and 3 of the paper."""
    one, two = ROUNDS["round1"], ROUNDS["round2"]
    assert [(v.filters, v.inputs, v.batch) for v in one.values()] == [
        (1.0, "raw", 6),
        *((1.0, name, 6) for name in ("no_blanks", "stretched", "augmented")),
        *((0.75, name, 8) for name in ("no_blanks", "stretched", "augmented")),
        *((0.5, name, 14) for name in ("no_blanks", "stretched", "augmented")),
    ]
    assert {(v.learning_rate, v.beta1, v.dropout, v.weight_decay) for v in one.values()} == {(1e-3, 0.95, 0.2, 0.05)}
    assert two["baseline"] == one["model_6"]
    assert [(v.learning_rate, v.beta1, v.dropout, v.batch_norm, v.dilation) for v in two.values()] == [
        (1e-3, 0.95, 0.2, False, 1),
        (1e-3, 0.95, 0.2, True, 1),
        (5e-4, 0.90, 0.8, False, 1),
        (1e-3, 0.95, 0.2, False, 2),
    ]


def test_every_published_version_answers_388_of_512_pixels() -> None:
    published = Markhali2024Config(out=Path("out"), masks={"ours": Path("data")})
    for version in (one for versions in ROUNDS.values() for one in versions.values()):
        with torch.device("meta"):  # shapes alone, nothing is computed
            network = unet(published, version)
            assert network(torch.empty(1, 1, 512, 512)).shape == (1, 2, 388, 388)
        assert network.head.in_channels == 64 * version.filters


def test_a_version_of_a_study(config: Markhali2024Config, tmp_path: Path) -> None:
    short = config.model_copy(update={"epochs": 1})
    told: list[float] = []
    result = train_version(short, config.version, 3, tmp_path / "one", lambda _, done: told.append(done))
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert result["dice"] == pytest.approx(np.mean([row["dice"] for row in result["subjects"]]))
    names = {"dice", "precision", "recall", "volume_ratio"}
    assert set(result["subjects"][0]) == {"subject", "grade", *names, *(f"{name}_without_orphans" for name in names)}
    assert {row["level"] for row in result["discs"]} == {"L5/S1", "L4/L5", "L3/L4"}
    assert told == [1.0]
    again = train_version(short, config.version, 3, tmp_path / "one", lambda _, done: told.append(done))
    assert told == [1.0], "a finished run is not trained again"
    assert again["subjects"] == result["subjects"]
    with pytest.raises(UsageError, match="other settings or data"):
        train_version(short, config.version.model_copy(update={"dropout": 0.3}), 3, tmp_path / "one")


def test_masks_of_new_images_lie_on_their_own_grid(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image, mask = drawn(77)
    write_nifti(tmp_path / "new.nii.gz", image, AFFINE)
    tifffile.imwrite(tmp_path / "stack.tif", image, photometric="minisblack")
    (tmp_path / "bad.nii.gz").write_bytes(b"no image")
    out = tmp_path / "out"
    arguments = ["recipe", "markhali2024", str(project / "markhali2024.toml"), "-o", str(out), "--spacing", "4,0.8,0.8"]
    images = [tmp_path / name for name in ("new.nii.gz", "stack.tif", "bad.nii.gz")]
    code = run([*arguments, *(word for one in images[1:] for word in ("--segment", str(one)))])
    assert code == 1
    assert "bad.nii.gz" in capsys.readouterr().err
    assert run([*arguments[:-2], "--segment", str(images[0]), "-q"]) == 0
    written = nibabel.load(out / "new.nii.gz")
    np.testing.assert_allclose(written.affine, AFFINE, atol=1e-5)
    assert written.shape == (COLUMNS, ROWS, SLICES)
    found = np.asarray(written.dataobj)[:, ::-1, ::-1].transpose(2, 1, 0)
    assert dice(found == 1, mask == 1) > 0.8
    stack = nibabel.load(out / "stack.nii.gz")
    assert stack.header.get_zooms() == pytest.approx((4, 0.8, 0.8))
    assert sorted(path.name for path in out.iterdir()) == ["new.nii.gz", "stack.nii.gz"]


def test_segmenting_before_training_is_one_line(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.toml").write_text(SETTINGS.format(epochs=1).replace('grades = "grades.csv"\n', ""))
    assert run(["recipe", "markhali2024", str(tmp_path / "c.toml"), "--segment", str(project / "data/P0_a.tif")]) == 2
    assert "train it first" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("size = 64", "size = 66", "the next size that does is 68"),
        ("border = 16", "border = 80", "cannot be mirrored"),
        ("levels = 3", "levels = 9", "the next size that does is"),
        ("width = 16", "width = 8", "width"),
        ('ours = "data"', 'ours = "nowhere"', "nowhere"),
        ('"grades.csv"', '"nowhere.csv"', "nowhere.csv"),
        ("dropout = 0.2", "dropout = 1.0", "version.dropout"),
        ("filters = 0.5", 'inputs = "blurred"', "version.inputs"),
        ("validation_share = 0.2", "validation_share = 0.01", "no subject is left for validation"),
    ],
)
def test_bad_settings_are_one_line(
    project: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, words: str
) -> None:
    text = SETTINGS.format(epochs=1).replace('"run"', '"bad"')
    assert old in text
    (project / "bad.toml").write_text(text.replace(old, new))
    assert run(["recipe", "markhali2024", str(project / "bad.toml"), "-q"]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_a_mask_on_another_grid_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    write_tiff(data, "P0", 0)
    tifffile.imwrite(data / "P0_mask.tif", drawn(0)[1][:, :-2], photometric="minisblack")
    (tmp_path / "c.toml").write_text(SETTINGS.format(epochs=1).replace('grades = "grades.csv"\n', ""))
    assert run(["recipe", "markhali2024", str(tmp_path / "c.toml"), "-q"]) == 2
    assert "both need the same grid" in capsys.readouterr().err


def row(subject: str, level: str, grade: int | None, value: float) -> dict[str, Any]:
    names = ("dice", "precision", "recall", "volume_ratio")
    return {"subject": subject, "level": level, "grade": grade} | {
        f"{name}{suffix}": value for name in names for suffix in ("", "_without_orphans")
    }


def test_groups_by_grade_and_by_level() -> None:
    """Two grades that do not overlap at all; p of 5 against 5 by the rank-sum test is 2 / 252."""
    good = [row(f"S{number}", "L4/L5", 2, 0.90 + number / 100) for number in range(5)]
    bad = [row(f"S{number}", "L5/S1", 5, 0.50 + number / 100) for number in range(5)]
    dice_by_grade, ratio_by_grade = compared([*good, *bad, row("S9", "T12/L1", None, 0.1)], "grade")
    assert list(dice_by_grade.groups) == ["2", "5"]
    assert dice_by_grade.contrast.letters == {"2": "a", "5": "b"}
    assert dice_by_grade.contrast.overall.p == pytest.approx(0.009023, abs=1e-6)  # chi-squared 6.8182, df 1
    assert ratio_by_grade.measure == "volume_ratio"
    levels, _ = compared([*good, *bad, row("S9", "T12/L1", None, 0.1)], "level")
    assert list(levels.groups) == ["L5/S1", "L4/L5", "T12/L1"], "from the bottom"
    assert compared([row("S1", "L5/S1", None, 0.5)], "grade") == []


def test_published_figures_stand_beside_their_version_alone() -> None:
    measured = Measured([row("S1", "", 3, 0.8), row("S2", "", 4, 0.9)], [])

    def bootstrap(statistic: Any, _: Any, values: Any) -> Any:
        from lumbardisc.evaluation.bootstrap import Interval

        return Interval(statistic(values), 0.8, 0.9)

    final = overlap_figures(measured, Version(), True, bootstrap)
    assert [figure.published for figure in final if figure.name.startswith("DSC")] == [0.916, 0.920]
    assert final[0].ours.value == pytest.approx(0.85)
    other = overlap_figures(measured, Version(dropout=0.5), True, bootstrap)
    assert {figure.published for figure in other} == {None}
    assert {figure.published for figure in overlap_figures(measured, Version(), False, bootstrap)} == {None}


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("markhali2024*.toml")), ids=lambda path: path.stem)
def test_the_examples_are_valid(path: Path) -> None:
    assert read_config(path).square.inside == read_config(path).size, "the whole slice is answered for"


def test_every_setting_is_explained() -> None:
    for kind in (Markhali2024Config, Version):
        assert [name for name, field in kind.model_fields.items() if not field.description] == []
