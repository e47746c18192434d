"""A spin-lock series of a phantom, end to end: maps and discs against what is true of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lumbardisc import fit_t1rho
from lumbardisc.errors import NoSpineError, UnreadableError, UsageError
from lumbardisc.io import save_nifti
from lumbardisc.io.dicom_write import save_dicom
from lumbardisc.io.scan import Scan
from lumbardisc.io.spin_lock import SpinLockSeries
from lumbardisc.phantom import CLEAN, SEQUENCES, Geometry, Phantom, image_of, make_exam, sequences_of
from lumbardisc.phantom.acquire import Exam
from lumbardisc.phantom.sequence import SPIN_LOCK_MS
from lumbardisc.phantom.write import acquisition_of, subject_of
from lumbardisc.pipeline.study import Study
from lumbardisc.pipeline.t1rho import T1rhoStudy, anatomy_source, fit_series
from lumbardisc.preprocess.registration import can_register
from lumbardisc.quantify.relaxation import Fit
from lumbardisc.quantify.t1rho import phase_of
from lumbardisc.volume import Volume

PIXEL = 270 / 256
GRADES = (4, 3, 1, 2, 1, 2, 2)
NAMED = ("L5/S1", "L4/L5", "L3/L4", "L2/L3", "L1/L2")


@pytest.fixture(scope="module")
def exam() -> Exam:
    """Five sagittal slices of 256 x 256 pixels, the discs of grades I to IV from the bottom."""
    geometry = Geometry.plan(
        slices=5, matrix=(256, 256), pixel_mm=(PIXEL, PIXEL), gap_mm=2.0, centre=(0.0, 22.0, -22.0)
    )
    return make_exam(1, grades=GRADES, geometry=geometry, samples=4)


def whole(phantom: Phantom) -> Volume:
    """Whole numbers as scanners store them, all images at one gain."""
    return Volume(np.rint(phantom.image.array * 2000.0).astype(np.uint16), phantom.image.affine)


def spin_locks(exam: Exam) -> list[Phantom]:
    return [image_of(exam, sequence) for sequence in sequences_of("spin-lock")]


@pytest.fixture(scope="module")
def from_dicom(exam: Exam, tmp_path_factory: pytest.TempPathFactory) -> T1rhoStudy:
    """Fitted from one DICOM study of T2 and spin-lock series."""
    folder = tmp_path_factory.mktemp("exam")
    for number, image in enumerate([image_of(exam, SEQUENCES["t2"]), *spin_locks(exam)], start=1):
        save_dicom(whole(image), folder / f"{number}", subject_of(1), acquisition_of(image, number))
    return fit_t1rho(folder, register=False)


@pytest.fixture(scope="module")
def from_files(exam: Exam, tmp_path_factory: pytest.TempPathFactory) -> T1rhoStudy:
    """Fitted from one file for each time, in another order of axes than the working one, and nothing else."""
    folder = tmp_path_factory.mktemp("files")
    paths = [folder / f"scan-{number}.nii.gz" for number in range(4)]
    for path, image in zip(paths, spin_locks(exam), strict=True):
        volume = whole(image)
        turned = volume.affine @ np.diag([1.0, -1.0, 1.0, 1.0])
        turned[:3, 3] += volume.affine[:3, 1] * (volume.shape[1] - 1)
        save_nifti(Volume(volume.array[:, ::-1].transpose(2, 1, 0), turned[:, [2, 1, 0, 3]]), path)
    return fit_t1rho(paths, times=SPIN_LOCK_MS, register=False)


def check_discs(result: T1rhoStudy, exam: Exam) -> None:
    truth = {disc.level: disc for disc in exam.truth}
    assert set(NAMED) <= set(result.discs)
    for level in NAMED:
        disc, true = result.discs[level], truth[level]
        assert disc.t1rho_mean_ms == pytest.approx(true.t1rho_mean_ms, rel=0.08)
        assert disc.t1rho_min_ms < disc.t1rho_mean_ms < disc.t1rho_max_ms
        assert 30.0 <= disc.t1rho_roi_mm2 <= 101.0
        assert disc.t1rho_trusted > 0.7
        assert disc.phase == phase_of(disc.t1rho_mean_ms)
        if disc.phase_margin_ms > 12.0:
            assert disc.phase == phase_of(true.t1rho_mean_ms)
            assert disc.values[f"phase_p{disc.phase}"] > 0.95


def test_discs_of_a_study_with_a_t2_series(from_dicom: T1rhoStudy, exam: Exam) -> None:
    check_discs(from_dicom, exam)
    assert from_dicom.study.provenance["discs_found_on"] == "series 1 (SAG T2 TSE)"
    assert len({disc.phase for disc in from_dicom.discs.values()}) > 1


def test_discs_of_the_spin_lock_images_themselves(from_files: T1rhoStudy, exam: Exam) -> None:
    check_discs(from_files, exam)
    assert from_files.study.name == "files0"
    assert from_files.study.provenance["discs_found_on"] == "scan-0.nii.gz"


def test_the_map_is_that_of_the_tissue(from_dicom: T1rhoStudy, exam: Exam) -> None:
    """Where all samples of a voxel are one tissue, its T1rho is the truth; the median over many voxels has no noise."""
    paint, rows = exam.painter.materials.palette.mixtures, exam.rows
    pure, compared = (rows == rows[:, :1]).all(axis=1), 0
    for row in np.unique(rows[:, 0][pure]):
        voxels = pure & (rows[:, 0] == row) & from_dicom.fit.trusted
        if len(paint[row]) == 1 and voxels.sum() > 1000:
            (tissue,) = paint[row]
            if 30.0 <= tissue.t1rho_ms <= 120.0 and not tissue.fat:
                assert np.median(from_dicom.fit.time_ms[voxels]) == pytest.approx(tissue.t1rho_ms, rel=0.03)
                compared += 1
    assert compared >= 3


def test_maps_lie_on_the_first_image(from_dicom: T1rhoStudy, from_files: T1rhoStudy) -> None:
    one, other = (result.volume(result.fit.time_ms) for result in (from_dicom, from_files))
    assert other.shape == from_files.study.image.shape == (256, 256, 5)
    np.testing.assert_array_equal(other.affine, from_files.study.image.affine)
    back = other.sagittal()
    np.testing.assert_allclose(back.affine, one.sagittal().affine, atol=1e-3)
    np.testing.assert_allclose(back.array, one.sagittal().array, rtol=1e-5)


def test_boxes_and_regions_lie_on_the_discs(from_files: T1rhoStudy) -> None:
    labels = from_files.study.labels
    for disc in from_files.discs.values():
        found = np.argwhere(labels.array[:, :, disc.slice] == disc.label)
        assert [found[:, 0].min(), found[:, 1].min()] == [disc.x0, disc.y0]
        assert [found[:, 0].max() + 1, found[:, 1].max() + 1] == [disc.x1, disc.y1]
    inside = labels.sagittal().array[from_files.roi]
    assert set(np.unique(inside)) == {disc.label for disc in from_files.discs.values()}


def series_of(
    images: Sequence[np.ndarray], affine: np.ndarray, times: Sequence[float] = SPIN_LOCK_MS
) -> SpinLockSeries:
    volumes = tuple(Volume(image, affine) for image in images)
    return SpinLockSeries(tuple(times), volumes, tuple(f"image {time:g}" for time in times), "the test")


class Blind:
    """Parts of the main job that see no spine in anything."""

    def run(self, _scan: Scan, _name: str) -> Study:
        raise NoSpineError("nothing like a spine")


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lumbardisc.pipeline.t1rho.disc_finder", Blind)


@pytest.fixture
def block() -> np.ndarray:
    """Water-like signal in a block of noise, with no spine in it; (slice, row, column)."""
    image = np.full((2, 160, 160), 5.0)
    image[:, 40:120, 40:120] = 800.0
    return image


def decayed(block: np.ndarray, times: Sequence[float], t1rho: float = 60.0, sd: float = 8.0) -> list[np.ndarray]:
    rng = np.random.default_rng(3)
    signals = [block * np.exp(-time / t1rho) for time in times]
    return [np.hypot(signal + rng.normal(0, sd, block.shape), rng.normal(0, sd, block.shape)) for signal in signals]


def affine() -> np.ndarray:
    return Geometry.plan(slices=2, matrix=(160, 160), pixel_mm=(1.0, 1.0)).affine


@pytest.mark.usefixtures("blind")
def test_without_a_spine_there_are_maps_alone_and_a_line_says_so(block: np.ndarray) -> None:
    result = fit_series(series_of(decayed(block, SPIN_LOCK_MS), affine()), "block", register=False)
    assert len(result.discs) == 0
    assert not result.study.labels.array.any()
    assert result.study.warnings == (
        "no disc was found on the spin-lock images, so there are maps alone; give a T1 or T2 image with --anatomy",
    )
    assert np.median(result.fit.time_ms[:, 45:115, 45:115]) == pytest.approx(60.0, rel=0.01)
    assert result.fit.trusted[:, 45:115, 45:115].mean() > 0.99
    assert result.fit.trusted[:, :35].mean() < 0.01


@pytest.mark.usefixtures("blind")
def test_two_images_without_air_give_times_and_no_error(block: np.ndarray) -> None:
    full = np.full_like(block, 800.0)
    result = fit_series(series_of(decayed(full, (2.0, 45.0)), affine(), (2.0, 45.0)), "block", register=False)
    assert np.isnan(result.study.provenance["fit"]["noise"])
    assert result.study.warnings[0] == (
        "two images without air in view tell no error of T1rho, so no probability of a phase; pass a third time"
    )
    assert np.isnan(result.fit.se_ms).all()
    assert np.nanmean(result.for_means_ms) == pytest.approx(60.0, rel=0.01)


@pytest.mark.usefixtures("blind")
def test_images_that_grow_brighter_are_told(block: np.ndarray) -> None:
    images = decayed(block, SPIN_LOCK_MS)[::-1]
    result = fit_series(series_of(images, affine()), "block", register=False)
    assert any("grow brighter with the spin-lock time" in warning for warning in result.study.warnings)
    assert not result.fit.trusted[:, 45:115, 45:115].any()


@pytest.mark.usefixtures("blind")
def test_zeros_and_negative_values_are_not_fitted(block: np.ndarray) -> None:
    images = decayed(block, SPIN_LOCK_MS)
    images[2][0, 50:60, 50:60], images[1][0, 80:90, 80:90] = 0.0, -3.0
    fit = fit_series(series_of(images, affine()), "block", register=False).fit
    assert not fit.trusted[0, 50:60, 50:60].any()
    assert not fit.trusted[0, 80:90, 80:90].any()
    assert np.isnan(fit.time_ms[0, 80:90, 80:90]).all()


@pytest.mark.skipif(not can_register(), reason="needs SimpleITK")
@pytest.mark.usefixtures("blind")
def test_motion_is_taken_out_and_told(exam: Exam) -> None:
    """Without noise, so that what is left is motion."""
    still, moved = (
        [image_of(exam, sequence, artefacts=artefacts).image.array[2:3] for sequence in sequences_of("spin-lock")]
        for artefacts in (CLEAN, replace(CLEAN, moved_mm=(0.0, 3.0)))
    )
    moved = [*still[:2], moved[2], still[3]]
    affine = exam.geometry.affine
    expected = fit_series(series_of(still, affine), "still", register=False).fit
    result = fit_series(series_of(moved, affine), "moved")
    images = result.study.provenance["spin_lock"]["images"]
    assert [one["moved_pixels"] > 1.0 for one in images] == [False, False, True, False]
    assert result.study.warnings[0].startswith("image 30 had moved by 2.")
    uncorrected = fit_series(series_of(moved, affine), "moved", register=False).fit
    assert off(result.fit, expected) < 0.5 * off(uncorrected, expected)


def off(one: Fit, other: Fit) -> float:
    """How far two fits are apart, as a part of T1rho: 75th percentile, where edges count."""
    both = one.trusted & other.trusted
    return float(np.percentile(abs(one.time_ms[both] / other.time_ms[both] - 1.0), 75))


def test_an_anatomy_elsewhere_is_told_and_the_images_themselves_are_used(exam: Exam, tmp_path: Path) -> None:
    t2 = whole(image_of(exam, SEQUENCES["t2"]))
    away = t2.affine.copy()
    away[0, 3] += 200.0
    save_nifti(Volume(t2.array, away), tmp_path / "t2.nii.gz")
    images = [whole(image).array[2:3] for image in spin_locks(exam)]
    anatomy = anatomy_source(tmp_path / "t2.nii.gz")
    result = fit_series(series_of(images, exam.geometry.affine), "exam", anatomy=anatomy, register=False)
    assert result.study.warnings == (
        "t2: shows no disc where the spin-lock images lie; pass an image of the same exam; "
        "the discs were looked for on the spin-lock images",
    )
    assert result.study.provenance["discs_found_on"] == "image 2"
    assert set(NAMED) <= set(result.discs)


@pytest.mark.usefixtures("blind")
def test_an_anatomy_that_cannot_be_read_is_an_error_only_where_the_user_named_it(
    block: np.ndarray, tmp_path: Path
) -> None:
    (tmp_path / "t2.nii.gz").write_text("no image")
    damaged, series = anatomy_source(tmp_path / "t2.nii.gz"), series_of(decayed(block, SPIN_LOCK_MS), affine())
    with pytest.raises(UnreadableError, match=r"t2\.nii\.gz: is not a NIfTI file"):
        fit_series(series, "exam", anatomy=damaged, register=False)
    result = fit_series(replace(series, anatomy=damaged), "exam", register=False)
    assert any("is not a NIfTI file" in warning for warning in result.study.warnings)


def test_an_anatomy_of_several_studies_is_refused(tmp_path: Path) -> None:
    for name in "ab":
        save_nifti(Volume(np.arange(60.0).reshape(3, 4, 5), np.eye(4)), tmp_path / f"{name}.nii.gz")
    with pytest.raises(UsageError, match=r"--anatomy .* holds 2 studies"):
        anatomy_source(tmp_path)
