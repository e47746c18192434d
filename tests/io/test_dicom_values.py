"""What scanners, anonymisers and people write into headers: understood where it can mean one thing, else refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from making_dicom import Series, put, write, write_raw
from pydicom import Dataset

from lumbardisc.errors import InputError
from lumbardisc.io import Scan, find
from lumbardisc.io.dicom_values import LONGEST_TEXT, codes_of, number_of, numbers_of, quietly, text_of, whole_of


def load(path: Path) -> Scan:
    (source,) = find([path])
    return source.load()


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load(path)
    line = str(caught.value)
    assert line.startswith(str(path))
    assert "\n" not in line
    return line


def with_element(keyword: str, value: bytes, vr: str = "") -> list[Dataset]:
    dataset = Dataset()
    put(dataset, keyword, value, vr)
    return [dataset]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (b"110", 110.0),
        (b" 110 ", 110.0),
        (b"1.1E+02 ", 110.0),
        (b"+110", 110.0),
        (b"110\\120", 110.0),
        (b"110 ms", 110.0),
        (b"110ms ", 110.0),
        (b"0,625 ", 0.625),
        (b"110,5 ", 110.5),
        (b"-0,5", -0.5),
        (b"110.00000000000000000001", 110.0),
        (b"110\0", 110.0),
        (b"1,100 ", np.nan),  # thousands or a comma, who knows
        (b"11 cm", np.nan),
        (b"110 220 ", np.nan),
        (b"NaN ", np.nan),
        (b"inf ", np.nan),
        (b"1e999 ", np.nan),
        (b"abc ", np.nan),
        (b".", np.nan),
        (b"", np.nan),
        (b"\\", np.nan),
        (b"\xff\xfe", np.nan),
    ],
)
@pytest.mark.parametrize("vr", ["DS", "LO", "UN", "OB"])
def test_numbers_however_they_are_written(text, number, vr):
    with quietly():
        np.testing.assert_equal(number_of(with_element("EchoTime", text, vr), "EchoTime"), number)


@pytest.mark.parametrize("vr", ["FD", "US", "SQ", "PN", "AT", "DA", "TM", "UI", "OW", "UL", "IS", "SV"])
@settings(max_examples=15, deadline=None, derandomize=True)
@given(value=st.binary(max_size=40))
def test_any_bytes_under_any_type_are_a_value_or_none(vr, value):
    layers = with_element("EchoTime", value, vr)
    with quietly():
        assert isinstance(number_of(layers, "EchoTime"), float)
        assert isinstance(whole_of(layers, "EchoTime"), int)
        assert all(map(np.isfinite, numbers_of(layers, 2, "EchoTime") or ()))
        assert text_of(layers, "EchoTime").isprintable()
        assert all(code.isprintable() for code in codes_of(layers, "EchoTime"))


def test_long_texts_are_cut():
    with quietly():
        assert len(text_of(with_element("SeriesDescription", b"x" * 10000), "SeriesDescription")) == LONGEST_TEXT


@pytest.mark.parametrize(
    "values",
    [
        {"PixelSpacing": b"8.0 mm\\6.0 mm "},
        {"PixelSpacing": b"8,0\\6,0 "},
        {"PixelSpacing": b"8\\6\\4 "},
        {"PixelSpacing": b"8.000000000000000000\\6.000000000000000000"},
        {"PixelSpacing": ("LO", b"8\\6 ")},
        {"PixelSpacing": ("FD", np.array([8.0, 6.0]).tobytes())},
        {"EchoTime": b"110 ms"},
        {"EchoTime": b""},
        {"InstanceNumber": b"5.5 "},
        {"SeriesNumber": b"1.0 "},
        {"SeriesNumber": b"99999999999999999999 "},
        {"PatientName": ("US", b"\1\0")},
        {"PatientID": ("SQ", b"")},
        {"PatientBirthDate": b"not a date"},
        {"PatientName": b"\xff\xfe^\x80"},
        {"SpecificCharacterSet": b"ISO_IR 999"},
        {"SpecificCharacterSet": b"\\ISO 2022 IR 87"},
        {"SpecificCharacterSet": b"ISO_IR 192", "SeriesDescription": b"\xff\xfet2 "},
        {"SeriesDescription": b"R\xfcckenmark \x1b$B "},
        {"ImageType": ("UN", b"ORIGINAL\\PRIMARY")},
        {"NumberOfFrames": b"0 "},
        {"RescaleSlope": b"abc ", "RescaleIntercept": b"0 "},
        {"RescaleSlope": b"NaN ", "RescaleIntercept": b"NaN "},
    ],
    ids=str,
)
def test_odd_values_are_understood(tmp_path, values):
    series = Series()
    write_raw(tmp_path / "study", series, **values)
    volume = load(tmp_path / "study").volume
    assert volume.shape == (5, 24, 20)
    np.testing.assert_allclose(
        volume.world(list(np.ndindex(volume.shape))), [series.place(value) for value in volume.array.ravel()], atol=1e-4
    )


@pytest.mark.parametrize(
    "values",
    [
        {"PixelSpacing": value}
        for value in (
            b"0\\0 ",
            b"-8\\6",
            b"8\\-6",
            b"nan\\6 ",
            b"1e300\\1e300 ",
            b"8 ",
            b"",
            b"8 cm\\6 cm ",
            b"\xff\xff",
        )
    ]
    + [
        {"ImageOrientationPatient": b"0\\0\\0\\0\\0\\0 "},
        {"ImageOrientationPatient": b"0\\1\\0\\0\\1\\0 "},
        {"ImageOrientationPatient": b"0\\1\\0\\0\\0 "},
        {"ImagePositionPatient": b"1e300\\0\\0 "},
        {"ImagePositionPatient": b"0\\0 "},
        {"NumberOfFrames": b"2 "},
        {"NumberOfFrames": b"1000000000"},
    ],
    ids=str,
)
def test_what_says_nothing_of_the_place_is_refused(tmp_path, values):
    write_raw(tmp_path / "study", Series(), **values)
    assert "series 1 (t2_tse_sag): does not say where its images lie" in refusal(tmp_path / "study")


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"Rows": b"\x14\0"}, "960 bytes of pixels, 800 by rows and columns"),
        ({"Columns": b"\x12\0"}, "960 bytes of pixels, 864 by rows and columns"),
        ({"Columns": b"\x16\0"}, "less than expected"),
        ({"Rows": b"\xff\xff", "Columns": b"\xff\xff"}, "less than expected"),
        ({"Rows": b"\0\0"}, "is an MR image without rows and columns"),
        ({"Columns": None}, "is an MR image without rows and columns"),
        ({"NumberOfFrames": b"-1"}, "must be greater than or equal to 1"),
        ({"BitsAllocated": b"\0\0"}, "truncated or damaged"),
        ({"BitsStored": b"\x40\0"}, "truncated or damaged"),
        ({"PixelRepresentation": b"\x07\0"}, "truncated or damaged"),
        ({"PixelData": None}, "truncated or damaged"),
        ({"PixelData": b""}, "truncated or damaged"),
        ({"SamplesPerPixel": b"\3\0", "PhotometricInterpretation": b"RGB "}, "colour"),
        ({"PhotometricInterpretation": b"PALETTE COLOR "}, "colour"),
        ({"Modality": None}, "is of no modality, not MR"),
    ],
    ids=str,
)
def test_lies_about_the_pixels_are_refused(tmp_path, values, word):
    write_raw(tmp_path / "study", Series(), **values)
    assert word in refusal(tmp_path / "study")


@pytest.mark.parametrize("surplus", [b"\0", bytes(8), bytes(38)])
def test_padding_behind_the_pixels_is_padding(tmp_path, surplus):
    series = Series(slices=1)
    values = series.values(0)
    write_raw(tmp_path / "study", series, PixelData=values.tobytes() + surplus)
    assert sorted(load(tmp_path / "study").volume.array.ravel()) == sorted(values.ravel())


def test_private_junk_is_passed_over(tmp_path):
    """Large blocks, and sequences of undefined length in each other."""
    series = Series(slices=2)
    for path in write(tmp_path / "study", series):
        whole = path.read_bytes()
        at = whole.index(b"\x10\0\x10\0PN")  # PatientName, the first element of group 0010
        deep = b"\x09\0\x02\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff"
        ends = b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
        junk = b"\x09\0\x10\0LO\x08\0ACME 1.1" + b"\x09\0\x01\x10UN\0\0" + (2**20).to_bytes(4, "little") + bytes(2**20)
        path.write_bytes(whole[:at] + junk + deep * 20 + ends * 20 + whole[at:])
    volume = load(tmp_path / "study").volume
    assert sorted(volume.array.ravel()) == list(range(1, 2 * 24 * 20 + 1))


def test_a_damaged_file_among_others_is_told_and_not_lost_without_a_word(tmp_path):
    paths = write(tmp_path / "study", Series())
    whole = paths[0].read_bytes()
    paths[0].write_bytes(whole[: whole.index(b"\x28\0\x10\0US")])  # cut off before Rows
    (source,) = find([tmp_path / "study"])
    assert f"{paths[0]}: is an MR image without rows and columns; copy or export it again" in source.load().warnings
