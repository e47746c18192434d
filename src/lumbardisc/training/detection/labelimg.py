"""Boxes that people drew in LabelImg, Pascal VOC XML or YOLO text beside each image, read as boxed slices."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lumbardisc.errors import InputError
from lumbardisc.io.blobs import Blob
from lumbardisc.io.images import suffix_of
from lumbardisc.levels import disc_name
from lumbardisc.training.detection.boxes import Box, BoxedSlice
from lumbardisc.training.grades import cells
from lumbardisc.training.grades.data import GradedImage
from lumbardisc.training.grades.headers import stem
from lumbardisc.training.grades.loading import load_scan
from lumbardisc.training.grades.words import some

CLASSES = "classes.txt"
"""What LabelImg writes beside YOLO labels: the name of each class, one a line."""
SOURCE = "labelimg"
_PIXEL = (1.0, 1.0, 1.0)
"""Of pictures, which carry no pixel size: only proportions matter, and their pixels are taken as square."""
_ROUNDED = 0.5
"""Pixels that a box may lie outside the image: coordinates are rounded when they are written."""
_CORNERS = ("xmin", "ymin", "xmax", "ymax")


@dataclass(frozen=True)
class _Drawn:
    """One box of a label file. where: the file, and the line or the object in it. name: of its class."""

    where: str
    name: str
    box: Box


def read(folder: Path) -> tuple[list[BoxedSlice], tuple[str, ...]]:
    """Every image of a folder that has a label file of its name, and a note on those that have none.

    An image is any file that `analyze` reads (of a stack, its middle slice), and its patient is the image's own name.
    Boxes are in pixels of the image as it is shown, head up and anterior to the left. Raises InputError with one line.
    """
    images = {stem(path.name): path for path in _files(folder) if suffix_of(path.name) or path.suffix.lower() == ".dcm"}
    labels = _label_files(folder)
    if alone := sorted(set(labels) - set(images)):
        path = labels[alone[0]]
        raise InputError(
            f"{path}: there is no image called {alone[0]} beside it; put it there as PNG, TIFF, NIfTI or DICOM"
        )
    if not labels:
        raise InputError(f"{folder}: holds no label file of LabelImg; save NAME.xml or NAME.txt beside each image NAME")
    slices = [read_slice(name, images[name], path) for name, path in labels.items()]
    bare = sorted(set(images) - set(labels))
    return slices, ((f"{folder.name}: images without boxes, left out: {some(bare)}",) if bare else ())


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror}); give the folder of images and labels") from None


def _label_files(folder: Path) -> dict[str, Path]:
    """Name -> its label file. Raises InputError where there are two."""
    found: dict[str, Path] = {}
    for path in _files(folder):
        if path.suffix.lower() in FORMATS and path.name != CLASSES:
            if path.stem in found:
                raise InputError(f"{path}: there is {found[path.stem].name} too; keep the one that is right")
            found[path.stem] = path
    return found


def read_slice(name: str, image: Path, labels: Path) -> BoxedSlice:
    """One image with its label file; of a stack, the middle slice. Raises InputError with one line."""
    scan = load_scan(GradedImage(name, name, image, spacing=None if _is_placed(image) else _PIXEL))
    volume = scan.volume.sagittal()
    middle = volume.array[len(volume.array) // 2]
    rows, columns = middle.shape
    boxes = _boxes(FORMATS[labels.suffix.lower()](labels, (columns, rows)), (columns, rows))
    if not boxes:
        raise InputError(f"{labels}: holds no box; draw the discs in LabelImg, or remove the file")
    return BoxedSlice(SOURCE, name, name, scan.contrast, middle, volume.spacing[1:], boxes)


def _is_placed(image: Path) -> bool:
    return image.suffix.lower() not in (".png", ".tif", ".tiff")


def _boxes(drawn: Iterator[_Drawn], size: tuple[int, int]) -> Mapping[int, Box]:
    """Disc label -> box inside the image. Raises InputError for what cannot be a disc's box, and a level twice."""
    boxes: dict[int, Box] = {}
    for one in drawn:
        label = _label(one)
        if label in boxes:
            raise InputError(f"{one.where}: {disc_name(label)} has a box already; keep one box per level")
        boxes[label] = _inside(one, size)
    return boxes


