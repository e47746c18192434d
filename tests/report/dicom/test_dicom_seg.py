"""The DICOM segmentation lands voxel for voxel on its source: by highdicom, by SimpleITK, and by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import highdicom
import numpy as np
import pytest
import SimpleITK
from acquired import CLASSIC, ENHANCED, study_of
from pydicom import Dataset, dcmread
from pydicom.sr.codedict import codes
from real_tools import errors, told, tool

from lumbardisc import levels
from lumbardisc.pipeline.study import Study
from lumbardisc.report.codes import anatomy
from lumbardisc.report.dicom.seg import segmentation
from lumbardisc.report.dicom.source import References, reference_images
from lumbardisc.volume import LabelMap

GEOMETRIES = {**CLASSIC, **ENHANCED}
# highdicom reads frames of one multi-frame source only; those of several are read by hand below
OF_HIGHDICOM = [name for name in GEOMETRIES if name != "one object each"]


@dataclass(frozen=True)
class Case:
    """A study, and its segmentation on disk."""

    study: Study
    references: References
    images: Path
    path: Path

    def labels(self) -> list[int]:
        """Label number of each segment."""
        by_name = {label.name: label.index for label in levels.table()}
        return [by_name[segment.SegmentLabel] for segment in dcmread(self.path).SegmentSequence]


def written(study: Study, images: Path, folder: Path, identified: bool = False) -> Case:
    references = reference_images(study, identified)
    made = segmentation(study, references)
    assert made is not None
    made.save_as(folder / "segmentation.dcm", enforce_file_format=True)
    return Case(study, references, images, folder / "segmentation.dcm")


@pytest.fixture(scope="module", params=GEOMETRIES)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Each geometry once."""
    folder = tmp_path_factory.mktemp("case")
    images = GEOMETRIES[request.param](folder / "images")
    return written(study_of(images), images, folder)


def frames(path: Path) -> Iterator[tuple[int, Dataset, np.ndarray]]:
    """(segment number, functional groups, pixels) of each frame; bits are taken apart here (PS3.5 8.1.1)."""
    dataset = dcmread(path)
    rows, columns, count = dataset.Rows, dataset.Columns, int(dataset.NumberOfFrames)
    bits = np.unpackbits(np.frombuffer(dataset.PixelData, np.uint8), bitorder="little")[: rows * columns * count]
    for group, pixels in zip(
        dataset.PerFrameFunctionalGroupsSequence, bits.reshape(count, rows, columns).astype(bool), strict=True
    ):
        yield int(group.SegmentIdentificationSequence[0].ReferencedSegmentNumber), group, pixels


def source_of(group: Dataset) -> Dataset:
    """The one image that a frame refers to."""
    (derivation,) = group.DerivationImageSequence
    (source,) = derivation.SourceImageSequence
    return source


def test_it_is_valid(case: Case) -> None:
    assert errors(case.path) == []


def test_dcmtk_reads_it(case: Case, tmp_path: Path) -> None:
    said = told(tool("dcmdump"), case.path)
    assert said.count("SegmentLabel") == len(case.labels())
    told(tool("dcm2pnm"), "--write-png", case.path, tmp_path / "frame.png")


@pytest.mark.parametrize("case", OF_HIGHDICOM, indirect=True)
def test_highdicom_gives_back_every_label(case: Case) -> None:
    back = highdicom.seg.segread(case.path)
    numbers = np.zeros(case.references.labels.shape, int)
    for index, reference in enumerate(case.references.frames):
        how = {"combine_segments": True, "skip_overlap_checks": True, "assert_missing_frames_are_empty": True}
        if reference.frame is None:
            plane = back.get_pixels_by_source_instance([reference.instance], **how)
        else:
            plane = back.get_pixels_by_source_frame(reference.instance, [reference.frame], **how)
        numbers[index] = plane[0]
    np.testing.assert_array_equal(np.array([0, *case.labels()])[numbers], case.study.labels.array)


def test_each_frame_refers_to_the_image_whose_pixels_it_marks(case: Case) -> None:
    """Values of a source occur once, so those under a segment tell its voxels, whatever the order of slices."""
    source = {dataset.SOPInstanceUID: dataset for dataset in map(dcmread, dicom_files(case))}
    marked: dict[int, list[np.ndarray]] = {}
    for number, group, pixels in frames(case.path):
        reference = source_of(group)
        image = source[reference.ReferencedSOPInstanceUID]
        assert reference.ReferencedSOPClassUID == image.SOPClassUID
        stored = image.pixel_array.reshape(-1, *pixels.shape)[int(reference.get("ReferencedFrameNumber", 1)) - 1]
        marked.setdefault(number, []).append(stored[pixels])
    scale = 2 if "NumberOfFrames" in next(iter(source.values())) else 1  # the rescale slope of the enhanced objects
    for number, label in enumerate(case.labels(), start=1):
        expected = case.study.image.array[case.study.labels.array == label]
        np.testing.assert_array_equal(np.sort(np.concatenate(marked[number])) * scale, np.sort(expected))


def dicom_files(case: Case) -> list[Path]:
    """The files behind a case; those in a zip lie in a folder beside it too."""
    where = case.images.with_name("series") if case.images.suffix == ".zip" else case.images
    return sorted(where.iterdir()) if where.is_dir() else [where]


