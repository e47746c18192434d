"""Objects of many frames, series of several stacks: each frame where it lies, and no promise of more is believed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from making_dicom import SAGITTAL, Series, enhanced, image, put, save, write
from pydicom import Dataset, FileDataset
from pydicom.sequence import Sequence

from lumbardisc.errors import InputError, UnreadableError
from lumbardisc.io import Scan, find


def load(path: Path) -> Scan:
    (source,) = find([path])
    return source.load()


def groups(dataset: Dataset) -> Sequence:
    return dataset.PerFrameFunctionalGroupsSequence


def cut_groups(dataset: FileDataset) -> None:
    dataset.PerFrameFunctionalGroupsSequence = groups(dataset)[:3]


def no_groups(dataset: FileDataset) -> None:
    del dataset.PerFrameFunctionalGroupsSequence


def bytes_for_groups(dataset: FileDataset) -> None:
    put(dataset, "PerFrameFunctionalGroupsSequence", b"nothing ", "UN")


def no_shared_groups(dataset: FileDataset) -> None:
    del dataset.SharedFunctionalGroupsSequence


def empty_groups(dataset: FileDataset) -> None:
    dataset.PerFrameFunctionalGroupsSequence = Sequence([Dataset() for _ in groups(dataset)])


def a_billion(dataset: FileDataset) -> None:
    put(dataset, "NumberOfFrames", b"1000000000")


def a_billion_and_no_groups(dataset: FileDataset) -> None:
    a_billion(dataset)
    no_groups(dataset)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (cut_groups, "promises 5 frames and describes 3; copy or export it again"),
        (no_groups, "does not say where its images lie"),
        (bytes_for_groups, "promises 5 frames and describes 1"),
        (no_shared_groups, "does not say where its images lie"),
        (empty_groups, "does not say where its images lie"),
        (a_billion, "promises 1000000000 frames and describes 5"),
        (a_billion_and_no_groups, "does not say where its images lie"),
    ],
)
def test_frames_that_are_not_described_are_refused_at_once(tmp_path, change, word):
    enhanced(Series(), tmp_path / "one.dcm", change)
    begin = time.process_time()
    with pytest.raises(InputError) as caught:
        load(tmp_path / "one.dcm")
    assert time.process_time() - begin < 2.0
    assert str(caught.value).startswith(f"{tmp_path}/one.dcm: ")
    assert word in str(caught.value)


def no_number(dataset: FileDataset) -> None:
    put(dataset, "NumberOfFrames", b"")


def one_place_lost(dataset: FileDataset) -> None:
    del groups(dataset)[0].PlanePositionSequence


def test_a_number_of_frames_that_is_missing_is_refused(tmp_path):
    enhanced(Series(), tmp_path / "one.dcm", no_number)
    with pytest.raises(UnreadableError, match="frames"):
        load(tmp_path / "one.dcm")


def test_a_frame_that_lost_its_place_is_left_out_and_told(tmp_path):
    enhanced(Series(slices=9), tmp_path / "one.dcm", one_place_lost)
    scan = load(tmp_path / "one.dcm")
    assert scan.volume.shape[0] < 9
    assert any("slices are" in warning for warning in scan.warnings)


def shifted(by: float) -> Callable[[FileDataset], None]:
    """Half of the frames that far downward, as the second station of a spine in the same object."""

    def change(dataset: FileDataset) -> None:
        for number, group in enumerate(groups(dataset)):
            place = group.PlanePositionSequence[0]
            lower = number >= len(groups(dataset)) // 2
            x = 12.0 - 4.0 * (number % (len(groups(dataset)) // 2))
            place.ImagePositionPatient = [x, -30.0, 40.0 - by * lower]
            group.FrameContentSequence = Sequence([Dataset()])
            group.FrameContentSequence[0].StackID = str(1 + lower)

    return change


def test_stations_in_one_object_are_stacks_of_their_own(tmp_path):
    """Both lie at the same places across; the lower one is lumbar."""
    enhanced(Series(slices=10), tmp_path / "one.dcm", shifted(250.0))
    scan = load(tmp_path / "one.dcm")
    assert scan.volume.shape[0] == 5
    assert scan.warnings == ()
    assert scan.volume.affine[2, 3] == pytest.approx(40.0 - 250.0)
    assert {frame.index for frame in scan.origin.frames} == {5, 6, 7, 8, 9}


def test_stations_in_one_classic_series_are_stacks_of_their_own(tmp_path):
    upper = Series()
    lower = Series(series=upper.series, origin=(12.0, -30.0, 40.0 - 250.0))
    write(tmp_path / "study" / "a", upper)
    write(tmp_path / "study" / "b", lower)
    scan = load(tmp_path / "study")
    assert scan.warnings == ()
    places = [lower.place(value) for value in scan.volume.array.ravel()]
    np.testing.assert_allclose(scan.volume.world(list(np.ndindex(scan.volume.shape))), places, atol=1e-4)


def test_slices_shifted_a_little_stay_one_stack(tmp_path):
    series = Series()
    (tmp_path / "study").mkdir()
    for index in range(series.slices):
        place = series.position(index) + np.array([0.0, 0.0, 3.0 * index])
        save(image(series, index, ImagePositionPatient=place.tolist()), tmp_path / "study" / f"{index}")
    scan = load(tmp_path / "study")
    assert scan.volume.shape[0] == 5
    assert any("shifted against each other" in warning for warning in scan.warnings)


def test_orientations_in_one_object_are_stacks_of_their_own(tmp_path):
    """A localizer's three planes, with the one that is sagittal the largest part: still a localizer."""

    def turn(dataset: FileDataset) -> None:
        for number, group in enumerate(groups(dataset)):
            orientation = SAGITTAL if number < 6 else (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
            group.PlaneOrientationSequence = Sequence([Dataset()])
            group.PlaneOrientationSequence[0].ImageOrientationPatient = list(orientation)

    enhanced(Series(slices=9), tmp_path / "one.dcm", turn)
    with pytest.raises(InputError, match="is a localizer"):
        load(tmp_path / "one.dcm")


def test_a_classic_object_of_several_frames_has_no_place(tmp_path):
    series = Series()
    dataset = image(series, 0)
    dataset.NumberOfFrames, dataset.PixelData = 2, dataset.PixelData * 2
    save(dataset, tmp_path / "one.dcm")
    with pytest.raises(InputError, match="does not say where its images lie"):
        load(tmp_path / "one.dcm")
