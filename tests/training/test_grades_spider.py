"""SPIDER's own layout in miniature: MHA files by metaimageio, its tables with its headings and its oddities."""

from __future__ import annotations

import csv
from pathlib import Path

import metaimageio
import numpy as np
import pytest
from PIL import Image

from lumbardisc.errors import InputError
from lumbardisc.levels import is_body, is_disc
from lumbardisc.phantom import CLEAN, Phantom, make_phantom
from lumbardisc.phantom.acquire import Geometry
from lumbardisc.training.grades import GRADES, GradedData, load
from lumbardisc.training.splits import part_of

HEADINGS = (
    *("Patient", "IVD label", "Modic", "UP endplate", "LOW endplate", "Spondylolisthesis"),
    *("Disc herniation", "Disc narrowing", "Disc bulging", "Pfirrman grade"),
)
SERIES = ("1_t1", "1_t2", "2_t2_SPACE", "3_t1", "10_t2")


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    """Three coarse slices of a spine."""
    pixel = (270 / 96, 270 / 96)
    geometry = Geometry.plan(slices=3, matrix=(96, 96), pixel_mm=pixel, centre=(0.0, 22.0, -22.0))
    return make_phantom(2, geometry=geometry, samples=1, artefacts=CLEAN)


@pytest.fixture(scope="module")
def downloaded(phantom: Phantom, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five images of one phantom; patient 10 has no grades, patient 4 no image."""
    folder = tmp_path_factory.mktemp("spider")
    for name in ("images", "masks"):
        (folder / name).mkdir()
    grey, labels = phantom.image.array.astype(np.float32), _as_spider_numbers(phantom.labels.array)
    for series in SERIES:
        _write_mha(folder / "images" / f"{series}.mha", grey, phantom.image.affine)
        _write_mha(folder / "masks" / f"{series}.mha", labels, phantom.image.affine)
    truth = [(disc, 0, 0, 1, 0, 0, 1, 0, grade) for disc, grade in enumerate((5, 4, 3, 2, 1), start=1)]
    rows = [(patient, *row) for patient in (1, 2, 3, 4) for row in truth]
    _write_csv(folder / "radiological_gradings.csv", HEADINGS, [*rows, (2, 0, 0, 0, 0, 0, 0, 0, 0, 0)])
    listed = [(series, 7, "F ", "training") for series in (*SERIES, "5_t2", "12_t1")]
    _write_csv(folder / "overview.csv", ("new_file_name", "num_discs", "sex", "subset"), listed)
    return folder


def _as_spider_numbers(labels: np.ndarray) -> np.ndarray:
    """Vertebrae 1, 2, ... upward, the highest seen in part only; canal 100; discs 201, 202, ... upward; no sacrum."""
    numbers = np.zeros(labels.shape, dtype=np.int16)
    bodies = [label for label in np.unique(labels) if is_body(int(label))]
    for label in np.unique(labels):
        if is_disc(int(label)):
            numbers[labels == label] = 200 + label
        elif is_body(int(label)):
            numbers[labels == label] = label if label == bodies[-1] else label - 100
    numbers[labels == 200] = 100
    return numbers


def _write_mha(path: Path, array: np.ndarray, affine: np.ndarray) -> None:
    """ITK's frame is LPS and its files list the axes fastest first; metaimageio takes (k, j, i)."""
    lps = np.diag([-1.0, -1.0, 1.0]) @ affine[:3, :3]
    spacing = np.linalg.norm(lps, axis=0)
    metaimageio.write(
        str(path),
        array.transpose(),
        ElementSpacing=spacing,
        TransformMatrix=lps / spacing,
        Offset=np.array([-1.0, -1.0, 1.0]) * affine[:3, 3],
        CompressedData=True,
    )


def _write_csv(path: Path, headings: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([headings, *rows])


def read(folder: Path) -> GradedData:
    return GRADES["spider"](folder)


def copy(downloaded: Path, folder: Path) -> Path:
    """The same files, as links, in a folder that may be changed."""
    for path in downloaded.rglob("*"):
        if path.is_file():
            place = folder / path.relative_to(downloaded)
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(path.read_bytes())
    return folder


def test_as_downloaded(downloaded: Path) -> None:
    data = read(downloaded)
    assert data.source == "spider"
    assert {one.case: (one.patient, one.contrast) for one in data.images} == {
        "1_t1": ("1", "t1"),
        "1_t2": ("1", "t2"),
        "2_t2_SPACE": ("2", "t2_space"),
        "3_t1": ("3", "t1"),
    }
    assert all(one.mask == downloaded / "masks" / f"{one.case}.mha" for one in data.images)
    assert set(data.grades) == {"1", "2", "3"}
    assert [grade.pfirrmann for grade in data.grades["1"].values()] == [5, 4, 3, 2, 1]
    known = {"modic": 0, "upper_endplate": 0, "lower_endplate": 1, "spondylolisthesis": 0}
    assert data.grades["2"][1].findings == {**known, "herniation": 0, "narrowing": 1, "bulging": 0}


def test_its_oddities_are_told(downloaded: Path) -> None:
    assert read(downloaded).notes == (
        "1 row of IVD label 0, which is no disc, left out",
        "overview.csv lists 2 images not in images: 12_t1 and 5_t2",
        "1 patient with grades and no image, left out: 4",
        "1 patient with images and no grade, left out: 10",
        "1 patient without a T2 image, graded on their other images alone: 3",
    )


def test_its_masks_become_discs_by_their_number_from_the_bottom(downloaded: Path, phantom: Phantom) -> None:
    truth = phantom.labels.sagittal().array
    loaded = load(read(downloaded).images[0])
    assert loaded.discs is not None
    assert len(np.unique(loaded.discs)) > 5
    assert np.array_equal(loaded.discs, np.where(truth < 100, truth, 0))
    assert np.allclose(loaded.scan.volume.sagittal().array, phantom.image.sagittal().array)
    assert np.allclose(loaded.scan.volume.sagittal().affine, phantom.image.sagittal().affine, atol=1e-4)


def test_patients_keep_to_the_fixed_split() -> None:
    assert {part_of("spider", name) for name in map(str, range(1, 258))} == {"train", "validation", "test"}


def test_headings_may_be_written_otherwise(downloaded: Path, tmp_path: Path) -> None:
    folder = copy(downloaded, tmp_path)
    path = folder / "radiological_gradings.csv"
    head, _, rest = path.read_text().partition("\n")
    path.write_text(f"{head.upper().replace('PFIRRMAN', 'Pfirrmann').replace(' ', '_')}\n{rest}")
    assert read(folder).grades == read(downloaded).grades


def test_masks_and_overview_are_not_needed(downloaded: Path, tmp_path: Path) -> None:
    folder = copy(downloaded, tmp_path)
    (folder / "overview.csv").unlink()
    for path in (folder / "masks").iterdir():
        path.unlink()
    (folder / "images" / "._1_t1.mha").write_text("what macOS leaves behind")
    data = read(folder)
    assert [one.mask for one in data.images] == [None] * 4
    assert not any("overview" in note for note in data.notes)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("1,1,0,0,0,0,0,0,0,3", "row 23: disc 1 of patient 1 was graded in row 2 already (grades 5, 3)"),
        ("3,6,0,0,0,0,0,0,0,6", "row 23: '6' is no Pfirrmann grade"),
        ("3,6,4,0,0,0,0,0,0,3", "row 23: modic is '4'"),
        ("3,6,0,0,2,0,0,0,0,3", "row 23: lower_endplate is '2'"),
        ("3,-1,0,0,0,0,0,0,0,3", "row 23: '-1' is no disc"),
    ],
)
def test_a_bad_row(downloaded: Path, tmp_path: Path, row: str, words: str) -> None:
    folder = copy(downloaded, tmp_path)
    with (folder / "radiological_gradings.csv").open("a") as file:
        file.write(f"{row}\n")
    with pytest.raises(InputError) as told:
        read(folder)
    assert f"radiological_gradings.csv: {words}" in str(told.value)


