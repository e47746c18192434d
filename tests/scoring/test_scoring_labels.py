"""What the numbers of both sides mean, and grids: which are one, which are put on one, which are refused."""

from __future__ import annotations

import math
import struct
from pathlib import Path

import nibabel
import numpy as np
import pytest
from label_maps import SPACING, renumbered, save, spine

from lumbardisc import io
from lumbardisc.errors import GeometryError, InputError, UsageError
from lumbardisc.io.grid import working_affine
from lumbardisc.scoring.files import Pair
from lumbardisc.scoring.labels import Conventions, choose, load
from lumbardisc.volume import LabelMap

OURS = Conventions("lumbardisc", "lumbardisc")
SPIDER = {**{count: 200 + count for count in range(1, 6)}, **{100 + count: count for count in range(1, 6)}, 200: 100}


@pytest.fixture
def files(tmp_path: Path) -> Pair:
    return Pair("1", save(spine(), tmp_path / "t" / "1.nii.gz"), save(spine(), tmp_path / "p" / "1.nii.gz"))


def spider_truth(pair: Pair) -> Pair:
    save(renumbered(spine(), SPIDER), pair.truth)
    return pair


def test_numbers_tell_the_convention_of_each_side(files: Pair) -> None:
    assert choose([files]) == OURS
    assert choose([spider_truth(files)]) == Conventions("lumbardisc", "spider")


def test_what_is_asked_for_holds_where_the_numbers_do_not_say_otherwise(files: Pair) -> None:
    assert choose([spider_truth(files)], "spider") == Conventions("lumbardisc", "spider")
    save(renumbered(spine(), {5: 1, 101: 2, 200: 3, 100: 4, 105: 5}), files.truth)  # classes, not five discs
    assert choose([files], "merged:1") == Conventions("lumbardisc", "merged:1")
    save((spine(bones=False) > 0).astype(np.int16), files.truth)
    assert choose([files], "merged:1") == Conventions("lumbardisc", "merged:1")
    assert choose([files], "merged:1", "merged:2") == Conventions("merged:2", "merged:1")


def test_what_may_be_several_things_is_asked_for(files: Pair) -> None:
    save(spine(3, bones=False), files.truth)
    with pytest.raises(UsageError, match=r"numbers 1, 2 and 3 do not tell what they stand for; say --labels"):
        choose([files])
    with pytest.raises(UsageError, match="of no convention that is known"):
        choose([files], "nnunet")


def test_both_sides_come_with_our_numbers(files: Pair) -> None:
    maps = load(spider_truth(files), Conventions("lumbardisc", "spider"))
    np.testing.assert_array_equal(np.where(maps.truth < 100, maps.truth, 0), spine(bones=False))
    assert not ((maps.predicted > 100) & (maps.predicted < 200)).any()  # SPIDER's vertebrae have arches, ours none
    assert maps.spacing == pytest.approx(SPACING)


def test_the_order_in_which_a_file_keeps_its_axes_does_not_matter(files: Pair, tmp_path: Path) -> None:
    turned = nibabel.as_closest_canonical(nibabel.load(files.truth))
    path = tmp_path / "turned.nii.gz"
    nibabel.save(turned, path)
    assert turned.shape != spine().shape
    np.testing.assert_array_equal(load(Pair("1", path, files.predicted), OURS).truth, spine())


def test_another_grid_is_refused_or_resampled(files: Pair, tmp_path: Path) -> None:
    half = save(spine().repeat(2, axis=1), tmp_path / "fine.nii.gz", (4.0, 0.5, 1.0))
    pair = Pair("1", files.truth, half)
    with pytest.raises(InputError, match=r"another grid .*7 x 240 x 60 and 7 x 120 x 60 voxels.*--resample"):
        load(pair, OURS)
    assert (load(pair, OURS, resample=True).predicted == spine()).mean() > 0.97  # half a voxel lies between the grids


def test_the_same_size_elsewhere_is_another_grid(files: Pair, tmp_path: Path) -> None:
    away = working_affine(SPACING)
    away[2, 3] -= 3.0
    path = tmp_path / "away.nii.gz"
    io.save_nifti(LabelMap(spine(), away), path)
    with pytest.raises(InputError, match=r"up to 3\.0 voxels apart"):
        load(Pair("1", files.truth, path), OURS)
    moved = load(Pair("1", files.truth, path), OURS, resample=True).predicted
    np.testing.assert_array_equal(moved[:, 3:], spine()[:, :-3])


def test_an_empty_truth_is_one_line(files: Pair) -> None:
    save(np.zeros_like(spine()), files.truth)
    with pytest.raises(InputError, match=r"holds no disc, as lumbardisc numbers them \(labels there: none\)"):
        load(files, OURS)


def test_labels_that_do_not_exist_are_one_line(files: Pair) -> None:
    save(renumbered(spine(), {1: 777, 2: 778}), files.truth)
    with pytest.raises(InputError, match=r"labels there: 777, 778"):
        load(files, OURS)


def test_bad_files_are_one_line_that_names_them(files: Pair, tmp_path: Path) -> None:
    path = tmp_path / "bad.nii.gz"
    nibabel.save(nibabel.Nifti1Image(np.zeros((4, 5, 6, 3), dtype=np.int16), np.eye(4)), path)
    with pytest.raises(InputError, match=r"bad\.nii\.gz"):
        load(Pair("1", files.truth, path), OURS)
    whole = bytearray(nibabel.Nifti1Image(spine(), working_affine(SPACING)).to_bytes())
    whole[252:256] = struct.pack("<hh", 0, 1)  # no qform, and an sform
    whole[280:296] = struct.pack("<4f", *[math.nan] * 4)  # whose first row is NaN
    path.with_suffix("").write_bytes(whole)
    with pytest.raises(GeometryError, match=r"bad\.nii.*affine"):
        load(Pair("1", files.truth, path.with_suffix("")), OURS)


def test_without_a_prediction_there_is_an_empty_one(files: Pair) -> None:
    assert not load(Pair("1", files.truth, None), OURS).predicted.any()
