"""MetaImage files, written by metaimageio or byte by byte."""

from __future__ import annotations

from pathlib import Path

import metaimageio
import numpy as np
import pytest

from lumbardisc.errors import GeometryError, InputError, UnreadableError
from lumbardisc.io import find, load_labels

# LPS directions of i, j, k as columns: i backward, j downward, k to the left, turned by 30 degrees about z
DIRECTION = np.array([[-0.5, 0.0, np.sqrt(0.75)], [np.sqrt(0.75), 0.0, 0.5], [0.0, -1.0, 0.0]])
SPACING, OFFSET = np.array([0.6, 0.7, 4.0]), np.array([10.0, -20.0, 33.0])
HEADER = "ObjectType = Image\nNDims = 3\nDimSize = 4 3 2\nElementSpacing = 0.5 0.7 4\n"


def voxels(kind=np.int16) -> np.ndarray:
    """(k, j, i), as MetaImage stores them."""
    return np.arange(2 * 3 * 4, dtype=kind).reshape(2, 3, 4)


def load(path: Path, **options):
    (source,) = find([path], **options)
    return source.load()


@pytest.mark.parametrize("suffix", [".mha", ".mhd"])
@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.float32])
def test_place_and_value_of_every_voxel(tmp_path, suffix, compressed, kind):
    metaimageio.write(
        tmp_path / f"scan{suffix}",
        voxels(kind),
        ElementSpacing=SPACING,
        Offset=OFFSET,
        TransformMatrix=DIRECTION,
        CompressedData=compressed,
    )
    volume = load(tmp_path / f"scan{suffix}").volume
    assert volume.shape == (4, 3, 2)
    for i, j, k in np.ndindex(volume.shape):
        assert volume.array[i, j, k] == voxels()[k, j, i]
        lps = OFFSET + DIRECTION @ (SPACING * (i, j, k))
        np.testing.assert_allclose(volume.world([i, j, k]), lps * [-1, -1, 1], atol=1e-9)


def test_without_a_matrix_the_axes_are_those_of_the_patient(tmp_path):
    """i to the left, j backward, k upward in LPS: thick along k, so axial."""
    path = tmp_path / "scan.mha"
    path.write_bytes((HEADER + "ElementType = MET_SHORT\nElementDataFile = LOCAL\n").encode() + voxels().tobytes())
    with pytest.raises(GeometryError, match="axial"):
        load(path)
    thin = HEADER.replace("0.5 0.7 4", "1 1 1") + "ElementType = MET_SHORT\nElementDataFile = LOCAL\n"
    path.write_bytes(thin.encode() + voxels().tobytes())
    np.testing.assert_array_equal(load(path).volume.affine, np.diag([-1.0, -1.0, 1.0, 1.0]))


def test_big_endian_and_a_header_before_the_data(tmp_path):
    text = HEADER.replace("0.5 0.7 4", "1 1 1") + (
        "BinaryDataByteOrderMSB = True\nHeaderSize = -1\nElementType = MET_SHORT\nElementDataFile = scan.raw\n"
    )
    (tmp_path / "scan.mhd").write_text(text)
    (tmp_path / "scan.raw").write_bytes(b"seven b" + voxels().astype(">i2").tobytes())
    assert np.array_equal(load(tmp_path / "scan.mhd").volume.array, voxels().transpose())


def test_a_2d_image_is_a_sagittal_slice(tmp_path):
    path = tmp_path / "scan.mha"
    text = "NDims = 2\nDimSize = 4 3\nElementSpacing = 0.6 0.7\nTransformMatrix = 1 0 0 1\nElementType = MET_SHORT\n"
    path.write_bytes((text + "ElementDataFile = LOCAL\n").encode() + voxels()[0].tobytes())
    scan = load(path)
    assert np.array_equal(scan.volume.array, voxels()[:1])
    assert scan.volume.spacing == pytest.approx((4.0, 0.7, 0.6))
    assert "2D image" in scan.warnings[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("DimSize = 4 3 2", "DimSize = 4 3"), "ElementSpacing has 3 numbers, not 2"),
        (("DimSize = 4 3 2", "DimSize = 4 3 9"), "truncated"),
        (("DimSize = 4 3 2", "DimSize = 999999 999999 999999"), "promises"),
        (("DimSize = 4 3 2", "DimSize = 4 -3 2"), "promises"),
        (("MET_SHORT", "MET_STRING"), "damaged .*MET_STRING"),
        (("LOCAL", "LIST"), "several data files"),
        (("LOCAL", "absent.raw"), "no such file"),
        (("LOCAL", "../secret.raw"), "not beside it"),
        (("LOCAL", "/etc/passwd"), "not beside it"),
        (("ElementType", "ElementNumberOfChannels = 3\nElementType"), "truncated"),
        (("ElementType", "CompressedData = True\nElementType"), "damaged"),
        (("ElementDataFile", "Nothing"), "not a MetaImage"),
    ],
)
def test_bad_headers_are_one_clear_line(tmp_path, change, said):
    path = tmp_path / "scan.mhd"
    text = HEADER + "ElementType = MET_SHORT\nElementDataFile = LOCAL\n"
    path.write_bytes(text.replace(*change).encode() + voxels().tobytes())
    with pytest.raises(InputError, match=said) as caught:
        load(path)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_not_a_metaimage(tmp_path):
    path = tmp_path / "scan.mha"
    for content in (b"\x00\x01" * 100_000, b"hello"):
        path.write_bytes(content)
        with pytest.raises(UnreadableError, match="not a MetaImage"):
            load(path)


def test_label_maps_read_too(tmp_path):
    metaimageio.write(tmp_path / "mask.mha", voxels(np.uint8), ElementSpacing=SPACING, TransformMatrix=DIRECTION)
    assert load_labels(tmp_path / "mask.mha").present == tuple(range(1, 24))
