"""PNG and TIFF pictures read as sagittal slices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from lumbardisc.errors import GeometryError, UnreadableError, UsageError
from lumbardisc.io import find

SPACING = (4.0, 0.7, 0.6)


def pixels(kind=np.uint8, shape=(12, 10)) -> np.ndarray:
    return np.arange(np.prod(shape)).reshape(shape).astype(kind)


def load(path: Path, spacing=SPACING):
    (source,) = find([path], spacing=spacing)
    return source.load()


def test_a_png_is_one_slice_rows_downward_columns_backward(tmp_path):
    Image.fromarray(pixels()).save(tmp_path / "slice.png")
    volume = load(tmp_path / "slice.png").volume
    assert np.array_equal(volume.array, pixels()[None])
    assert volume.sagittal().array is not None
    assert np.array_equal(volume.sagittal().array, volume.array)
    np.testing.assert_allclose(volume.world([0, 3, 2]) - volume.world([0, 0, 0]), (0.0, -2 * 0.6, -3 * 0.7))
    np.testing.assert_allclose(volume.world([1, 0, 0]), (4.0, 0.0, 0.0))


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_grey_of_8_and_16_bits(tmp_path, kind):
    values = pixels(kind) * (200 if kind is np.uint16 else 1)
    Image.fromarray(values).save(tmp_path / "slice.png")
    assert np.array_equal(load(tmp_path / "slice.png").volume.array[0], values)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P"])
def test_grey_pictures_in_colour_modes_are_grey(tmp_path, mode):
    Image.fromarray(pixels()).convert(mode).save(tmp_path / "slice.png")
    assert np.array_equal(load(tmp_path / "slice.png").volume.array[0], pixels())


def test_colours_are_refused(tmp_path):
    colours = np.stack([pixels(), pixels(), pixels() + 1], axis=-1)
    Image.fromarray(colours).save(tmp_path / "slice.png")
    tifffile.imwrite(tmp_path / "slice.tif", colours, photometric="rgb")
    for name in ("slice.png", "slice.tif"):
        with pytest.raises(UnreadableError, match="colour picture"):
            load(tmp_path / name)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int16, np.float32])
def test_a_tiff_stack_has_a_slice_per_page(tmp_path, kind):
    stack = pixels(kind, (5, 8, 7))
    tifffile.imwrite(tmp_path / "stack.tiff", stack, photometric="minisblack")
    volume = load(tmp_path / "stack.tiff").volume
    assert np.array_equal(volume.array, stack)
    assert volume.spacing == pytest.approx(SPACING)


def test_a_tiff_of_one_page_and_one_written_by_pillow(tmp_path):
    tifffile.imwrite(tmp_path / "one.tif", pixels())
    assert load(tmp_path / "one.tif").volume.shape == (1, 12, 10)
    pages = [Image.fromarray(pixels() + i) for i in range(3)]
    pages[0].save(tmp_path / "three.tif", save_all=True, append_images=pages[1:])
    assert np.array_equal(load(tmp_path / "three.tif").volume.array, np.stack([pixels() + i for i in range(3)]))


def test_pages_of_different_sizes_are_refused(tmp_path):
    with tifffile.TiffWriter(tmp_path / "mixed.tif") as file:
        file.write(pixels())
        file.write(pixels(shape=(5, 6)))
    with pytest.raises(UnreadableError, match="differ in size"):
        load(tmp_path / "mixed.tif")


def test_spacing_is_asked_for(tmp_path):
    Image.fromarray(pixels()).save(tmp_path / "slice.png")
    with pytest.raises(GeometryError, match=r"--spacing 4,0\.6,0\.6"):
        load(tmp_path / "slice.png", spacing=None)


@pytest.mark.parametrize("wrong", [(4, 0, 0.6), (4, -1, 0.6), (float("nan"), 1, 1), (4, 0.6), (400, 1, 1)])
def test_wrong_spacing_is_wrong_usage(tmp_path, wrong):
    with pytest.raises(UsageError, match=r"--spacing .* three sizes in mm"):
        find([tmp_path], spacing=wrong)


@pytest.mark.parametrize("name", ["slice.png", "slice.tif"])
def test_text_and_truncated_pictures(tmp_path, name):
    (tmp_path / name).write_text("no picture")
    with pytest.raises(UnreadableError, match="is truncated or damaged"):
        load(tmp_path / name)
    noise = np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8)
    Image.fromarray(noise).save(tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableError, match="is truncated or damaged"):
        load(tmp_path / name)


@pytest.mark.parametrize("size", [50, 2048])
def test_50_and_2048_pixels(tmp_path, size):
    Image.fromarray(pixels(shape=(size, size))).save(tmp_path / "slice.png")
    assert load(tmp_path / "slice.png").volume.shape == (1, size, size)
