"""DICOM studies read: where every voxel lies, in what order, from what kind of object."""

from __future__ import annotations

import shutil
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from making_dicom import SAGITTAL, T1, Series, enhanced, image, save, write
from pydicom import dcmread, dcmwrite, uid
from pydicom.data import get_testdata_file
from scipy.spatial.transform import Rotation

from lumbardisc.errors import GeometryError, InputError, SeriesError, UnreadableError
from lumbardisc.io import Scan, find


def load(path: Path, **options) -> Scan:
    (source,) = find([path], **options)
    return source.load()


def turned(x: float, y: float, z: float) -> tuple[float, ...]:
    """The sagittal orientation turned about the patient's axes, degrees."""
    matrix = Rotation.from_euler("xyz", (x, y, z), degrees=True).as_matrix()
    return tuple((matrix @ np.reshape(SAGITTAL, (2, 3)).T).T.ravel())


def assert_in_place(scan: Scan, series: Series, scale: float = 1.0) -> None:
    """Every voxel's value tells which stored pixel it was; it must lie where the standard's equation puts that."""
    volume = scan.volume
    indices = np.argwhere(np.ones(volume.shape, dtype=bool))
    expected = [series.place(value / scale) for value in volume.array.ravel()]
    np.testing.assert_allclose(volume.world(indices), expected, atol=1e-4)


def save_as_bare(dataset, path: Path) -> None:
    """Only the dataset: no preamble, no meta header."""
    del dataset.file_meta
    dataset.preamble = None
    dataset.save_as(path, implicit_vr=True, little_endian=True)


@pytest.mark.parametrize(
    "orientation",
    [SAGITTAL, turned(10, -8, 15), tuple(-np.array(SAGITTAL)), turned(0, 0, 180), (0, 0, 1.0, 0, 1.0, 0)],
    ids=["straight", "oblique", "upside down", "seen from the other side", "rows and columns exchanged"],
)
@pytest.mark.parametrize("make", ["classic", "enhanced"])
def test_every_voxel_lies_where_the_standard_puts_it(tmp_path, orientation, make):
    series = Series(orientation=orientation, rows=24, columns=24)
    if make == "classic":
        write(tmp_path / "study", series)
    else:
        (tmp_path / "study").mkdir()
        enhanced(series, tmp_path / "study" / "one")
    scan = load(tmp_path / "study")
    assert_in_place(scan, series, scale=2.0 if make == "enhanced" else 1.0)
    assert scan.volume.affine[0, 0] > 0, "slices run toward the right"
    assert scan.contrast == "t2"
    assert scan.warnings == ()


@settings(max_examples=8, deadline=None)
@given(st.tuples(*[st.floats(-12, 12)] * 3), st.floats(1, 6), st.tuples(*[st.floats(-200, 200)] * 3))
def test_any_oblique_stack_is_in_place(tmp_path_factory, angles, step, origin):
    series = Series(slices=3, rows=30, columns=4, orientation=turned(*angles), step=step, origin=origin)
    folder = tmp_path_factory.mktemp("study")
    write(folder, series)
    assert_in_place(load(folder), series)


def test_headers_hold_the_acquisition_and_nothing_of_the_patient(tmp_path):
    write(tmp_path / "study", Series())
    scan = load(tmp_path / "study")
    assert scan.headers["repetition_time_ms"] == 3500
    assert scan.headers["echo_time_ms"] == 110
    assert scan.headers["manufacturer"] == "ACME"
    for private in ("Doe", "Jane", "4711"):
        assert private not in f"{scan.headers}{scan.choice}{scan.warnings}"


def test_hash_is_of_the_bytes_in_order_of_path(tmp_path):
    import hashlib

    paths = write(tmp_path / "study", Series())
    expected = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(paths))).hexdigest()
    assert load(tmp_path / "study").sha256 == expected


