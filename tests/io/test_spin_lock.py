"""A spin-lock series is read from DICOM and files, or refused with one line that says what is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import making_dicom
import nibabel
import numpy as np
import pytest
from making_dicom import T1, T2, Series
from PIL import Image

from lumbardisc.errors import GeometryError, SeriesError, UnreadableError, UsageError
from lumbardisc.io import save_nifti
from lumbardisc.io.dicom_write import Acquisition, Subject, save_dicom
from lumbardisc.io.grid import working_affine
from lumbardisc.io.spin_lock import load_spin_lock
from lumbardisc.volume import Volume

TIMES = (2.0, 15.0, 30.0, 45.0)
AFFINE = working_affine((4.0, 0.6, 0.6))


def values(time: float) -> np.ndarray:
    """A decay of T1rho 60 ms over a ramp, (5, 12, 10)."""
    return np.linspace(100.0, 900.0, 600, dtype=np.float32).reshape(5, 12, 10) * np.float32(np.exp(-time / 60.0))


def files(folder: Path, name: str = "image_{time:g}.nii.gz", times: Sequence[float] = TIMES) -> list[Path]:
    paths = [folder / name.format(time=time) for time in times]
    for path, time in zip(paths, times, strict=True):
        save_nifti(Volume(values(time), AFFINE), path)
    return paths


def study(folder: Path) -> Path:
    """The phantom's own DICOM: a T2 series and four spin-lock series of one exam, 132 mm high."""
    subject = Subject("Phantom^Seed1", "PHANTOM-0001", "lumbardisc phantom 1")
    settings = {"scanning": "SE", "flip_angle_deg": 90.0, "field_t": 1.5, "thickness_mm": 4.0}
    for number, time in enumerate((None, *TIMES), start=1):
        timing = (4000.0, 96.0) if time is None else (2000.0, 12.0)
        acquisition = Acquisition(number, "SAG", "sag", repetition_time_ms=timing[0], echo_time_ms=timing[1],
                                  spin_lock_ms=time, **settings)  # fmt: skip
        image = Volume(np.rint(values(time or 0.0)).astype(np.uint16), working_affine((4.0, 12.0, 12.0)))
        save_dicom(image, folder / f"{number}", subject, acquisition)
    return folder


def test_the_phantom_tells_its_times_and_its_anatomy_is_found(tmp_path: Path) -> None:
    read = load_spin_lock([study(tmp_path)])
    assert read.times_ms == TIMES
    assert read.times_from == 'the private element (0019,"LUMBARDISC PHANTOM",01)'
    np.testing.assert_array_equal(read.volumes[3].array, np.rint(values(45.0)))
    assert read.anatomy is not None
    anatomy = read.anatomy.load()
    assert anatomy.contrast == "t2"
    np.testing.assert_array_equal(anatomy.volume.array, np.rint(values(0.0)))


def test_dicom_files_and_folders_may_be_given_one_by_one(tmp_path: Path) -> None:
    folders = sorted(study(tmp_path).iterdir())[1:]
    assert load_spin_lock(folders[::-1]).times_ms == TIMES
    read = load_spin_lock([path for folder in folders for path in sorted(folder.iterdir())])
    assert (read.times_ms, read.anatomy) == (TIMES, None)


def test_times_by_hand_go_to_the_series_in_the_order_given(tmp_path: Path) -> None:
    for number, offset in ((1, 0), (2, 1)):
        series = Series(
            number=number, description="unknown", tags={**T1, "RescaleSlope": 1.0, "RescaleIntercept": offset}
        )
        making_dicom.write(tmp_path / f"series{number}", series)
    folders = [tmp_path / "series2", tmp_path / "series1"]
    read = load_spin_lock(folders, times=(10.0, 40.0))
    assert [int(volume.array.min()) for volume in read.volumes] == [2, 1]
    assert load_spin_lock([tmp_path], times=(10.0, 40.0)).volumes[0].array.min() == 1
    assert load_spin_lock(folders, times=(40.0, 10.0)).volumes[0].array.min() == 1


