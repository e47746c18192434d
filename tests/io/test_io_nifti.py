"""NIfTI read and written, nibabel being the oracle."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import nibabel
import numpy as np
import pytest

from lumbardisc.errors import GeometryError, InputError, OutputError, UnreadableError
from lumbardisc.io import Scan, find, load_labels, save_nifti
from lumbardisc.volume import LabelMap, Volume

# slices of 4 mm toward the left, rows downward, columns backward, a little oblique
TURN = np.array([[0.99, 0.1, 0.0], [-0.1, 0.99, 0.0], [0.0, 0.0, 1.0]])
AXES = np.array([[0.0, 0.0, -4.0], [0.0, -0.6, 0.0], [-0.7, 0.0, 0.0]])


def affine() -> np.ndarray:
    whole = np.eye(4)
    whole[:3, :3] = TURN / np.linalg.norm(TURN, axis=0) @ AXES
    whole[:3, 3] = (30.0, 40.0, 50.0)
    return whole


def voxels(shape=(12, 10, 5), dtype=np.int16) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 900, shape).astype(dtype)


def saved(path: Path, array: np.ndarray, sform=None, qform=None) -> Path:
    image = nibabel.Nifti1Image(array, None)
    image.set_sform(sform, 0 if sform is None else 1)
    image.set_qform(qform, 0 if qform is None else 1)
    nibabel.save(image, path)
    return path


def unplaced(path: Path, array: np.ndarray, *sizes: float) -> Path:
    """With voxel sizes only; nibabel would not save that, so pixdim (byte 76) and both codes (252) are set by hand."""
    whole = bytearray(nibabel.Nifti1Image(array, np.eye(4)).to_bytes())
    struct.pack_into(f"<{len(sizes)}f", whole, 80, *sizes)
    struct.pack_into("<2h", whole, 252, 0, 0)
    path.write_bytes(whole)
    return path


def load(path: Path, **options) -> Scan:
    (source,) = find([path], **options)
    return source.load()


@pytest.mark.parametrize("name", ["scan.nii", "scan.nii.gz", "Wirbelsäule 脊柱 1.nii.gz"])
def test_voxels_and_affine_are_those_of_nibabel(tmp_path, name):
    path = saved(tmp_path / name, voxels(), affine(), affine())
    scan = load(path)
    reference = nibabel.load(path)
    assert np.array_equal(scan.volume.array, reference.get_fdata())
    np.testing.assert_allclose(scan.volume.affine, reference.affine, atol=1e-5)
    assert scan.warnings == ()
    assert scan.contrast is None
    assert scan.volume.sagittal().spacing == pytest.approx((4.0, 0.7, 0.6), rel=1e-5)


def test_either_form_alone_is_used(tmp_path):
    for forms in ({"sform": affine()}, {"qform": affine()}):
        scan = load(saved(tmp_path / "scan.nii", voxels(), **forms))
        np.testing.assert_allclose(scan.volume.affine, affine(), atol=1e-4)
        assert scan.warnings == ()


def test_forms_that_disagree_are_told_by_how_much(tmp_path):
    moved = affine()
    moved[:3, 3] += (0.0, 3.0, 4.0)
    scan = load(saved(tmp_path / "scan.nii", voxels(), affine(), moved))
    np.testing.assert_allclose(scan.volume.affine, affine(), atol=1e-5)
    assert scan.warnings == ("sform and qform disagree by up to 5.0 mm; the sform was used",)


def test_a_singular_sform_leaves_the_qform(tmp_path):
    singular = affine()
    singular[:3, 0] = singular[:3, 1]
    scan = load(saved(tmp_path / "scan.nii", voxels(), singular, affine()))
    np.testing.assert_allclose(scan.volume.affine, affine(), atol=1e-4)
    assert scan.warnings == ("the sform is singular; the qform was used",)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_singular_affine_is_refused(tmp_path, axis):
    singular = affine()
    singular[:3, axis] = 0.0
    with pytest.raises(GeometryError, match="singular"):
        load(saved(tmp_path / "scan.nii", voxels(), singular))


def test_no_form_at_all_is_told(tmp_path):
    scan = load(unplaced(tmp_path / "scan.nii", voxels((5, 10, 12)), 4, 0.6, 0.7))
    assert "no orientation" in scan.warnings[0]
    assert scan.volume.sagittal().spacing == pytest.approx((4.0, 0.7, 0.6))


def test_units_other_than_mm_are_turned_into_mm(tmp_path):
    metres = np.diag([0.001, 0.001, 0.001, 1.0]) @ affine()
    image = nibabel.Nifti1Image(voxels(), metres)
    image.header.set_xyzt_units("meter")
    nibabel.save(image, tmp_path / "scan.nii")
    np.testing.assert_allclose(load(tmp_path / "scan.nii").volume.affine, affine(), atol=1e-3)


def test_scaled_voxels_are_32_bit_floats(tmp_path):
    image = nibabel.Nifti1Image(voxels().astype(np.float64) / 7, affine())
    image.set_data_dtype(np.int16)
    nibabel.save(image, tmp_path / "scan.nii")
    array = load(tmp_path / "scan.nii").volume.array
    assert array.dtype == np.float32
    np.testing.assert_allclose(array, voxels() / 7, atol=0.01)


def test_one_volume_along_a_fourth_axis_is_that_volume(tmp_path):
    path = saved(tmp_path / "scan.nii", voxels()[..., None], affine())
    assert load(path).volume.shape == (12, 10, 5)


def test_four_dimensions_are_refused_with_their_sizes(tmp_path):
    path = saved(tmp_path / "scan.nii", voxels((12, 10, 5, 3)), affine())
    with pytest.raises(GeometryError, match="12 x 10 x 5 x 3 voxels"):
        load(path)


def test_a_2d_slice_is_one_sagittal_slice(tmp_path):
    placed = load(saved(tmp_path / "placed.nii", voxels((12, 10)), affine())).volume
    assert placed.shape == (12, 10, 1)
    assert placed.sagittal().shape == (1, 12, 10)
    bare = load(unplaced(tmp_path / "bare.nii", voxels((12, 10)), 0.7, 0.6, 0.0))
    assert bare.volume.shape == (1, 12, 10)
    assert bare.volume.sagittal().spacing == pytest.approx((4.0, 0.7, 0.6))
    assert "taken as sagittal" in bare.warnings[0]


def test_colours_and_complex_numbers_are_refused(tmp_path):
    colours = np.zeros((4, 5, 6), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    with pytest.raises(UnreadableError, match="colour"):
        load(saved(tmp_path / "colours.nii", colours, affine()))
    with pytest.raises(UnreadableError, match="complex"):
        load(saved(tmp_path / "complex.nii", voxels().astype(np.complex64), affine()))


def test_few_nan_are_replaced_many_are_refused(tmp_path):
    array = voxels(dtype=np.float32) + 5
    array[0, 0, 0], array[1, 1, 1] = np.nan, np.inf
    scan = load(saved(tmp_path / "few.nii", array, affine()))
    assert scan.volume.array[0, 0, 0] == scan.volume.array[1, 1, 1] == array[np.isfinite(array)].min()
    assert scan.warnings[0].startswith("2 voxels were NaN")
    array[:2] = np.nan
    with pytest.raises(UnreadableError, match=r"17% of the voxels are NaN"):
        load(saved(tmp_path / "many.nii", array, affine()))
    array[:] = np.nan
    with pytest.raises(UnreadableError, match="100%"):
        load(saved(tmp_path / "all.nii", array, affine()))


def test_constant_image_is_refused(tmp_path):
    with pytest.raises(UnreadableError, match=r"same value \(7\)"):
        load(saved(tmp_path / "scan.nii", np.full((5, 6, 7), 7, np.int16), affine()))


@pytest.mark.parametrize("cut", [2, 200, 400, 600])
@pytest.mark.parametrize("name", ["scan.nii", "scan.nii.gz"])
def test_truncated_files_are_one_clear_line(tmp_path, name, cut):
    path = saved(tmp_path / name, voxels(), affine())
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(UnreadableError) as caught:
        load(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"this is not an image\n" * 40, b"", gzip.compress(b"nor is this"), bytes(1000)])
def test_not_an_image_whatever_its_name(tmp_path, content):
    path = tmp_path / "scan.nii.gz"
    path.write_bytes(content)
    with pytest.raises(UnreadableError, match=r"scan\.nii\.gz: (is not a NIfTI|is empty)"):
        load(path)


def test_thick_axial_and_coronal_stacks_are_refused_thin_ones_are_not(tmp_path):
    for plane, sizes in {"axial": (0.5, 0.5, 4.0), "coronal": (0.5, 4.0, 0.5)}.items():
        path = saved(tmp_path / "scan.nii", voxels(), np.diag([*sizes, 1.0]))
        with pytest.raises(GeometryError, match=f"is {plane}"):
            load(path)
    thin = load(saved(tmp_path / "thin.nii", voxels(), np.diag([1.0, 1.0, 1.5, 1.0])))
    assert thin.volume.sagittal().shape == (12, 5, 10)


def test_a_single_axial_slice_is_refused(tmp_path):
    with pytest.raises(GeometryError, match=r"axial \(one slice\)"):
        load(saved(tmp_path / "scan.nii", voxels((12, 10, 1)), np.diag([0.5, 0.5, 1.0, 1.0])))


@pytest.mark.parametrize("size", [0.01, 30.0])
def test_absurd_voxels_are_refused(tmp_path, size):
    with pytest.raises(GeometryError, match="is not one of a spine MR"):
        load(saved(tmp_path / "scan.nii", voxels(), np.diag([4.0, size, size, 1.0])))


@pytest.mark.parametrize("shape", [(1, 50, 50), (400, 20, 20), (2, 2048, 2048)])
def test_small_large_few_and_many(tmp_path, shape):
    path = saved(tmp_path / "scan.nii", voxels(shape), np.diag([4.0, 0.5, 0.5, 1.0]))
    assert load(path).volume.shape == shape


def test_spacing_option_wins_and_says_so(tmp_path):
    path = saved(tmp_path / "scan.nii", voxels(), affine(), affine())
    scan = load(path, spacing=(5.0, 0.7, 0.8))
    assert scan.volume.sagittal().spacing == pytest.approx((5.0, 0.7, 0.8))
    np.testing.assert_allclose(scan.volume.affine[:3, 3], affine()[:3, 3], atol=1e-4)
    assert scan.warnings == ("--spacing 5 x 0.7 x 0.8 mm took the place of the file's own 4 x 0.7 x 0.6 mm",)
    assert load(path, spacing=(4.0, 0.7, 0.6)).warnings == ()


def test_labels_come_back_as_they_were_saved(tmp_path):
    labels = np.zeros((12, 10, 5), np.int64)
    labels[2:4], labels[6], labels[8] = 1, 101, 200
    save_nifti(LabelMap(labels, affine()), tmp_path / "labels.nii.gz")
    back = load_labels(tmp_path / "labels.nii.gz")
    assert back.present == (1, 101, 200)
    assert np.array_equal(back.array, labels)
    image = nibabel.load(tmp_path / "labels.nii.gz")
    assert image.get_data_dtype() == np.int16
    assert (image.header["sform_code"], image.header["qform_code"]) == (1, 1)
    np.testing.assert_allclose(image.get_qform(), affine(), atol=1e-4)
    np.testing.assert_allclose(image.get_sform(), affine(), atol=1e-4)
    assert image.header.get_xyzt_units()[0] == "mm"


def test_images_keep_their_type(tmp_path):
    for kind, expected in ((np.uint16, np.uint16), (np.float32, np.float32), (np.float64, np.float32)):
        save_nifti(Volume(voxels(dtype=kind), affine()), tmp_path / "image.nii")
        image = nibabel.load(tmp_path / "image.nii")
        assert image.get_data_dtype() == expected
        assert np.array_equal(image.get_fdata(), voxels())


def test_labels_that_are_an_image_are_refused(tmp_path):
    with pytest.raises(InputError, match="no whole numbers"):
        load_labels(saved(tmp_path / "scan.nii", voxels(dtype=np.float32) / 7, affine()))


def test_a_folder_that_is_not_there_cannot_be_written_to(tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        save_nifti(Volume(voxels(), affine()), tmp_path / "absent" / "image.nii")


def test_a_full_disk_leaves_nothing_half_written(tmp_path, monkeypatch):
    def full(path, _):
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left"):
        save_nifti(Volume(voxels(), affine()), tmp_path / "image.nii")
    assert list(tmp_path.iterdir()) == []