def test_a_zip_reads_as_the_folder_does(tmp_path):
    paths = write(tmp_path / "study", Series())
    with ZipFile(tmp_path / "packed.zip", "w", ZIP_DEFLATED) as archive:
        for path in paths:
            archive.write(path, f"deep/er/{path.name}")
        archive.writestr("__MACOSX/._IM0001", b"junk")
    packed, plain = load(tmp_path / "packed.zip"), load(tmp_path / "study")
    assert np.array_equal(packed.volume.array, plain.volume.array)
    assert np.array_equal(packed.volume.affine, plain.volume.affine)


@pytest.mark.parametrize(
    "syntax",
    [uid.RLELossless, uid.JPEG2000Lossless, uid.JPEGLSLossless, uid.JPEGLosslessSV1],
    ids=lambda syntax: syntax.name,
)
def test_compressed_slices_equal_the_plain_ones(tmp_path, syntax):
    """JPEG lossless is compressed by GDCM, as pydicom has no encoder for it."""
    series = Series(rows=32, columns=32)
    plain = write(tmp_path / "plain", series)
    packed = tmp_path / "packed"
    packed.mkdir()
    for path in plain:
        compress(path, packed / path.name, syntax)
    assert dcmread(packed / plain[0].name).file_meta.TransferSyntaxUID == syntax
    scan = load(packed)
    assert np.array_equal(scan.volume.array, load(tmp_path / "plain").volume.array)


def compress(path: Path, target: Path, syntax: str) -> None:
    gdcm = pytest.importorskip("gdcm")
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(str(syntax))))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(target))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()


def test_big_endian_and_files_without_preamble(tmp_path):
    series = Series()
    for folder in ("big", "bare"):
        (tmp_path / folder).mkdir()
    for index in range(series.slices):
        dataset = image(series, index)
        dataset.PixelData = series.values(index).astype(">u2").tobytes()
        dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRBigEndian
        dcmwrite(tmp_path / "big" / f"{index}", dataset, implicit_vr=False, little_endian=False, force_encoding=True)
        save_as_bare(image(series, index), tmp_path / "bare" / f"{index}")
    assert (tmp_path / "bare" / "0").read_bytes()[128:132] != b"DICM"
    for folder in ("big", "bare"):
        assert_in_place(load(tmp_path / folder), series)


def test_rescale_and_inverted_grey(tmp_path):
    series = Series()
    plain = series.values(0)
    write(tmp_path / "scaled", series, RescaleSlope="0.5", RescaleIntercept="-3")
    write(tmp_path / "inverted", series, PhotometricInterpretation="MONOCHROME1")
    scaled, inverted = load(tmp_path / "scaled").volume, load(tmp_path / "inverted").volume
    at = tuple(np.rint(scaled.indices(series.place(plain[3, 4]))).astype(int))
    assert scaled.array[at] == plain[3, 4] * 0.5 - 3
    last = series.values(series.slices - 1).max()
    assert inverted.array[at] == last + 1 - plain[3, 4]


def test_frames_at_one_place_keep_the_first_and_say_so(tmp_path):
    series = Series()
    write(tmp_path / "study", series, TemporalPositionIdentifier=1)
    again = image(series, 2, TemporalPositionIdentifier=2)
    again.PixelData = np.zeros((24, 20), "<u2").tobytes()
    save(again, tmp_path / "study" / "0000first_by_name")
    scan = load(tmp_path / "study")
    assert_in_place(scan, series)
    assert "1 of 6 images" in scan.warnings[0]


def test_a_missing_slice_leaves_the_longest_even_run_and_is_told(tmp_path):
    series = Series(slices=9)
    write(tmp_path / "study", series, skip=(6,))
    scan = load(tmp_path / "study")
    assert scan.volume.shape[0] == 6
    assert_in_place(scan, series)
    assert "4.00 to 8.00 mm apart" in scan.warnings[0]
    assert "only the longest even run" in scan.warnings[0]