def test_times_by_hand_go_to_repeated_images_as_they_were_acquired(tmp_path: Path) -> None:
    series = Series(tags=dict(T1))
    for turn in range(3):
        for index in range(series.slices):
            dataset = making_dicom.image(series, index, RescaleSlope=1.0, RescaleIntercept=float(turn))
            dataset.InstanceNumber = turn * series.slices + index + 1
            making_dicom.save(dataset, tmp_path / f"{index}-{turn}")
    read = load_spin_lock([tmp_path], times=(1.0, 20.0, 50.0))
    assert [int(volume.array.min()) for volume in read.volumes] == [1, 2, 3]
    with pytest.raises(UsageError, match=r"--tsl gives 2 times for 3 images"):
        load_spin_lock([tmp_path], times=(1.0, 20.0))


def test_other_series_of_another_frame_of_reference_are_no_anatomy(tmp_path: Path) -> None:
    for number, time in enumerate(TIMES, start=1):
        tags = {**T1, "FrameOfReferenceUID": "1.2.3", "RescaleSlope": 1.0, "RescaleIntercept": time}
        making_dicom.write(tmp_path, Series(number=number, description=f"T1rho TSL {time:g}", tags=tags))
    making_dicom.write(tmp_path, Series(number=9, description="t2", tags={**T2, "FrameOfReferenceUID": "1.2.4"}))
    assert load_spin_lock([tmp_path]).anatomy is None


def test_repeated_times_of_series_are_refused(tmp_path: Path) -> None:
    for number, time in enumerate((2, 15, 15), start=1):
        making_dicom.write(tmp_path, Series(number=number, description=f"T1rho TSL {time}", tags=dict(T1)))
    with pytest.raises(
        SeriesError, match=r"the spin-lock time 15 ms is repeated \(series 2 .* and series 3 .*\); pass"
    ):
        load_spin_lock([tmp_path])


def test_series_of_different_size_are_refused(tmp_path: Path) -> None:
    for number, (time, rows) in enumerate(((2, 24), (15, 30)), start=1):
        making_dicom.write(tmp_path, Series(number=number, rows=rows, description=f"T1rho TSL {time}", tags=dict(T1)))
    with pytest.raises(GeometryError, match=r"differ in size \(5 x 24 x 20 and 5 x 30 x 20 voxels\)"):
        load_spin_lock([tmp_path])


def test_one_dicom_time_is_refused(tmp_path: Path) -> None:
    making_dicom.write(tmp_path, Series(description="T1rho TSL 15", tags=dict(T1)))
    with pytest.raises(SeriesError, match=r"holds images of one spin-lock time only \(15 ms"):
        load_spin_lock([tmp_path])


def test_two_studies_are_refused(tmp_path: Path) -> None:
    for number in (1, 2):
        making_dicom.write(tmp_path, Series(number=number, study=f"1.2.{number}", tags=dict(T1)))
    with pytest.raises(UsageError, match="holds 2 DICOM studies"):
        load_spin_lock([tmp_path])


@pytest.mark.parametrize("twice", ["the same file", "a copy"])
def test_the_same_image_twice_is_refused(tmp_path: Path, twice: str) -> None:
    paths = files(tmp_path)
    if twice == "a copy":
        shutil.copy(paths[1], paths[2])
    else:
        paths[2] = paths[1]
    with pytest.raises(UsageError, match=r"image_15\.nii\.gz and .* are the same image, given for 15 and 30 ms"):
        load_spin_lock(paths, times=TIMES)


def test_times_in_seconds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"the spin-lock times 0\.002, 0\.015, .* look like seconds; give ms"):
        load_spin_lock(files(tmp_path), times=[time / 1000.0 for time in TIMES])