def _label(one: _Drawn) -> int:
    """Raises InputError for a class that is no level; a bare number is none, it could be counted from either end."""
    label = None if cells.whole(one.name) is not None else cells.disc(one.name)
    if label is None:
        raise InputError(f"{one.where}: unknown class '{one.name}'; name classes by levels: L5/S1, L4/L5, ... L1/L2")
    return label


def _inside(one: _Drawn, size: tuple[int, int]) -> Box:
    x0, y0, x1, y1 = one.box
    told = f"{one.where}: the box of {one.name} (x {x0:g} to {x1:g}, y {y0:g} to {y1:g})"
    if not all(math.isfinite(edge) for edge in one.box):
        raise InputError(f"{told} is not finite; draw it again")
    if x0 >= x1 or y0 >= y1:
        raise InputError(f"{told} ends before it begins; draw it again")
    columns, rows = size
    if min(x0, y0) < -_ROUNDED or x1 > columns + _ROUNDED or y1 > rows + _ROUNDED:
        raise InputError(f"{told} lies outside its image, {columns} x {rows} pixels; is it another image's?")
    return max(x0, 0.0), max(y0, 0.0), min(x1, float(columns)), min(y1, float(rows))


def _voc(path: Path, size: tuple[int, int]) -> Iterator[_Drawn]:
    """Objects of a Pascal VOC file, whose corners are pixel edges."""
    root = _tree(path)
    told = tuple(root.findtext(f"size/{name}") for name in ("width", "height"))
    if all(told) and told != tuple(map(str, size)):
        raise InputError(f"{path}: is of an image of {told[0]} x {told[1]} pixels, its own has {size[0]} x {size[1]}")
    for number, node in enumerate(root.iter("object"), start=1):
        where = f"{path}: object {number}"
        x0, y0, x1, y1 = (_number(where, name, node.findtext(f"bndbox/{name}")) for name in _CORNERS)
        yield _Drawn(where, (node.findtext("name") or "").strip(), (x0, y0, x1, y1))


def _tree(path: Path) -> Any:
    """Root of an XML file. Raises InputError for what is no XML, and for entities, which can be bombs."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        return fromstring(Blob(path).read(), forbid_dtd=True)
    except DefusedXmlException:
        raise InputError(f"{path}: declares a document type or entities, which labels never need; not read") from None
    except (ParseError, ValueError, LookupError) as error:  # the latter two: an encoding that is wrong or unknown
        raise InputError(f"{path}: is not XML ({error}); save it in LabelImg again") from None


def _yolo(path: Path, size: tuple[int, int]) -> Iterator[_Drawn]:
    """Lines of class, centre and size, as shares of the image."""
    names = _lines(path.with_name(CLASSES))
    for number, line in enumerate(_lines(path), start=1):
        if line.split():
            yield _yolo_box(f"{path}: line {number}", line.split(), names, size)


def _yolo_box(where: str, words: list[str], names: list[str], size: tuple[int, int]) -> _Drawn:
    if len(words) != 5:
        raise InputError(f"{where}: has {len(words)} numbers, not 5: class, centre x, centre y, width, height")
    index = cells.whole(words[0])
    if index is None or not 0 <= index < len(names):
        raise InputError(f"{where}: unknown class '{words[0]}'; {CLASSES} names {len(names)} classes, counted from 0")
    shares = [_number(where, "a share", word) for word in words[1:]]
    x, y, width, height = (share * side for share, side in zip(shares, size * 2, strict=True))
    return _Drawn(where, names[index], (x - width / 2, y - height / 2, x + width / 2, y + height / 2))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise InputError(f"{path}: is missing; LabelImg writes it beside YOLO labels") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error}); save it in LabelImg again") from None


def _number(where: str, name: str, text: str | None) -> float:
    try:
        return float(text or "")
    except ValueError:
        raise InputError(f"{where}: {name} is '{text or ''}', which is no number; save it in LabelImg again") from None


FORMATS: Mapping[str, Callable[[Path, tuple[int, int]], Iterator[_Drawn]]] = {".xml": _voc, ".txt": _yolo}
"""Suffix of a label file -> its reader, given the file and the (columns, rows) of its image."""
