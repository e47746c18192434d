"""The files for 3D Slicer and ITK-SNAP, opened by other readers than ours."""

from __future__ import annotations

import re

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
import slicerio
from report_study import AS_DICOM, PLAIN, make_study

from lumbardisc import io, report
from lumbardisc.io.dicom_write import Acquisition, Subject, save_dicom
from lumbardisc.io.segments import load_segments
from lumbardisc.pipeline.study import Discs, Study
from lumbardisc.report.slicer import label_descriptions, segments_nrrd
from lumbardisc.report.structures import present
from lumbardisc.volume import AxisOrder, LabelMap, Volume

ORDERS = [PLAIN, AS_DICOM, AxisOrder((1, 2, 0), (False, True, True))]


@pytest.mark.parametrize("order", ORDERS)
def test_slicerio_finds_every_structure_with_its_name_colour_and_voxels(tmp_path, order):
    study = make_study(order=order)
    (tmp_path / "a.seg.nrrd").write_bytes(segments_nrrd(study))
    read = slicerio.read_segmentation(str(tmp_path / "a.seg.nrrd"))
    assert [one["name"] for one in read["segments"]] == [label.name for label in present(study)]
    for segment, label in zip(read["segments"], present(study), strict=True):
        assert segment["labelValue"] == label.index
        assert np.round(np.multiply(segment["color"], 255)).tolist() == list(label.color)
        assert segment["status"] == "completed"
    np.testing.assert_array_equal(read["voxels"], study.labels.array)


def test_structures_are_coded_in_slicer_s_own_terms(tmp_path):
    study = make_study()
    (tmp_path / "a.seg.nrrd").write_bytes(segments_nrrd(study))
    segments = slicerio.read_segmentation(str(tmp_path / "a.seg.nrrd"))["segments"]
    terms = next(one["terminology"] for one in segments if one["name"] == "L4/L5")
    assert terms["category"] == ["SCT", "91723000", "Anatomical Structure"]
    assert terms["type"] == ["SCT", "84020006", "L4/L5 disc"]
    assert terms["anatomicRegion"] == ["SCT", "122496007", "Lumbar spine"]


@pytest.mark.parametrize("order", ORDERS)
def test_simpleitk_puts_every_voxel_where_it_lies(tmp_path, order):
    study = make_study(order=order)
    (tmp_path / "a.seg.nrrd").write_bytes(segments_nrrd(study))
    image = sitk.ReadImage(str(tmp_path / "a.seg.nrrd"))
    indices = np.argwhere(study.labels.array)[::97]
    for index, ras in zip(indices.tolist(), study.labels.world(indices), strict=True):
        assert image.TransformIndexToPhysicalPoint(index) == pytest.approx((-ras[0], -ras[1], ras[2]), abs=1e-4)
        assert image[index] == study.labels.array[tuple(index)]


def test_a_segmentation_of_dicom_images_has_the_grid_that_itk_gives_them(tmp_path):
    array = np.random.default_rng(0).integers(1, 900, (4, 200, 170), dtype=np.uint16)
    down, backward = np.array([0.1, 0.0, -1.0]) / np.hypot(0.1, 1.0), np.array([0.0, -1.0, 0.0])
    affine = np.eye(4)
    affine[:3, :3] = np.column_stack([-4.0 * np.cross(backward, down), 0.8 * down, 0.9 * backward])
    acquisition = Acquisition(1, "t2 sag", "t2", "SE", 3000, 100, 90, 1.5, 4.0)
    save_dicom(Volume(array, affine), tmp_path / "series", Subject("A", "1", "key"), acquisition)
    (source,) = io.find([tmp_path / "series"])
    scan = source.load()
    labels = np.where(scan.volume.array > 800, 1, 0)
    study = Study("a", scan.volume, LabelMap(labels, scan.volume.affine), Discs(()), 0, {}, origin=scan.origin)
    (tmp_path / "a.seg.nrrd").write_bytes(segments_nrrd(study))
    ours = sitk.ReadImage(str(tmp_path / "a.seg.nrrd"))
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(tmp_path / "series")))
    itk = reader.Execute()
    assert ours.GetSize() == itk.GetSize()
    place = sitk.Resample(ours, itk, sitk.Transform(), sitk.sitkNearestNeighbor, 0, sitk.sitkUInt8)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(place), np.where(sitk.GetArrayFromImage(itk) > 800, 1, 0))


def test_we_read_it_again_ourselves(tmp_path):
    study = make_study()
    report.write(study, tmp_path / "out")
    again = load_segments(tmp_path / "out" / "segmentation.seg.nrrd")
    assert set(again.names.values()) == {label.name for label in present(study)}
    np.testing.assert_allclose(again.labels.affine, study.labels.affine, atol=1e-6)


def test_descriptions_as_itk_snap_reads_them():
    """Its reader passes over comments, takes seven numbers and then what stands between the first and last quote."""
    study = make_study()
    found = {}
    for line in label_descriptions(study).splitlines():
        if not line.startswith("#"):
            *numbers, name = re.fullmatch(r"\s*" + r"(\S+)\s+" * 7 + r'"(.*)"\s*', line).groups()
            found[int(numbers[0])] = (name, *map(float, numbers[1:]))
    assert found.pop(0) == ("Clear Label", 0, 0, 0, 0, 0, 0)
    assert found == {label.index: (label.name, *label.color, 1, 1, 1) for label in present(study)}


def test_itk_opens_the_label_map_with_the_same_numbers(tmp_path):
    study = make_study()
    report.write(study, tmp_path / "out")
    image = sitk.ReadImage(str(tmp_path / "out" / "segmentation.nii.gz"))
    told = {int(line.split()[0]) for line in (tmp_path / "out" / "segmentation.label").read_text().splitlines()[1:]}
    assert set(np.unique(sitk.GetArrayFromImage(image)).tolist()) == told
