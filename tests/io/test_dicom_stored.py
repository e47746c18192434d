"""Every way to store pixels: read as other programs read them, or as they were before other programs stored them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import real_tools
from making_dicom import Series, enhanced, image, save, write, write_raw
from pydicom import dcmread, uid

from lumbardisc.errors import UnreadableError
from lumbardisc.io import Scan, decoding, find

SERIES = Series(slices=1, rows=32, columns=32)
NOISE = np.random.default_rng(0).integers(0, 4096, (32, 32)).astype(np.uint16)


def load(path: Path) -> Scan:
    (source,) = find([path])
    return source.load()


def by_simpleitk(path: Path) -> np.ndarray:
    sitk = pytest.importorskip("SimpleITK")
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"PixelRepresentation": b"\1\0", "PixelData": (NOISE * 16).astype("<u2").tobytes()},
        {"BitsStored": b"\x0c\0", "HighBit": b"\x0b\0", "PixelData": (NOISE | 0xF000).astype("<u2").tobytes()},
        {
            "BitsStored": b"\x0c\0",
            "HighBit": b"\x0b\0",
            "PixelRepresentation": b"\1\0",
            "PixelData": (NOISE | 0x5000).astype("<u2").tobytes(),
        },
        {
            "BitsAllocated": b"\x08\0",
            "BitsStored": b"\x08\0",
            "HighBit": b"\x07\0",
            "PixelData": (NOISE % 256).astype("u1").tobytes(),
        },
        {"RescaleSlope": b"0.5 ", "RescaleIntercept": b"-3"},
        {"RescaleSlope": b"-2", "RescaleIntercept": b"100 "},
        {"RescaleSlope": b"0 ", "RescaleIntercept": b"0 "},
        {"RescaleSlope": b"0 ", "RescaleIntercept": b"7 "},
        {"RescaleSlope": b"2 "},
    ],
    ids=[
        "unsigned",
        "signed",
        "overlay in the upper bits",
        "overlay above signed bits",
        "8 bits",
        "rescaled",
        "negative slope",
        "no slope",
        "no slope but an intercept",
        "no intercept",
    ],
)
def test_values_are_those_of_simpleitk(tmp_path, values):
    (path,) = write_raw(tmp_path / "study", SERIES, **values)
    np.testing.assert_array_equal(load(path).volume.array, by_simpleitk(path))


def test_each_slice_has_its_own_slope(tmp_path):
    series = Series()
    (tmp_path / "study").mkdir()
    for index in range(series.slices):
        save(image(series, index, RescaleSlope=index + 0.5, RescaleIntercept=index), tmp_path / "study" / f"{index}")
    volume = load(tmp_path / "study").volume
    for index in range(series.slices):
        at = np.rint(volume.indices(series.position(index) * [-1, -1, 1])).astype(int)
        np.testing.assert_allclose(volume.array[at[0]], series.values(index) * (index + 0.5) + index)
        np.testing.assert_allclose(volume.array[at[0]], by_simpleitk(tmp_path / "study" / f"{index}")[0])


def test_slopes_beyond_all_numbers_are_refused(tmp_path):
    (path,) = write_raw(tmp_path / "study", SERIES, RescaleSlope=b"1e300 ")
    with pytest.raises(UnreadableError, match="NaN or infinite"):
        load(path)


def test_dark_for_bright_keeps_all_bits(tmp_path):
    values = (NOISE.astype(np.int32) * 16 - 32768).astype("<i2")
    minus = {"PhotometricInterpretation": b"MONOCHROME1 ", "PixelRepresentation": b"\1\0"}
    (path,) = write_raw(tmp_path / "study", SERIES, PixelData=values.tobytes(), **minus)
    wide = values.astype(int)
    np.testing.assert_array_equal(load(path).volume.array[0], wide.max() + wide.min() - wide)


def test_slices_dark_and_bright_in_one_series_are_refused(tmp_path):
    paths = write(tmp_path / "study", Series())
    dataset = dcmread(paths[2])
    dataset.PhotometricInterpretation = "MONOCHROME1"
    save(dataset, paths[2])
    with pytest.raises(UnreadableError, match="is dark where others"):
        load(tmp_path / "study")


@pytest.mark.parametrize(
    ("program", "options", "syntax"),
    [
        ("dcmcjpeg", ["+e1"], uid.JPEGLosslessSV1),
        ("dcmcjpeg", ["+el"], uid.JPEGLossless),
        ("dcmcjpls", ["+el"], uid.JPEGLSLossless),
        ("dcmcrle", [], uid.RLELossless),
        ("dcmconv", ["+td"], uid.DeflatedExplicitVRLittleEndian),
        ("dcmconv", ["+tb"], uid.ExplicitVRBigEndian),
        ("dcmconv", ["+ti"], uid.ImplicitVRLittleEndian),
        ("dcmconv", ["-F", "+te"], None),
        ("dcmconv", ["-F", "+ti"], None),
        ("dcmconv", ["-F", "+tb"], None),
        ("dcmconv", ["+te", "+g"], uid.ExplicitVRLittleEndian),
        ("dcmconv", ["+te", "-e"], uid.ExplicitVRLittleEndian),
    ],
    ids=lambda value: "".join(value) or "plain" if isinstance(value, list) else None,
)
@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
def test_as_dcmtk_stores_it(tmp_path, program, options, syntax, signed):
    real_tools.tool(program)
    values = (NOISE.astype(np.int32) - 2048 * signed).astype("<i2" if signed else "<u2")
    bits = {"BitsStored": b"\x0c\0", "HighBit": b"\x0b\0", "PixelRepresentation": bytes([signed, 0])}
    (path,) = write_raw(tmp_path / "plain", SERIES, PixelData=values.tobytes(), **bits)
    other = tmp_path / "other.dcm"
    real_tools.told(program, *options, path, other)
    if syntax is not None:
        assert dcmread(other).file_meta.TransferSyntaxUID == syntax
    scan = load(other)
    np.testing.assert_array_equal(scan.volume.array[0], values)
    np.testing.assert_allclose(scan.volume.affine, load(path).volume.affine)


def test_lossy_jpeg_is_what_dcmtk_makes_of_it(tmp_path):
    """dcmtk brings its own decoder, ours is GDCM's."""
    smooth = (2000 + 1500 * np.sin(np.arange(32) / 5)[:, None] * np.cos(np.arange(32) / 7)).astype("<u2")
    bits = {"BitsStored": b"\x0c\0", "HighBit": b"\x0b\0"}
    (path,) = write_raw(tmp_path / "plain", SERIES, PixelData=smooth.tobytes(), **bits)
    real_tools.tool("dcmcjpeg")
    real_tools.told("dcmcjpeg", "+eb", path, tmp_path / "packed.dcm")
    real_tools.told("dcmdjpeg", tmp_path / "packed.dcm", tmp_path / "plain.dcm")
    ours, theirs = load(tmp_path / "packed.dcm").volume.array, load(tmp_path / "plain.dcm").volume.array
    np.testing.assert_allclose(ours, theirs, atol=2 * float(np.ptp(theirs)) / 256)
    assert np.ptp(ours) > 100
    real_tools.told("dcmcjpeg", "+ee", path, tmp_path / "packed.dcm")
    with pytest.raises(UnreadableError, match=r"its compression \(JPEG Extended.*save it uncompressed"):
        load(tmp_path / "packed.dcm")