def test_places_are_those_of_the_source_to_the_last_digit(case: Case) -> None:
    source = {dataset.SOPInstanceUID: dataset for dataset in map(dcmread, dicom_files(case))}
    shared = dcmread(case.path).SharedFunctionalGroupsSequence[0]
    for _, group, _ in frames(case.path):
        reference = source_of(group)
        image = source[reference.ReferencedSOPInstanceUID]
        frame = int(reference.get("ReferencedFrameNumber", 1)) - 1
        theirs = image
        orientation = pixel = image
        if "PerFrameFunctionalGroupsSequence" in image:
            theirs = image.PerFrameFunctionalGroupsSequence[frame].PlanePositionSequence[0]
            orientation = image.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence[0]
            pixel = image.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
        ours = group.PlanePositionSequence[0]
        assert ours.ImagePositionPatient == theirs.ImagePositionPatient
        cosines = shared.PlaneOrientationSequence[0].ImageOrientationPatient
        assert cosines == orientation.ImageOrientationPatient
        assert shared.PixelMeasuresSequence[0].PixelSpacing == pixel.PixelSpacing
        assert shared.PixelMeasuresSequence[0].SliceThickness == abs(pixel.SliceThickness)


@pytest.mark.parametrize("name", ["sagittal", "oblique", "reversed", "flipped", "non-square"])
def test_it_lies_where_simpleitk_has_the_series(name: str, tmp_path: Path) -> None:
    """As readers of SEG do: each frame is placed by its own header, and the source is read by GDCM."""
    images = CLASSIC[name](tmp_path)
    case = written(study_of(images, seed=1), images, tmp_path)
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(images)))
    image = reader.Execute()
    measures = dcmread(case.path).SharedFunctionalGroupsSequence[0]
    cosines = np.array(measures.PlaneOrientationSequence[0].ImageOrientationPatient, float).reshape(2, 3)
    down, along = (float(size) for size in measures.PixelMeasuresSequence[0].PixelSpacing)
    marked: dict[int, list[int]] = {}
    for number, group, pixels in frames(case.path):
        corner = np.array(group.PlanePositionSequence[0].ImagePositionPatient, float)
        for row, column in np.argwhere(pixels):
            point = corner + column * along * cosines[0] + row * down * cosines[1]
            index = np.array(image.TransformPhysicalPointToContinuousIndex(point.tolist()))
            assert abs(index - index.round()).max() < 1e-3
            marked.setdefault(number, []).append(image[index.round().astype(int).tolist()])
    for number, label in enumerate(case.labels(), start=1):
        expected = case.study.image.array[case.study.labels.array == label]
        np.testing.assert_array_equal(np.sort(marked[number]), np.sort(expected))


def test_one_coded_and_coloured_segment_for_each_structure(case: Case) -> None:
    assert case.labels() == list(case.study.labels.present)
    dataset = dcmread(case.path)
    for number, (segment, index) in enumerate(zip(dataset.SegmentSequence, case.labels(), strict=True), start=1):
        label = next(label for label in levels.table() if label.index == index)
        assert segment.SegmentNumber == number
        assert segment.SegmentAlgorithmType == "AUTOMATIC"
        assert segment.SegmentedPropertyTypeCodeSequence[0].CodeValue == anatomy(index).type.value
        assert segment.SegmentedPropertyCategoryCodeSequence[0].CodeValue == codes.SCT.AnatomicalStructure.value
        assert segment.AnatomicRegionSequence[0].CodeMeaning == anatomy(index).region.meaning
        color = highdicom.color.CIELabColor.from_dicom_value(segment.RecommendedDisplayCIELabValue)
        np.testing.assert_allclose(color.to_rgb(), label.color, atol=1)


def test_it_stands_in_the_source_s_study_and_frame_of_reference(case: Case) -> None:
    dataset, source = dcmread(case.path), dcmread(dicom_files(case)[0])
    assert dataset.StudyInstanceUID == source.StudyInstanceUID
    assert dataset.FrameOfReferenceUID == source.FrameOfReferenceUID
    assert dataset.SeriesInstanceUID != source.SeriesInstanceUID
    (series,) = dataset.ReferencedSeriesSequence
    assert series.SeriesInstanceUID == source.SeriesInstanceUID
    used = {reference.instance for reference in case.references.frames}
    assert {one.ReferencedSOPInstanceUID for one in series.ReferencedInstanceSequence} == used
    assert {one.ReferencedSOPInstanceUID for one in dataset.SourceImageSequence} == used


def test_it_says_what_made_it(case: Case) -> None:
    dataset = dcmread(case.path)
    assert (dataset.Manufacturer, dataset.SoftwareVersions) == ("lumbardisc", "0.1.0")
    (made_by,) = dataset.SegmentSequence[0].SegmentationAlgorithmIdentificationSequence
    assert (made_by.AlgorithmName, made_by.AlgorithmVersion) == ("lumbardisc", "0.1.0")
    assert made_by.AlgorithmFamilyCodeSequence[0].CodeMeaning == "Artificial Intelligence"
    assert f"segmentation weights SHA-256={'ab' * 32}" in made_by.AlgorithmParameters


def test_a_second_run_tracks_the_same_structures_in_a_new_object(tmp_path: Path) -> None:
    images = CLASSIC["sagittal"](tmp_path)
    one, other = (segmentation(study, reference_images(study, False)) for study in [study_of(images)] * 2)
    assert one is not None
    assert other is not None
    assert one.SOPInstanceUID != other.SOPInstanceUID
    tracked = [[segment.TrackingUID for segment in made.SegmentSequence] for made in (one, other)]
    assert tracked[0] == tracked[1]
    assert len(set(tracked[0])) == len(tracked[0])


def test_without_a_structure_there_is_no_segmentation(tmp_path: Path) -> None:
    study = study_of(CLASSIC["single"](tmp_path))
    nothing = LabelMap(np.zeros_like(study.labels.array), study.labels.affine)
    empty = Study("x", study.image, nothing, study.discs, 0, {}, origin=study.origin)
    assert segmentation(empty, reference_images(empty, False)) is None
