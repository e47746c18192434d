"""NRRD files, written by pynrrd."""

from __future__ import annotations

from pathlib import Path

import nrrd
import numpy as np
import pytest

from lumbardisc.errors import InputError, UnreadableError
from lumbardisc.io import find

# directions of i, j, k in the file's space: backward, downward, left, in LPS
DIRECTIONS = np.array([[0.0, 0.6, 0.0], [0.0, 0.1, -0.7], [4.0, 0.0, 0.0]])
ORIGIN = np.array([10.0, -20.0, 33.0])
TO_RAS = {
    "left-posterior-superior": [-1, -1, 1],
    "right-anterior-superior": [1, 1, 1],
    "LAS": [-1, 1, 1],
}


def voxels() -> np.ndarray:
    return np.arange(4 * 3 * 2, dtype=np.int16).reshape(4, 3, 2)


def placed(space: str = "left-posterior-superior", **more) -> dict:
    return {"space": space, "space directions": DIRECTIONS, "space origin": ORIGIN, **more}


def load(path: Path, **options):
    (source,) = find([path], **options)
    return source.load()


@pytest.mark.parametrize("space", TO_RAS)
@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2", "ascii"])
def test_place_and_value_of_every_voxel(tmp_path, space, encoding):
    nrrd.write(str(tmp_path / "scan.nrrd"), voxels(), placed(space, encoding=encoding))
    volume = load(tmp_path / "scan.nrrd").volume
    assert np.array_equal(volume.array, voxels())
    for index in np.ndindex(volume.shape):
        expected = (ORIGIN + np.array(index) @ DIRECTIONS) * TO_RAS[space]
        np.testing.assert_allclose(volume.world(index), expected, atol=1e-9)


def test_data_beside_the_header(tmp_path):
    nrrd.write(str(tmp_path / "scan.nhdr"), voxels(), placed(), detached_header=True)
    assert np.array_equal(load(tmp_path / "scan.nhdr").volume.array, voxels())
    text = (tmp_path / "scan.nhdr").read_text()
    (tmp_path / "scan.nhdr").write_text(text.replace("data file: ", "data file: /etc/"))
    with pytest.raises(UnreadableError, match="not beside it"):
        load(tmp_path / "scan.nhdr")


def test_sizes_without_a_place(tmp_path):
    nrrd.write(str(tmp_path / "scan.nrrd"), voxels(), {"spacings": [4.0, 0.6, 0.7]})
    scan = load(tmp_path / "scan.nrrd")
    assert scan.volume.sagittal().spacing == pytest.approx((4.0, 0.7, 0.6))
    assert "no orientation" in scan.warnings[0]
    nrrd.write(str(tmp_path / "slice.nrrd"), voxels()[..., 0], {"spacings": [0.6, 0.7]})
    flat = load(tmp_path / "slice.nrrd").volume
    assert np.array_equal(flat.array, voxels()[..., 0].T[None])
    assert flat.spacing == pytest.approx((4.0, 0.7, 0.6))


@pytest.mark.parametrize(
    ("array", "header", "said"),
    [
        (voxels(), {}, "no voxel sizes"),
        (voxels(), placed("scanner-xyz"), "not the patient's"),
        (voxels(), placed(kinds=["domain", "domain", "vector"]), "2 values per voxel"),
        (np.stack([voxels(), voxels()]), {"spacings": [1.0, 1.0, 1.0, 1.0]}, "2 x 4 x 3 x 2 voxels"),
        (voxels(), placed(**{"space directions": DIRECTIONS * [[1], [0], [1]]}), "singular"),
    ],
)
def test_what_cannot_be_used_is_one_clear_line(tmp_path, array, header, said):
    nrrd.write(str(tmp_path / "scan.nrrd"), array, header)
    with pytest.raises(InputError, match=said) as caught:
        load(tmp_path / "scan.nrrd")
    assert str(tmp_path) in str(caught.value)


def test_truncated_or_not_a_nrrd(tmp_path):
    path = tmp_path / "scan.nrrd"
    for encoding in ("raw", "gzip"):
        nrrd.write(str(path), voxels(), placed(encoding=encoding))
        path.write_bytes(path.read_bytes()[:-20])
        with pytest.raises(UnreadableError, match="damaged") as caught:
            load(path)
        assert "\n" not in str(caught.value)
    path.write_text("not a header")
    with pytest.raises(UnreadableError, match="not a NRRD"):
        load(path)
