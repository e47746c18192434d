"""Labels as LabelImg writes them, whole and broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

pytest.importorskip("defusedxml")

from lumbardisc.errors import InputError
from lumbardisc.io import save_nifti
from lumbardisc.training.detection.labelimg import read
from lumbardisc.volume import Volume

VOC = """<annotation>
	<folder>images</folder>
	<filename>P1.png</filename>
	<path>P1.png</path>
	<source>
		<database>Unknown</database>
	</source>
	<size>
		<width>{width}</width>
		<height>120</height>
		<depth>1</depth>
	</size>
	<segmented>0</segmented>
{objects}</annotation>
"""
OBJECT = """	<object>
		<name>{name}</name>
		<pose>Unspecified</pose>
		<truncated>0</truncated>
		<difficult>0</difficult>
		<bndbox>
			<xmin>{box[0]}</xmin>
			<ymin>{box[1]}</ymin>
			<xmax>{box[2]}</xmax>
			<ymax>{box[3]}</ymax>
		</bndbox>
	</object>
"""
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><annotation><object><name>&b;</name></object></annotation>'
)
EXTERNAL = (
    '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><annotation><object><name>&a;</name></object></annotation>'
)


def voc(*objects: tuple[str, tuple[object, ...]], width: int = 100) -> str:
    return VOC.format(width=width, objects="".join(OBJECT.format(name=name, box=box) for name, box in objects))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One image of 100 columns and 120 rows, without labels yet."""
    grey = np.random.default_rng(0).integers(0, 255, (120, 100), dtype=np.uint8)
    Image.fromarray(grey).save(tmp_path / "P1.png")
    return tmp_path


def test_voc_boxes(folder: Path) -> None:
    (folder / "P1.xml").write_text(voc(("L5/S1", (30, 90, 62, 104)), ("L4-5", (28, 70, 60, 82))))
    (one,), notes = read(folder)
    assert one.boxes == {1: (30, 90, 62, 104), 2: (28, 70, 60, 82)}
    assert (one.source, one.patient, one.case) == ("labelimg", "P1", "P1")
    assert one.pixel == (1.0, 1.0)
    assert_array_equal(one.image, np.array(Image.open(folder / "P1.png")))
    assert notes == ()


def test_yolo_boxes_are_the_same(folder: Path) -> None:
    (folder / "classes.txt").write_text("dog\nperson\nL5-S1\nL4/L5\n")
    (folder / "P1.txt").write_text("2 0.460000 0.808333 0.320000 0.116667\n\n3 0.440000 0.633333 0.320000 0.100000\n")
    (one,), _ = read(folder)
    assert set(one.boxes) == {1, 2}
    assert_allclose(one.boxes[1], (30, 90, 62, 104), atol=1e-3)
    assert_allclose(one.boxes[2], (28, 70, 60, 82), atol=1e-3)


def test_a_stack_gives_its_middle_slice_head_up(folder: Path) -> None:
    """Files keep their own order of axes; boxes are those of the picture as it is shown."""
    grey = np.random.default_rng(0).integers(0, 1000, (3, 120, 100)).astype(np.uint16)
    affine = np.array([[4.0, 0, 0, 0], [0, 0, -0.5, 0], [0, -0.5, 0, 0], [0, 0, 0, 1]])
    save_nifti(Volume(grey, affine), folder / "P2.nii.gz")
    (folder / "P2.xml").write_text(voc(("L1/L2", (1, 0, 100, 120))))
    (one,), notes = read(folder)
    assert_array_equal(one.image, grey[1])
    assert one.pixel == (0.5, 0.5)
    assert one.boxes == {5: (1, 0, 100, 120)}
    assert notes == (f"{folder.name}: images without boxes, left out: P1",)


def test_a_rounded_edge_is_brought_back_to_the_image(folder: Path) -> None:
    (folder / "classes.txt").write_text("L5/S1")
    (folder / "P1.txt").write_text("0 0.5 0.5 1.000001 1.0")
    (one,), _ = read(folder)
    assert one.boxes[1] == (0, 0, 100, 120)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (voc(("L5/S1", (30, 90, 130, 104))), "P1.xml: object 1: .* outside its image, 100 x 120 pixels"),
        (voc(("L5/S1", (-9, 90, 62, 104))), "outside its image"),
        (voc(("L5/S1", (62, 90, 30, 104))), "ends before it begins"),
        (voc(("L5/S1", (30, 90, 62, 90))), "ends before it begins"),
        (voc(("L5/S1", ("nan", 90, 62, 104))), "not finite"),
        (voc(("L5/S1", ("thirty", 90, 62, 104))), "xmin is 'thirty', which is no number"),
        (voc(("disc", (30, 90, 62, 104))), "unknown class 'disc'.*L5/S1"),
        (voc(("1", (30, 90, 62, 104))), "unknown class '1'"),
        (voc(("L5/S1", (1, 2, 3, 4)), ("L5S1", (5, 6, 7, 8))), "object 2: L5/S1 has a box already"),
        (voc(("L5/S1", (1, 2, 3, 4)), width=640), "image of 640 x 120 pixels, its own has 100 x 120"),
        (voc(), "holds no box"),
        ("<annotation><object><name>L5/S1</name></object></annotation>", "xmin is '', which is no number"),
        ("<annotation>", "is not XML"),
        ("", "is not XML"),
        ('<?xml version="1.0" encoding="martian"?><annotation/>', "is not XML"),
        (LAUGHS, "document type or entities"),
        (EXTERNAL, "document type or entities"),
    ],
)
def test_broken_xml_is_one_line(folder: Path, text: str, words: str) -> None:
    (folder / "P1.xml").write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        read(folder)
    assert "\n" not in str(caught.value)
    assert str(folder / "P1.xml") in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0 0.5 0.5 1.5 0.2", "outside its image"),
        ("0 0.5 0.5 -0.2 0.2", "ends before it begins"),
        ("7 0.5 0.5 0.2 0.2", "line 1: unknown class '7'; classes.txt names 2 classes"),
        ("-1 0.5 0.5 0.2 0.2", "unknown class '-1'"),
        ("1 0.5 0.5 0.2 0.2", "unknown class 'dog'"),
        ("0 0.5 0.5 0.2", "has 4 numbers, not 5"),
        ("0 0.5 0.5 0.2 wide", "'wide', which is no number"),
        ("0 0.5 0.5 0.2 0.2\n0 0.5 0.4 0.2 0.2", "line 2: L5/S1 has a box already"),
        ("\n", "holds no box"),
    ],
)
def test_broken_yolo_labels_are_one_line(folder: Path, text: str, words: str) -> None:
    (folder / "classes.txt").write_text("L5/S1\ndog\n")
    (folder / "P1.txt").write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        read(folder)
    assert str(caught.value).startswith(str(folder / "P1.txt"))


def test_what_does_not_fit_together_is_one_line(folder: Path) -> None:
    with pytest.raises(InputError, match="holds no label file"):
        read(folder)
    (folder / "P1.txt").write_text("0 0.5 0.5 0.2 0.2")
    with pytest.raises(InputError, match=r"classes\.txt: is missing"):
        read(folder)
    (folder / "P1.xml").write_text(voc(("L5/S1", (1, 2, 3, 4))))
    with pytest.raises(InputError, match=r"P1\.xml: there is P1\.txt too|P1\.txt: there is P1\.xml too"):
        read(folder)
    (folder / "P1.txt").unlink()
    (folder / "P1.png").unlink()
    with pytest.raises(InputError, match="no image called P1"):
        read(folder)
    with pytest.raises(InputError, match="cannot be read"):
        read(folder / "nowhere")