def test_times_and_a_tag_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^--tsl and --tsl-tag 0019,1001: each tells the spin-lock times"):
        load_spin_lock([study(tmp_path)], times=TIMES, tag="0019,1001")


def test_of_an_exam_folder_the_files_whose_names_tell_times_are_taken(tmp_path: Path) -> None:
    files(tmp_path, "seed_spin-lock-{time:g}.nii.gz")
    for name in ("seed_t1.nii.gz", "seed_t2.nii.gz"):
        save_nifti(Volume(values(7.0)[:, :4], AFFINE), tmp_path / name)
    read = load_spin_lock([tmp_path])
    assert (read.times_ms, read.times_from) == (TIMES, "the file names")
    assert read.warnings == ("left out, as their names tell no spin-lock time: seed_t1.nii.gz, seed_t2.nii.gz",)


def test_of_files_given_one_by_one_none_is_left_out(tmp_path: Path) -> None:
    paths = [*files(tmp_path, "spin-lock-{time:g}.nii.gz"), *files(tmp_path, "other.nii.gz", (7.0,))]
    with pytest.raises(UsageError, match="image files tell no spin-lock times"):
        load_spin_lock(paths)


def test_files_take_the_times_in_order(tmp_path: Path) -> None:
    paths = files(tmp_path)
    read = load_spin_lock(paths, times=TIMES)
    assert (read.times_ms, read.times_from) == (TIMES, "--tsl")
    np.testing.assert_array_equal(read.volumes[2].array, values(30.0))
    shuffled = load_spin_lock([paths[3], paths[0]], times=(45.0, 2.0))
    assert shuffled.times_ms == (2.0, 45.0)
    np.testing.assert_array_equal(shuffled.volumes[0].array, values(2.0))


def test_files_of_a_folder_are_taken_as_people_count(tmp_path: Path) -> None:
    files(tmp_path)
    (tmp_path / "truth").mkdir()
    files(tmp_path / "truth")
    read = load_spin_lock([tmp_path], times=TIMES)
    assert read.names == ("image_2.nii.gz", "image_15.nii.gz", "image_30.nii.gz", "image_45.nii.gz")


def test_files_whose_names_tell_their_times_need_no_other(tmp_path: Path) -> None:
    paths = files(tmp_path, "exam_TSL{time:g}.nii.gz")
    for order in (paths, paths[::-1], [tmp_path]):
        for times in (None, TIMES):
            read = load_spin_lock(order, times=times)
            assert (read.times_ms, read.times_from) == (TIMES, "the file names")
    with pytest.raises(UsageError, match=r"--tsl gives other times than the file names \(exam_TSL2.nii.gz 2, "):
        load_spin_lock(paths, times=(1.0, 10.0, 40.0, 80.0))


def test_one_4d_file_holds_them_all(tmp_path: Path) -> None:
    stack = np.stack([values(time) for time in TIMES], axis=-1)
    nibabel.Nifti1Image(stack, AFFINE).to_filename(tmp_path / "all.nii.gz")
    read = load_spin_lock([tmp_path / "all.nii.gz"], times=TIMES)
    np.testing.assert_allclose(read.volumes[1].array, values(15.0))
    assert read.names[1] == "all.nii.gz, volume 2"


def test_pictures_need_a_spacing(tmp_path: Path) -> None:
    paths = [tmp_path / f"{time:g}.png" for time in TIMES]
    for path, time in zip(paths, TIMES, strict=True):
        Image.fromarray(np.rint(values(time)[0] / 4).astype(np.uint8)).save(path)
    read = load_spin_lock(paths, times=TIMES, spacing=(4.0, 0.6, 0.6))
    assert (read.volumes[0].shape, read.placed) == ((1, 12, 10), False)
    with pytest.raises(GeometryError, match="--spacing"):
        load_spin_lock(paths, times=TIMES)