def test_archives_that_were_not_unpacked(downloaded: Path, tmp_path: Path) -> None:
    (tmp_path / "radiological_gradings.csv").write_bytes((downloaded / "radiological_gradings.csv").read_bytes())
    (tmp_path / "images.zip").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"images: holds no \.mha file; unpack images\.zip and masks\.zip"):
        read(tmp_path)


def test_an_image_that_is_not_of_spider(downloaded: Path, tmp_path: Path) -> None:
    folder = copy(downloaded, tmp_path)
    (folder / "images" / "7_ct.mha").write_text("")
    with pytest.raises(InputError, match=r"7_ct\.mha: is not called as SPIDER's images are"):
        read(folder)


def test_a_mask_of_another_image(downloaded: Path, tmp_path: Path) -> None:
    folder = copy(downloaded, tmp_path)
    metaimageio.write(str(folder / "masks" / "1_t1.mha"), np.full((9, 9, 9), 201, dtype=np.int16))
    with pytest.raises(InputError, match=r"masks/1_t1\.mha: has 9 x 9 x 9 voxels, its image .*1_t1\.mha 3 x 96 x 96"):
        load(read(folder).images[0])


class TestSlices:
    """The mid-sagittal slices of the same patients, as pictures."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        head = "series,patient,sequence,slice_thickness_mm,row_spacing_mm,col_spacing_mm,sex\n"
        (tmp_path / "series.csv").write_text(f"{head}1_t1,1,t1,4.0,0.5,0.6,F\n2_t2_SPACE,2,t2_SPACE,0.9,0.4,0.4,M\n")
        (tmp_path / "gradings.csv").write_text("patient,disc_from_bottom,modic,pfirrmann\n1,1,2,4\n2,1,0,1\n")
        (tmp_path / "midsagittal").mkdir()
        for series in ("1_t1", "2_t2_SPACE"):
            picture = np.arange(20 * 30, dtype=np.uint16).reshape(20, 30)
            Image.fromarray(picture).save(tmp_path / "midsagittal" / f"{series}.png")
        return tmp_path

    def test_as_they_should_be(self, folder: Path) -> None:
        data = GRADES["spider_midsagittal"](folder)
        first, second = data.images
        assert (first.patient, first.case, first.contrast, first.spacing) == ("1", "1_t1", "t1", (4.0, 0.5, 0.6))
        assert second.contrast == "t2_space"
        assert data.grades["1"][1].findings == {"modic": 1}
        assert load(first).scan.volume.sagittal().spacing == pytest.approx((4.0, 0.5, 0.6))

    def test_a_slice_that_is_missing(self, folder: Path) -> None:
        (folder / "midsagittal" / "1_t1.png").unlink()
        with pytest.raises(InputError, match=r"series\.csv: row 2: there is no .*1_t1\.png"):
            GRADES["spider_midsagittal"](folder)

    def test_a_spacing_that_cannot_be(self, folder: Path) -> None:
        path = folder / "series.csv"
        path.write_text(path.read_text().replace("0.9", "0"))
        with pytest.raises(InputError, match=r"series\.csv: row 3: slice_thickness_mm '0'"):
            GRADES["spider_midsagittal"](folder)
