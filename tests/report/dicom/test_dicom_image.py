"""image.dcm and what refers to it: an input that is no DICOM lies where it lay, its values as they were."""

from __future__ import annotations

import json
from pathlib import Path

import highdicom
import numpy as np
import pytest
import SimpleITK
from acquired import labelled
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from real_tools import errors, told, tool

from lumbardisc.errors import GeometryError
from lumbardisc.io import save_nifti
from lumbardisc.pipeline.study import Study
from lumbardisc.report import Wanted, write
from lumbardisc.report.dicom.image import made_image
from lumbardisc.report.dicom.seg import segmentation
from lumbardisc.volume import Volume

# columns, rows, slices of a NIfTI file: x to the left, y upward, z backward ... and turned out of all planes
TURN = np.linalg.qr(np.array([[0.9, 0.2, 0.1], [-0.1, 1.0, 0.3], [0.2, -0.2, 1.1]]))[0]
AFFINES = {
    "working order": np.array([[4.0, 0, 0, -8], [0, 0, -0.7, 70], [0, -0.9, 0, 60], [0, 0, 0, 1]]),
    "RAS file": np.array([[4.0, 0, 0, -8], [0, 0.7, 0, -70], [0, 0, 0.9, -60], [0, 0, 0, 1]]),
    "LPI oblique": np.vstack([np.column_stack([-TURN * [4.0, 0.7, 0.9], [9.0, 50.0, -30.0]]), [0, 0, 0, 1]]),
    "slices shifted": np.array([[4.0, 0, 0, -8], [0.5, 0, -0.7, 70], [0.4, -0.9, 0, 60], [0, 0, 0, 1]]),
}


def volume(affine: np.ndarray, shape: tuple[int, int, int] = (4, 20, 26)) -> Volume:
    """Every voxel has a value of its own."""
    return Volume(np.arange(np.prod(shape)).reshape(shape).astype(np.int16) - 300, affine)


def written(study: Study, folder: Path) -> tuple[Path, Path]:
    references = made_image(study)
    made = segmentation(study, references)
    assert references.made is not None
    assert made is not None
    references.made.save_as(folder / "image.dcm", enforce_file_format=True)
    made.save_as(folder / "segmentation.dcm", enforce_file_format=True)
    return folder / "image.dcm", folder / "segmentation.dcm"


@pytest.mark.parametrize("name", AFFINES)
def test_both_are_valid(name: str, tmp_path: Path) -> None:
    for path in written(labelled(volume(AFFINES[name])), tmp_path):
        assert errors(path) == []
        told(tool("dcmdump"), path)


@pytest.mark.parametrize("name", ["working order", "RAS file", "LPI oblique"])
def test_simpleitk_has_it_where_the_nifti_file_has_it(name: str, tmp_path: Path) -> None:
    """GDCM reads one, ITK's NIfTI reader the other; a voxel of either lies on one of the same value in the other."""
    study = labelled(volume(AFFINES[name]))
    path, _ = written(study, tmp_path)
    save_nifti(study.image, tmp_path / "image.nii")
    ours, theirs = SimpleITK.ReadImage(str(path)), SimpleITK.ReadImage(str(tmp_path / "image.nii"))
    for index in np.ndindex(*theirs.GetSize()):
        point = theirs.TransformIndexToPhysicalPoint([int(i) for i in index])
        there = np.array(ours.TransformPhysicalPointToContinuousIndex(point))
        assert abs(there - there.round()).max() < 1e-3
        assert ours[there.round().astype(int).tolist()] == theirs[[int(i) for i in index]]


