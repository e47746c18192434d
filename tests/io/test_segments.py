"""Segmentations of 3D Slicer: written here with pynrrd and SimpleITK as Slicer writes them."""

from __future__ import annotations

from pathlib import Path

import nrrd
import numpy as np
import pytest

from lumbardisc.errors import InputError
from lumbardisc.io.segments import load_segments

PLACE = {
    "space": "left-posterior-superior",
    "space origin": [1.0, 2.0, 3.0],
}
DIRECTIONS = np.diag([2.0, 1.0, 0.5])


def segment(index: int, name: str, value: int = 1, layer: int = 0) -> dict[str, str]:
    return {f"Segment{index}_{key}": str(told) for key, told in
            {"Name": name, "LabelValue": value, "Layer": layer, "ID": f"Segment_{index}"}.items()}  # fmt: skip


def test_one_layer(tmp_path: Path) -> None:
    array = np.zeros((4, 5, 6), dtype=np.uint8)
    array[1, 2, 3], array[0, 0, 0] = 7, 9
    header = {**PLACE, "space directions": DIRECTIONS, **segment(0, "L4-L5 disc", 7), **segment(1, "L5", 9)}
    nrrd.write(str(tmp_path / "a.seg.nrrd"), array, header, index_order="F")
    found = load_segments(tmp_path / "a.seg.nrrd")
    assert found.names == {1: "L4-L5 disc", 2: "L5"}
    assert found.labels.array[1, 2, 3] == 1
    assert found.labels.array[0, 0, 0] == 2
    assert np.count_nonzero(found.labels.array) == 2
    assert found.labels.world([0, 0, 0]) == pytest.approx([-1, -2, 3]), "LPS turned into RAS"
    assert found.overlaps == ()


def test_layers_that_overlap(tmp_path: Path) -> None:
    layers = np.zeros((2, 4, 5, 6), dtype=np.uint8)
    layers[0, 1:3], layers[1, 2:4] = 1, 1
    directions = np.vstack([[np.nan] * 3, DIRECTIONS])
    header = {
        **PLACE, "space directions": directions, "kinds": ["list", "domain", "domain", "domain"],
        **segment(0, "L5", layer=0), **segment(1, "L4", layer=1),
    }  # fmt: skip
    nrrd.write(str(tmp_path / "b.seg.nrrd"), layers, header, index_order="F")
    found = load_segments(tmp_path / "b.seg.nrrd")
    assert found.overlaps == (("L5", "L4", 30),), "one of four slices of 5 x 6 voxels is in both"
    assert found.labels.spacing == pytest.approx((2.0, 1.0, 0.5))
    assert [int((found.labels.array == k).sum()) for k in (1, 2)] == [30, 60]


def test_as_simpleitk_writes_it(tmp_path: Path) -> None:
    itk = pytest.importorskip("SimpleITK")
    image = itk.GetImageFromArray(np.arange(24, dtype=np.uint8).reshape(2, 3, 4) % 3)
    image.SetSpacing((0.5, 0.5, 4.0))
    for key, told in {**segment(0, "disc L5/S1", 1), **segment(1, "sacrum", 2)}.items():
        image.SetMetaData(key, told)
    itk.WriteImage(image, str(tmp_path / "c.seg.nrrd"))
    found = load_segments(tmp_path / "c.seg.nrrd")
    assert found.names == {1: "disc L5/S1", 2: "sacrum"}
    assert found.labels.array.T.ravel().tolist() == (np.arange(24) % 3).tolist()


@pytest.mark.parametrize(
    ("fields", "words"),
    [({}, "holds no segment"), (segment(0, "L5", layer=3), "in layer 3 of 1"),
     ({"Segment0_Name": "a", "Segment0_Layer": "x"}, "damaged")],
)  # fmt: skip
def test_bad_ones_are_told_in_one_line(tmp_path: Path, fields: dict[str, str], words: str) -> None:
    path = tmp_path / "bad.seg.nrrd"
    nrrd.write(str(path), np.ones((2, 2, 2), np.uint8), {**PLACE, "space directions": DIRECTIONS, **fields})
    with pytest.raises(InputError, match=words) as told:
        load_segments(path)
    assert str(path) in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("content", [b"", b"NRRD0004\nnonsense", b"not a nrrd"])
def test_damaged_files(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.seg.nrrd").write_bytes(content)
    with pytest.raises(InputError):
        load_segments(tmp_path / "bad.seg.nrrd")