@pytest.mark.parametrize(("shift", "warned"), [(0.2, False), (0.7, True)])
def test_slightly_uneven_slices_are_fitted(tmp_path, shift, warned):
    """Distances 4 + shift and 4 - shift: 5 % goes without a word, 18 % is told; ends stay where they are."""
    series = Series(slices=7)
    moved = series.position(3) + shift * series.normal()
    write(tmp_path / "study", series)
    across = series.position(3)[0]
    (middle,) = [path for path in (tmp_path / "study").iterdir() if dcmread(path).ImagePositionPatient[0] == across]
    save(image(series, 3, ImagePositionPatient=moved.tolist()), middle)
    scan = load(tmp_path / "study")
    assert scan.volume.shape[0] == 7
    assert scan.volume.spacing[0] == pytest.approx(4.0)
    assert any("evenly spaced" in warning for warning in scan.warnings) == warned


def test_one_slice_takes_its_thickness_and_400_slices_read(tmp_path):
    one = load(write(tmp_path / "one", Series(slices=1, step=3.5))[0])
    assert one.volume.shape[0] == 1
    assert one.volume.spacing[0] == pytest.approx(3.5)
    enhanced(Series(slices=400, rows=24, columns=4, step=0.4), tmp_path / "many.dcm")
    assert load(tmp_path / "many.dcm").volume.shape == (400, 24, 4)


def test_one_slice_without_thickness_is_told(tmp_path):
    (path,) = write(tmp_path / "one", Series(slices=1), SliceThickness=None)
    assert "no slice thickness" in load(path).warnings[0]


def test_echoes_of_one_series_are_separate_stacks(tmp_path):
    early = Series(tags={**T1, "RepetitionTime": 3000, "EchoTime": 20})
    late = Series(series=early.series, tags={**early.tags, "EchoTime": 100})
    write(tmp_path / "study" / "a", early)
    write(tmp_path / "study" / "b", late)
    scan = load(tmp_path / "study")
    assert scan.headers["echo_time_ms"] == 100
    assert scan.volume.shape[0] == 5


def test_junk_beside_the_study_is_passed_over(tmp_path):
    series = Series()
    write(tmp_path / "study", series)
    (tmp_path / "study" / "README.txt").write_text("read me")
    (tmp_path / "study" / "empty").touch()
    (tmp_path / "study" / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 40)
    (tmp_path / "study" / "looks_bare").write_bytes(b"\x08\x00" + bytes(range(200)))
    for name in ("rtplan.dcm", "test-SR.dcm"):
        shutil.copy(get_testdata_file(name, download=False), tmp_path / "study" / name)
    shutil.copy(Path(get_testdata_file("DICOMDIR", download=False)), tmp_path / "study" / "DICOMDIR")
    assert_in_place(load(tmp_path / "study"), series)


def test_truncated_pixels_name_the_file(tmp_path):
    paths = write(tmp_path / "study", Series())
    whole = paths[2].read_bytes()
    paths[2].write_bytes(whole[:-300])
    with pytest.raises(UnreadableError, match=rf"{paths[2].name}.*truncated") as caught:
        load(tmp_path / "study")
    assert "\n" not in str(caught.value)


def test_zero_pixel_spacing_is_refused(tmp_path):
    write(tmp_path / "study", Series(), PixelSpacing=[0, 0.6])
    with pytest.raises(InputError):
        load(tmp_path / "study", series="1")
    write(tmp_path / "vast", Series(pixel=(25.0, 25.0)))
    with pytest.raises(GeometryError, match="4 x 25 x 25 mm"):
        load(tmp_path / "vast")


def test_constant_pixels_are_refused(tmp_path):
    series = Series()
    for path in write(tmp_path / "study", series):
        dataset = dcmread(path)
        dataset.PixelData = bytes(len(dataset.PixelData))
        save(dataset, path)
    with pytest.raises(UnreadableError, match="same value"):
        load(tmp_path / "study")


def test_a_colour_screenshot_is_no_series(tmp_path):
    (tmp_path / "study").mkdir()
    shutil.copy(get_testdata_file("SC_rgb_rle.dcm", download=False), tmp_path / "study")
    with pytest.raises(SeriesError, match="not MR"):
        load(tmp_path / "study")
