"""What users hand over by mistake, through the real command: one clear line, or an answer; nothing in between.

Formats and headers are tested in detail in tests/io; here is what the whole command makes of one file of each kind.
"""

from __future__ import annotations

import csv
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from io import StringIO
from pathlib import Path

import nibabel
import numpy as np
import other_anatomy
import pytest
from PIL import Image

from lumbardisc.cli.main import run
from lumbardisc.io.dicom_write import Acquisition, Subject, save_dicom
from lumbardisc.io.grid import working_affine
from lumbardisc.phantom.acquire import Geometry
from lumbardisc.report import USUAL
from lumbardisc.volume import Volume

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 900, (3, 40, 40)).astype(np.int16)
SAGITTAL = working_affine((4.0, 1.0, 1.0))

Make = Callable[[Path], None]


@pytest.fixture(autouse=True)
def _small_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def nifti(path: Path, array: np.ndarray = GREY, affine: np.ndarray = SAGITTAL) -> None:
    """A NIfTI file by nibabel, whose header says what the affine is even where that cannot be."""
    header = nibabel.Nifti1Header()
    header.set_data_dtype(array.dtype)
    header["srow_x"], header["srow_y"], header["srow_z"] = affine[:3]
    header["sform_code"], header["qform_code"] = 1, 0
    header.set_xyzt_units("mm")
    path.write_bytes(nibabel.Nifti1Image(array, None, header).to_bytes())


def says(capfd: pytest.CaptureFixture[str], path: Path | str, *words: str) -> None:
    """One line on stderr that names the input and holds the words, and nothing else anywhere."""
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"lumbardisc: {path}"), printed.err
    assert printed.err.count("\n") == 1, printed.err
    assert "unexpected" not in printed.err
    for word in words:
        assert word in printed.err


def truncated(path: Path) -> None:
    nifti(path)
    path.write_bytes(path.read_bytes()[:-100])


def mostly_nan(path: Path) -> None:
    nifti(path, np.where(GREY < 300, np.nan, GREY).astype(np.float32))


def constant(path: Path) -> None:
    nifti(path, np.full(GREY.shape, 7, dtype=np.int16))


def zero_spacing(path: Path) -> None:
    nifti(path, affine=SAGITTAL @ np.diag([1, 1, 0, 1]))


def metres_for_mm(path: Path) -> None:
    nifti(path, affine=SAGITTAL @ np.diag([0.001, 0.001, 0.001, 1]))


def singular(path: Path) -> None:
    affine = SAGITTAL.copy()
    affine[:3, 1] = affine[:3, 2]
    nifti(path, affine=affine)


def axial(path: Path) -> None:
    nifti(path, GREY.transpose(1, 2, 0), np.diag([0.7, 0.7, 4.0, 1.0]))


def coronal(path: Path) -> None:
    nifti(path, GREY.transpose(1, 0, 2), np.diag([0.7, 4.0, 0.7, 1.0]))


def series_of_volumes(path: Path) -> None:
    nifti(path, np.stack([GREY] * 4, axis=-1))


def colours(path: Path) -> None:
    Image.fromarray(RNG.integers(0, 255, (40, 40, 3)).astype(np.uint8)).save(path)


def dicom(plane: str) -> Make:
    """A DICOM series of another plane than the sagittal."""

    def make(folder: Path) -> None:
        geometry = Geometry.plan(plane, slices=3, matrix=(40, 40))
        volume = Volume(GREY.astype(np.uint16), geometry.affine)
        acquisition = Acquisition(1, "T2 TSE", "t2", "SE", 4000.0, 96.0, 90.0, 3.0, thickness_mm=4.0)
        save_dicom(volume, folder, Subject("A^B", "1", plane), acquisition)

    return make