@pytest.mark.parametrize("name", AFFINES)
def test_each_frame_tells_where_its_first_pixel_lies(name: str, tmp_path: Path) -> None:
    study = labelled(volume(AFFINES[name]))
    path, _ = written(study, tmp_path)
    made = dcmread(path)
    shared = made.SharedFunctionalGroupsSequence[0]
    cosines = np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float).reshape(2, 3)
    down, along = map(float, shared.PixelMeasuresSequence[0].PixelSpacing)
    across = abs(np.linalg.det(study.image.affine[:3, :3])) / (down * along)
    assert float(shared.PixelMeasuresSequence[0].SpacingBetweenSlices) == pytest.approx(across)
    scale = shared.PixelValueTransformationSequence[0]
    values = made.pixel_array * float(scale.RescaleSlope) + float(scale.RescaleIntercept)
    for group, pixels in zip(made.PerFrameFunctionalGroupsSequence, values, strict=True):
        corner = np.array(group.PlanePositionSequence[0].ImagePositionPatient, float)
        row, column = 7, 3
        lps = corner + column * along * cosines[0] + row * down * cosines[1]
        index = study.image.indices(lps * [-1, -1, 1])
        np.testing.assert_allclose(index, index.round(), atol=1e-3)
        assert study.image.array[tuple(index.round().astype(int))] == pixels[row, column]


def test_the_segmentation_refers_to_its_frames(tmp_path: Path) -> None:
    study = labelled(volume(AFFINES["LPI oblique"]))
    path, segments = written(study, tmp_path)
    image, back = dcmread(path), highdicom.seg.segread(segments)
    frames = list(range(1, int(image.NumberOfFrames) + 1))
    numbers = back.get_pixels_by_source_frame(
        image.SOPInstanceUID, frames, combine_segments=True, assert_missing_frames_are_empty=True
    )
    labels = np.array([0, *study.labels.present])[numbers]
    np.testing.assert_array_equal(labels, study.labels.sagittal().array)
    assert back.FrameOfReferenceUID == image.FrameOfReferenceUID
    assert back.StudyInstanceUID == image.StudyInstanceUID


@settings(deadline=None, max_examples=25)
@given(
    low=st.floats(-1e6, 1e6),
    width=st.floats(1e-6, 1e6),
    kind=st.sampled_from([np.float32, np.float64, np.int16, np.uint8, np.int32]),
)
def test_values_survive_as_well_as_16_bits_allow(low: float, width: float, kind: type) -> None:
    if np.issubdtype(kind, np.integer):
        limits = np.iinfo(kind)
        values = np.linspace(max(low, limits.min), min(low + width, limits.max), 60)
    else:
        values = np.linspace(low, low + width, 60)
    array = values.astype(kind).reshape(3, 4, 5)
    made = made_image(labelled(Volume(array, AFFINES["working order"]))).made
    assert made is not None
    scale = made.SharedFunctionalGroupsSequence[0].PixelValueTransformationSequence[0]
    stored = np.frombuffer(made.PixelData, "<u2").reshape(array.shape)
    back = stored * float(scale.RescaleSlope) + float(scale.RescaleIntercept)
    span = float(array.max()) - float(array.min())
    whole = np.issubdtype(kind, np.integer) and span <= 65535
    # half a step, and what the 16 characters of a decimal string cannot say
    assert abs(back - array.astype(float)).max() <= (0.0 if whole else 0.51 * span / 65535 + 1e-7 * abs(low))


def test_the_same_input_makes_the_same_study_and_another_image() -> None:
    study = labelled(volume(AFFINES["RAS file"]), provenance={"input": {"sha256": "12" * 32}})
    one, other = made_image(study), made_image(study)
    assert one.study_uid == other.study_uid
    assert one.images[0].FrameOfReferenceUID == other.images[0].FrameOfReferenceUID
    assert one.frames[0].instance != other.frames[0].instance


def test_the_user_is_told(tmp_path: Path) -> None:
    write(labelled(volume(AFFINES["working order"])), tmp_path / "out", Wanted(dicom=True))
    assert (tmp_path / "out" / "image.dcm").exists()
    assert "image.dcm" in json.loads((tmp_path / "out" / "result.json").read_text())["warnings"][0]


def test_rows_and_columns_that_are_not_square_to_each_other_are_refused() -> None:
    sheared = AFFINES["working order"].copy()
    sheared[:3, 2] += [0, 0, 0.2]
    with pytest.raises(GeometryError, match=r"right angles.*--dicom"):
        made_image(labelled(volume(sheared)))