def test_frames_of_a_packed_enhanced_object_are_its_frames(tmp_path):
    """All of a file is handed over once, then frame by frame."""
    series = Series(rows=32, columns=32)
    enhanced(series, tmp_path / "plain.dcm")
    for program, syntax in (("dcmcjpls", uid.JPEGLSLossless), ("dcmcrle", uid.RLELossless)):
        real_tools.tool(program)
        real_tools.told(program, tmp_path / "plain.dcm", tmp_path / f"{program}.dcm")
        assert dcmread(tmp_path / f"{program}.dcm").file_meta.TransferSyntaxUID == syntax
        packed, plain = load(tmp_path / f"{program}.dcm").volume, load(tmp_path / "plain.dcm").volume
        np.testing.assert_array_equal(packed.array, plain.array)


def packed(path: Path, syntax: str = uid.JPEG2000Lossless) -> bytearray:
    (path,) = write(path, SERIES)
    dataset = dcmread(path)
    dataset.compress(syntax)
    save(dataset, path)
    return bytearray(path.read_bytes())


def test_a_codestream_that_claims_too_much_costs_one_line(tmp_path, capfd):
    """JPEG 2000, 2**31 columns: they would take gigabytes."""
    whole = packed(tmp_path / "study")
    at = whole.index(b"\xff\x4f\xff\x51") + 8
    whole[at : at + 4] = (2**31 - 1).to_bytes(4, "big")
    (tmp_path / "bad.dcm").write_bytes(whole)
    with pytest.raises(UnreadableError, match=r"bad.dcm: its pixels are truncated or damaged"):
        load(tmp_path / "bad.dcm")
    assert capfd.readouterr() == ("", "")