@pytest.mark.parametrize(
    ("name", "make", "word"),
    [
        ("cut off.nii", truncated, "truncated"),
        ("holes.nii", mostly_nan, "NaN"),
        ("constant.nii", constant, "same value"),
        ("zero.nii", zero_spacing, "singular"),
        ("metres.nii", metres_for_mm, "not one of a spine"),
        ("singular.nii", singular, "singular"),
        ("axial.nii", axial, "is axial"),
        ("coronal.nii", coronal, "is coronal"),
        ("functional.nii", series_of_volumes, "4"),
        ("screenshot.png", colours, "colour"),
        ("axial series", dicom("axial"), "is axial"),
        ("coronal series", dicom("coronal"), "is coronal"),
    ],
)
def test_unfit_images(name: str, make: Make, word: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    make(tmp_path / name)
    spacing = ["--spacing", "4,1,1"] if name.endswith(".png") else []
    assert run(["analyze", name, "-o", "out", *spacing]) == 2
    says(capfd, name, word)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("what", ["head", "knee", "bottle", "noise"])
def test_where_no_spine_is_none_is_found(what: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / f"{what}.nii"
    nifti(path, getattr(other_anatomy, what)(), working_affine(other_anatomy.SPACING))
    assert run(["analyze", str(path), "-o", "out"]) == 2
    says(capfd, path, "no lumbar spine was found")
    assert list(tmp_path.iterdir()) == [path]


def complete(out: Path) -> bool:
    return sorted(path.name for path in out.iterdir()) == sorted(USUAL)


def fine(spine: Volume) -> tuple[np.ndarray, np.ndarray]:
    """One slice, 2048 x 2048 pixels, over the same field of view."""
    return spine.array[2:3].repeat(8, axis=1).repeat(8, axis=2), spine.affine @ np.diag([1, 1 / 8, 1 / 8, 1])


def coarse(spine: Volume) -> tuple[np.ndarray, np.ndarray]:
    """50 x 50 pixels of about 5 mm."""
    return spine.array[:, 3:253:5, 3:253:5], spine.affine @ np.diag([1, 5, 5, 1])


def cut_out(spine: Volume) -> tuple[np.ndarray, np.ndarray]:
    """50 x 50 pixels of 1 mm: one level or two."""
    return spine.array[:, 110:160, 110:160], spine.affine


def many(_spine: Volume) -> tuple[np.ndarray, np.ndarray]:
    return RNG.integers(0, 900, (400, 24, 20)).astype(np.int16), working_affine((0.4, 1.0, 1.0))


def too_large(spine: Volume) -> tuple[np.ndarray, np.ndarray]:
    """A spacing that is wrong and could be right: everything twice its size."""
    return spine.array[1:4], spine.affine @ np.diag([1, 2, 2, 1])


def upside_down(spine: Volume) -> tuple[np.ndarray, np.ndarray]:
    return spine.array[1:4, ::-1], spine.affine


@pytest.mark.parametrize("make", [coarse, cut_out, many, too_large, upside_down])
def test_odd_sizes_get_whole_results_or_one_line(
    make: Callable[[Volume], tuple[np.ndarray, np.ndarray]],
    spine: Volume,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    array, affine = make(spine)
    nifti(tmp_path / "odd.nii", array, affine)
    if run(["analyze", "-q", "odd.nii", "-o", "out"]) == 0:
        assert capfd.readouterr() == ("", "")
        assert complete(tmp_path / "out")
        saved = nibabel.load(tmp_path / "out" / "segmentation.nii.gz")
        assert saved.shape == array.shape
        assert saved.affine == pytest.approx(affine, abs=1e-3)
    else:
        says(capfd, "odd.nii", "no lumbar spine was found")
        assert not (tmp_path / "out").exists()


def test_one_slice_of_256_and_of_2048_pixels(spine: Volume, tmp_path: Path) -> None:
    found = {}
    for name, (array, affine) in {"plain": (spine.array[2:3], spine.affine), "fine": fine(spine)}.items():
        nifti(tmp_path / f"{name}.nii", array, affine)
        assert run(["analyze", "-q", f"{name}.nii", "-o", name]) == 0
        with (tmp_path / name / "discs.csv").open(encoding="utf-8", newline="") as file:
            found[name] = list(csv.DictReader(file))
    assert len(found["plain"]) >= 4
    assert [disc["level"] for disc in found["fine"]] == [disc["level"] for disc in found["plain"]]
    for plain, fine_ in zip(found["plain"], found["fine"], strict=True):
        assert plain["volume_complete"] == fine_["volume_complete"] == "false"
        assert float(fine_["area_mm2"]) == pytest.approx(float(plain["area_mm2"]), rel=0.1)


def test_a_knee_among_spines_stops_none_of_them(
    spine_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    nifti(tmp_path / "knee.nii", other_anatomy.knee(), working_affine(other_anatomy.SPACING))
    (tmp_path / "leer").mkdir()
    assert run(["analyze", "-q", "leer", "knee.nii", str(spine_file), "-o", "out"]) == 1
    first, second = capfd.readouterr().err.splitlines()
    assert first.startswith("lumbardisc: leer: is empty")
    assert second.startswith("lumbardisc: knee.nii: no lumbar spine")
    done = tmp_path / "out" / "Rückenwirbelsäule_腰"
    assert complete(done)
    others = {path.name for path in (tmp_path / "out").iterdir() if not path.name.startswith(".")} - {done.name}
    assert others - {"cohort.parquet"} == {
        "cohort.csv",
        "failures.csv",
        "qc.html",
    }  # Parquet where pyarrow is installed
    assert len((tmp_path / "out" / "failures.csv").read_text(encoding="utf-8").splitlines()) == 1 + 2


@contextmanager
def little_space(limit: int) -> Iterator[None]:
    """No file may grow beyond ``limit`` bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk(spine_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with little_space(4000):
        code = run(["analyze", str(spine_file), "-o", "out"])
    assert code == 2
    says(capfd, spine_file, "out: the results cannot be written", "free some space")
    assert list(tmp_path.iterdir()) == []


def as_a_user_without_rights(arguments: list[str]) -> tuple[int, str]:
    """Exit code and stderr of the command in a process of its own; the superuser could look into any folder."""

    def child() -> None:
        if os.geteuid() == 0:
            os.setuid(65534)
        with redirect_stderr(StringIO()) as err:
            code = run(arguments)
        sender.send((code, err.getvalue()))

    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe()
    process = context.Process(target=child)
    process.start()
    process.join(60)
    assert receiver.poll()
    code, err = receiver.recv()
    return code, err


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "locked"
    folder.mkdir()
    nifti(folder / "scan.nii")
    folder.chmod(0)
    yield folder
    folder.chmod(0o700)


def test_folders_that_may_not_be_entered(locked: Path) -> None:
    out = locked / "deep" / "out"
    code, err = as_a_user_without_rights(["analyze", "scan.nii", "-o", str(out)])
    assert code == 2
    assert err == f"lumbardisc: {out} cannot be written (Permission denied); give another folder with -o\n"
    scan, out = locked / "scan.nii", Path(tempfile.gettempdir(), "lumbardisc-never-made")
    code, err = as_a_user_without_rights(["analyze", str(scan), "-o", str(out)])
    assert code == 2
    assert err.startswith(f"lumbardisc: {scan}: may not be read (permission denied)")
    assert err.count("\n") == 1


@pytest.mark.parametrize("suffix", ["", ".nii", ".zip"])
def test_names_longer_than_the_system_allows(suffix: str, capfd: pytest.CaptureFixture[str]) -> None:
    name = "x" * 300 + suffix
    assert run(["analyze", name, "-o", "out"]) == 2
    says(capfd, name, "cannot be read (File name too long)")
    assert run(["analyze", "scan.nii", "-o", name]) == 2
    says(capfd, name, "cannot be written (File name too long)")


def test_killed_while_writing(spine_file: Path, tmp_path: Path) -> None:
    """SIGKILL as soon as the first byte of a result is on the disk: then OUT is absent or, if that was late, whole."""
    command = [sys.executable, "-m", "lumbardisc", "analyze", "-q", str(spine_file), "-o", "out"]
    with subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"}) as process:
        while process.poll() is None and not any(tmp_path.iterdir()):
            time.sleep(0.001)
        process.kill()
    assert process.returncode in (-signal.SIGKILL, 0)
    assert not (tmp_path / "out").exists() or complete(tmp_path / "out")
    assert run(["analyze", "-q", str(spine_file), "-o", "out"]) == 0
    assert complete(tmp_path / "out")
