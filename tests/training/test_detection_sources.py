"""Readers of disc boxes, and names that the segmentation's boxes get from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")

from lumbardisc.errors import InputError
from lumbardisc.inference.segmentation import Segmenter
from lumbardisc.phantom import write_phantom
from lumbardisc.training.detection import boxed_slices as module
from lumbardisc.training.detection.boxed_slices import Unusable, boxed_slices, usable
from lumbardisc.training.detection.boxes import BoxedSlice
from lumbardisc.training.detection.kept import read_slices, write_slices
from lumbardisc.training.detection.sources import SOURCES, BoxedCase
from lumbardisc.training.detection.sources.bodies import gaps
from lumbardisc.training.kept import files_of, key_of_folders

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phantom")
    write_phantom(folder, seed=1, sequence="t2", format="nifti", matrix=256, slices=7)
    return folder


def test_spider_boxes_are_drawn_in_to_the_discs(tmp_path: Path) -> None:
    (tmp_path / "midsagittal").mkdir()
    Image.fromarray(np.zeros((60, 50), dtype=np.uint8)).save(tmp_path / "midsagittal" / "9_t1.png")
    (tmp_path / "disc_boxes.csv").write_text("series,disc_from_bottom,x,y,w,h\n9_t1,1,5,20,40,30\n")
    header = "series,patient,sequence,slice_thickness_mm,row_spacing_mm,col_spacing_mm\n"
    (tmp_path / "series.csv").write_text(header + "9_t1,9,t1,4,0.6,0.5\n")
    (case,) = SOURCES["spider_midsagittal"](tmp_path)
    assert case.boxes == {0: {1: (15.0, 30.0, 35.0, 40.0)}}
    assert (case.patient, case.contrast, case.spacing, case.whole) == ("9", "t1", (4.0, 0.6, 0.5), True)


def test_a_disc_lies_between_two_bodies() -> None:
    bodies = {count: np.zeros((60, 40), dtype=bool) for count in (0, 1, 3)}
    bodies[0][40:52, 8:24] = bodies[1][22:34, 8:24] = bodies[3][2:10, 8:24] = True
    assert gaps(bodies, 1.0) == {1: (8.0, 34.0, 24.0, 40.0)}  # L4 is not there, so nothing is known of its discs


def test_what_lies_beside_the_waist_of_the_bodies_is_not_in_a_box_between_them() -> None:
    bodies = np.zeros((2, 80, 60), dtype=bool)
    for body, top in zip(bodies, (45, 5), strict=True):
        body[top : top + 30, 12:48] = True
        body[top + 3 : top + 27, [12, 13, 46, 47]] = False
    assert gaps(dict(enumerate(bodies)), pixel_mm=0.6) == {1: (12.0, 35.0, 48.0, 45.0)}


def test_label_maps_tell_the_boxes_of_every_slice_near_the_middle(phantom: Path) -> None:
    (case,) = SOURCES["masks"](phantom)
    slices = list(usable(iter([case]), None, []))  # type: ignore[arg-type]  # whole cases need no segmentation
    assert 3 <= len(slices) <= 5
    assert {1, 2, 3, 4, 5} <= set(slices[1].boxes)
    lower, upper = slices[1].boxes[1], slices[1].boxes[2]
    assert lower[1] > upper[1]


def test_a_folder_without_label_maps_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no label map"):
        list(SOURCES["masks"](tmp_path))


def _case(phantom: Path, whole: bool, shift: int, known: bool = True) -> BoxedCase:
    """The middle slice of the phantom; its true boxes may count otherwise."""
    (case,) = SOURCES["masks"](phantom)
    middle = len(case.image) // 2
    boxes = {label + shift: box for label, box in case.boxes[middle].items()} if known else {}
    return BoxedCase("x", "1", "1", "t2", case.image[middle : middle + 1], case.spacing, {0: boxes}, whole)


def test_boxes_that_are_not_whole_only_name_what_the_segmentation_sees(phantom: Path) -> None:
    (one,) = boxed_slices(_case(phantom, whole=False, shift=1), Segmenter())
    assert min(one.boxes) == 2
    (case,) = SOURCES["masks"](phantom)
    true = case.boxes[len(case.image) // 2]
    assert all(module.overlap(one.boxes[label + 1], true[label]) > 0.6 for label in (2, 3, 4))


def test_without_any_boxes_the_segmentation_names_them(phantom: Path) -> None:
    (one,) = boxed_slices(_case(phantom, whole=False, shift=0, known=False), Segmenter())
    assert {1, 2, 3, 4, 5} <= set(one.boxes)


def test_boxes_that_count_otherwise_than_what_is_seen_are_left_out(phantom: Path) -> None:
    with pytest.raises(Unusable, match=r"count \+1"):
        boxed_slices(_case(phantom, whole=True, shift=1), Segmenter())


def test_what_was_kept_is_made_anew_where_a_file_changes(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"one")
    before = key_of_folders({"masks": tmp_path}, "weights")
    assert key_of_folders({"masks": tmp_path}, "weights") == before
    assert key_of_folders({"masks": tmp_path}, "others") != before
    assert files_of(tmp_path / "1.png")[0][1] == 3
    assert files_of(tmp_path / "2.png") == []
    (tmp_path / "1.png").write_bytes(b"two, longer")
    assert key_of_folders({"masks": tmp_path}, "weights") != before


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    slices = [
        BoxedSlice("a", "1", "1:3", "t1", rng.integers(0, 255, (7, 5)).astype(np.uint8), (0.5, 0.6), {2: (0, 1, 2, 3)}),
        BoxedSlice("b", "2", "2", None, rng.integers(0, 255, (4, 9)).astype(np.uint8), (1.0, 1.0), {}),
    ]
    write_slices(slices, ["a note"], "key", tmp_path / "slices.npz")
    assert read_slices(tmp_path / "slices.npz", "another key") is None
    for one, again in zip(slices, read_slices(tmp_path / "slices.npz", "key") or [], strict=True):
        np.testing.assert_array_equal(one.image, again.image)
        assert (one.source, one.case, one.contrast, one.pixel) == (
            again.source,
            again.case,
            again.contrast,
            again.pixel,
        )
        assert dict(one.boxes) == dict(again.boxes)


def test_boxes_drawn_by_the_user_stand_as_they_are(tmp_path: Path) -> None:
    pytest.importorskip("defusedxml")
    Image.fromarray(np.eye(100, 80, dtype=np.uint8)).save(tmp_path / "P1.png")
    (tmp_path / "classes.txt").write_text("L5/S1\nL4/L5\n")
    (tmp_path / "P1.txt").write_text("1 0.5 0.5 0.25 0.1\n")
    (one,) = usable(SOURCES["labelimg"](tmp_path), None, [])  # type: ignore[arg-type]
    assert (one.source, one.patient) == ("labelimg", "P1")
    np.testing.assert_allclose(one.boxes[2], (30, 45, 50, 55))