def test_a_decoder_that_dies_costs_one_line(tmp_path, monkeypatch):
    """As GDCM does at a JPEG that ends in the middle of a marker: std::terminate."""
    (tmp_path / "a.dcm").write_bytes(packed(tmp_path / "study"))
    monkeypatch.setattr(decoding, "COMMAND", [*decoding.COMMAND[:-1], "import os; os.abort()"])
    with pytest.raises(UnreadableError, match=r"a.dcm: its pixels are truncated or damaged \(the decoder ended\)"):
        load(tmp_path / "a.dcm")


def test_the_decoder_runs_the_code_that_asked(tmp_path, monkeypatch):
    """And no other of its name, as where it was imported from a folder that is not installed."""
    (tmp_path / "lumbardisc").mkdir()
    (tmp_path / "lumbardisc" / "__init__.py").write_text("raise SystemExit")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "a.dcm").write_bytes(packed(tmp_path / "study"))
    assert load(tmp_path / "a.dcm").volume.array.size > 0


def test_a_compression_that_nobody_decodes_is_named(tmp_path):
    whole = packed(tmp_path / "study").replace(b"1.2.840.10008.1.2.4.90", b"1.2.840.10008.1.2.4.96")
    (tmp_path / "a.dcm").write_bytes(whole)
    with pytest.raises(UnreadableError, match="cannot be read here; save it uncompressed"):
        load(tmp_path / "a.dcm")


def test_run_lengths_that_claim_too_much_are_refused_unread(tmp_path):
    whole = packed(tmp_path / "study", uid.RLELossless)
    for keyword in (b"\x28\0\x10\0US\2\0", b"\x28\0\x11\0US\2\0"):
        at = whole.index(keyword) + 8
        whole[at : at + 2] = b"\xff\xff"
    (tmp_path / "a.dcm").write_bytes(whole)
    with pytest.raises(UnreadableError, match="by rows and columns"):
        load(tmp_path / "a.dcm")


def test_a_deflated_bomb_is_refused(tmp_path):
    """70 MiB of noughts in 70 kB: pydicom would inflate all of it to look at the header."""
    dataset = image(SERIES, 0)
    dataset.add_new(0x00091001, "OB", bytes(70 * 2**20))
    dataset.file_meta.TransferSyntaxUID = uid.DeflatedExplicitVRLittleEndian
    save(dataset, tmp_path / "bomb.dcm")
    assert (tmp_path / "bomb.dcm").stat().st_size < 100_000
    with pytest.raises(UnreadableError, match=r"bomb.dcm: would inflate to more than 64 MiB"):
        load(tmp_path / "bomb.dcm")
