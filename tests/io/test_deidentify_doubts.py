"""What may bear text: by header, by pixels, and by the words of a description."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import making_dicom
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from making_dicom import Series
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from pydicom import uid

from lumbardisc.io.deidentify import deidentify
from lumbardisc.io.deidentify.lettering import lettered
from lumbardisc.io.deidentify.words import harmless
from lumbardisc.volume import Volume

Grey = NDArray[np.uint16]


def with_text(image: Grey, text: str, size: int, place: tuple[int, int], grey: float = 1.0) -> Grey:
    """The image with a text burned into it, at (column, row); grey: of its brightest value."""
    letters = Image.new("L", image.shape[::-1])
    ImageDraw.Draw(letters).text(place, text, fill=255, font=ImageFont.load_default(size))
    share = np.asarray(letters, dtype=float) / 255
    return np.rint(image * (1 - share) + image.max() * grey * share).astype(np.uint16)


@pytest.fixture(scope="module")
def slices(spine: Volume) -> list[Grey]:
    """Upright slices of a phantom, rows down."""
    return [np.asarray(plane, dtype=np.uint16) for plane in spine.sagittal().array]


def test_no_text_is_seen_where_there_is_none(slices: list[Grey]) -> None:
    noise = np.random.default_rng(0).rayleigh(20, (256, 256))
    assert not any(map(lettered, [*slices, noise, np.zeros((64, 64)), np.eye(64), np.full((9, 9), 7)]))


@pytest.mark.parametrize("size", [10, 12, 16, 24, 32])
@pytest.mark.parametrize("grey", [1.0, 0.7])
def test_text_in_the_dark_is_seen(slices: list[Grey], size: int, grey: float) -> None:
    plane = slices[2] * (slices[2] > 0.1 * slices[2].max())
    dark = np.pad(plane, ((60, 60), (0, 0)))
    for place in ((4, 6), (4, dark.shape[0] - 50)):
        assert lettered(with_text(dark, "DOE^JANE 12.03.61", size, place, grey))


def test_three_strokes_are_no_text(slices: list[Grey]) -> None:
    dark = np.pad(slices[2], 60)
    assert not lettered(with_text(dark, "R L", 16, (4, 4)))


DOUBTFUL: dict[str, dict[str, Any]] = {
    "says that text is burned in": {"BurnedInAnnotation": "YES"},
    "says that it shows a face": {"RecognizableVisualFeatures": "YES"},
    "a secondary capture": {"SOPClassUID": uid.SecondaryCaptureImageStorage},
    "a screen shot": {"ImageType": ["DERIVED", "PRIMARY", "SCREEN SAVE"]},
    "derived for a report": {"ImageType": ["DERIVED", "SECONDARY", "MPR"]},
    "in colour": {"PhotometricInterpretation": "RGB", "SamplesPerPixel": 3, "PlanarConfiguration": 0},
    "of a modality whose images bear text": {"Modality": "US"},
}


@pytest.mark.parametrize("reason", DOUBTFUL)
def test_doubtful_images_stay_unless_asked_for(reason: str, tmp_path: Path) -> None:
    tags = dict(DOUBTFUL[reason])
    if "PlanarConfiguration" in tags:
        tags |= {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "PixelData": bytes(24 * 20 * 3)}
    making_dicom.save(making_dicom.image(Series(), 0, **tags), tmp_path / "in.dcm")
    account = deidentify([tmp_path / "in.dcm"], tmp_path / "out")
    assert (account.objects, account.reasons) == (0, {reason: 1})
    assert not (tmp_path / "out").exists()
    taken = deidentify([tmp_path / "in.dcm"], tmp_path / "out", keep_doubtful=True)
    assert (taken.objects, dict(taken.doubtful)) == (1, {reason: 1})


def test_an_overlay_in_the_pixels(tmp_path: Path) -> None:
    image = making_dicom.image(Series(), 0)
    image.add_new(0x60000100, "US", 16)
    image.add_new(0x60000102, "US", 12)
    making_dicom.save(image, tmp_path / "in.dcm")
    assert deidentify([tmp_path / "in.dcm"], tmp_path / "out").reasons == {"a drawing lies in its pixels": 1}


@pytest.mark.parametrize(("signed", "value", "seen"), [(0, 0x1001, True), (1, 0x1001, True), (1, 0xFFFF, False)])
def test_bits_beyond_those_of_the_pixels(signed: int, value: int, seen: bool, tmp_path: Path) -> None:
    image = making_dicom.image(Series(), 0, BitsStored=12, HighBit=11, PixelRepresentation=signed)
    making_dicom.save(image, tmp_path / "plain.dcm")
    image.PixelData = value.to_bytes(2, "little") + image.PixelData[2:]
    image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = uid.generate_uid()
    making_dicom.save(image, tmp_path / "more.dcm")
    account = deidentify([tmp_path / "plain.dcm", tmp_path / "more.dcm"], tmp_path / "out")
    assert account.objects == 2 - seen
    assert account.reasons == ({"bits are set beyond those of its pixels": 1} if seen else {})


def test_letters_in_pixels_and_pixels_that_cannot_be_looked_at(tmp_path: Path) -> None:
    plane = np.full((128, 256), 7, np.uint16)
    plane[60:120, 40:200] = 500
    plane = with_text(plane, "DOE^JANE", 16, (4, 4))
    plain = making_dicom.image(Series(rows=128, columns=256), 0, PixelData=plane.tobytes())
    making_dicom.save(plain, tmp_path / "text")
    plain.PhotometricInterpretation = "MONOCHROME1"
    plain.PixelData = (500 - plane).astype("<u2").tobytes()
    plain.SOPInstanceUID = plain.file_meta.MediaStorageSOPInstanceUID = uid.generate_uid()
    making_dicom.save(plain, tmp_path / "inverted")
    broken = making_dicom.image(Series(rows=64, columns=64), 0)
    broken.compress(uid.JPEG2000Lossless)
    broken.PixelData = broken.PixelData[:-200] + bytes(200)
    broken.PixelData = broken.PixelData[:30] + bytes(len(broken.PixelData) - 38) + broken.PixelData[-8:]
    making_dicom.save(broken, tmp_path / "broken")
    account = deidentify([tmp_path / name for name in ("text", "inverted", "broken")], tmp_path / "out")
    assert account.reasons == {"its pixels look like text": 2, "its pixels cannot be decoded to look for text": 1}


KNOWN = (
    "t2_tse_sag", "T2 TSE SAG", "T1_TSE_SAG_384", "sag T2-weighted", "t2_space_sag_iso", "STIR sag", "T1rho TSL 15 ms",
    "TSL_0_10_40_80ms", "spin-lock 15", "LWS sag", "Lumbar Spine", "MRI L-Spine w/o contrast", "3D T2 SPACE",
    "disc L4/L5", "Lumbar spine phantom", "",
)  # fmt: skip
UNKNOWN = (
    "t2 Doe", "Jane", "T2 TSE SAG 12.03.61", "sag 1961", "4711", "Dr. Miller T2", "Klinikum Nord", "T2 für Frau Müller",
    "DOE^JANE", "T2\\Doe", "腰椎", "12-03-61", "12/3/061",
    "12_03_61", "bob", "scott t2", "todd", "tino", "otto", "sols", "T2 Lotte", "mrmiller",
)  # fmt: skip


@pytest.mark.parametrize("text", KNOWN)
def test_known_words(text: str) -> None:
    assert harmless(text)


@pytest.mark.parametrize("text", UNKNOWN)
def test_unknown_words(text: str) -> None:
    assert not harmless(text)


@given(st.sampled_from(KNOWN), st.from_regex(r"\d{4,12}", fullmatch=True), st.sampled_from(" _-"))
def test_long_numbers_are_never_harmless(text: str, number: str, between: str) -> None:
    assert not harmless(f"{text}{between}{number}")