def test_small_differences_of_headers_pass_and_the_first_grid_is_kept(tmp_path: Path) -> None:
    paths = files(tmp_path)
    shifted = AFFINE.copy()
    shifted[:3, 3] += 0.004
    save_nifti(Volume(values(15.0), shifted), paths[1])
    read = load_spin_lock(paths, times=TIMES)
    for volume in read.volumes:
        np.testing.assert_allclose(volume.affine, AFFINE, atol=1e-5)


def change(path: Path, *, array: Any = None, move: float = 0.0, scale: float = 1.0) -> None:
    affine = AFFINE @ np.diag([1.0, scale, 1.0, 1.0])
    affine[2, 3] += move
    save_nifti(Volume(values(15.0) if array is None else array, affine), path)


NEGATIVE = np.where(np.arange(600).reshape(5, 12, 10) % 2, -1.0, 1.0) * values(15.0)


@pytest.mark.parametrize(
    ("how", "error", "line"),
    [
        ({"array": values(15.0)[:, :11]}, GeometryError, r"differ in size \(5 x 12 x 10 and 5 x 11 x 10 voxels\)"),
        ({"move": 3.0}, GeometryError, r"lie in different places \(3.0 mm apart\)"),
        ({"scale": 1.2}, GeometryError, r"differ in voxel size \(4 x 0.6 x 0.6 mm and 4 x 0.72 x 0.6 mm\)"),
        ({"array": np.zeros((5, 12, 10), np.float32)}, UnreadableError, "every voxel has the same value"),
        ({"array": np.full((5, 12, 10), np.nan, np.float32)}, UnreadableError, "100% of the voxels are NaN"),
        ({"array": NEGATIVE}, UnreadableError, "50% of its values are negative; a decay is fitted to magnitude images"),
    ],
)
def test_an_image_that_does_not_belong_is_refused(
    tmp_path: Path, how: dict[str, Any], error: type[Exception], line: str
) -> None:
    paths = files(tmp_path)
    change(paths[1], **how)
    with pytest.raises(error, match=line) as raised:
        load_spin_lock(paths, times=TIMES)
    assert "image_15.nii.gz" in str(raised.value)


def test_some_negative_values_are_told(tmp_path: Path) -> None:
    paths = files(tmp_path)
    array = values(15.0)
    array[0, 0, :6] = -1.0
    change(paths[1], array=array)
    assert load_spin_lock(paths, times=TIMES).warnings == (
        "image_15.nii.gz: 1.00% of its values are negative; these voxels are not fitted",
    )


@pytest.mark.parametrize(
    ("times", "count", "line"),
    [
        (None, 4, r"image files tell no spin-lock times; give them in ms, one for each of the 4 images in order"),
        ((2.0, 15.0, 30.0), 4, r"--tsl gives 3 times for 4 images \(image_2.nii.gz, "),
        ((2.0, 15.0, 15.0, 45.0), 4, r"15 ms is repeated \(image_15.nii.gz and image_30.nii.gz\)"),
        ((2.0, 15.0, 30.0, -45.0), 4, r"-45 is no spin-lock time in ms"),
        ((2.0, 15.0, 30.0, float("nan")), 4, r"nan is no spin-lock time in ms"),
        ((2.0,), 1, r"is one image; a decay needs two spin-lock times at least"),
    ],
)
def test_times_that_cannot_be_are_refused(
    tmp_path: Path, times: tuple[float, ...] | None, count: int, line: str
) -> None:
    with pytest.raises(UsageError, match=line):
        load_spin_lock(files(tmp_path)[:count], times=times)


def test_a_tag_is_for_dicom_alone(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--tsl-tag 0019,1001: only DICOM has tags"):
        load_spin_lock(files(tmp_path), tag="0019,1001")


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("minutes")
    for path in (tmp_path, tmp_path / "notes.txt", tmp_path / "not there"):
        with pytest.raises(UnreadableError, match=str(path)):
            load_spin_lock([path])
