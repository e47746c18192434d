"""The contact sheet of `data check`: the middle slice of every case with the outlines of its labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lumbardisc import levels
from lumbardisc.anatomy.contours import outline
from lumbardisc.report.overlay import png, write_text
from lumbardisc.training.labelled.check import Row, View

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

_CELL, _TITLE, _GAP = (320, 320), 26, 6
"""Width and height of a picture, height of the line under it, and the space around both; pixels."""
_GROUND, _INK, _WRONG = (24, 26, 28), (225, 230, 234), (240, 110, 90)
_COLORS = {label.index: label.color for label in levels.table()}
PER_SHEET = 60


def sheets(rows: Sequence[Row]) -> Iterator[bytes]:
    """PNGs of up to ``PER_SHEET`` cases each; a case with a problem is framed, one that cannot be read left black."""
    for start in range(0, len(rows), PER_SHEET):
        yield png(_sheet(rows[start : start + PER_SHEET]))


def _sheet(rows: Sequence[Row]) -> Image.Image:
    from PIL import Image, ImageDraw

    across = min(len(rows), max(3, round(len(rows) ** 0.5 * 1.3)))
    width, height = _CELL[0] + _GAP, _CELL[1] + _TITLE + _GAP
    down = -(-len(rows) // across)
    sheet = Image.new("RGB", (across * width + _GAP, down * height + _GAP), _GROUND)
    draw = ImageDraw.Draw(sheet)
    for index, row in enumerate(rows):
        left, top = _GAP + index % across * width, _GAP + index // across * height
        if row.view:
            picture = _picture(row.view)
            sheet.paste(picture, (left + (_CELL[0] - picture.width) // 2, top))
        ink = _WRONG if row.problems else _INK
        draw.rectangle((left, top, left + _CELL[0] - 1, top + _CELL[1] - 1), outline=ink if row.problems else _GROUND)
        write_text(draw, (left, top + _CELL[1] + _TITLE // 2), row.case.name[-34:], 16, ink, "lm")
    return sheet


def _picture(view: View) -> Image.Image:
    """The slice with square pixels, as large as a cell holds it, and the outlines."""
    from PIL import Image, ImageDraw

    size_mm = np.asarray(view.image.shape) * view.pixel
    scale = min(_CELL[1] / size_mm[0], _CELL[0] / size_mm[1])
    height, width = (max(1, int(side)) for side in size_mm * scale)
    picture = Image.fromarray(view.image).resize((width, height), Image.Resampling.BICUBIC).convert("RGB")
    draw = ImageDraw.Draw(picture)
    for label in np.unique(view.labels):
        if label:
            _outline(draw, view, int(label), scale)
    for label, (x0, y0, x1, y1) in view.boxes.items():
        row, column = np.asarray(view.pixel) * scale
        draw.rectangle((x0 * column, y0 * row, x1 * column, y1 * row), outline=_color(label), width=2)
    return picture


def _outline(draw: ImageDraw.ImageDraw, view: View, label: int, scale: float) -> None:
    """Pixel centres lie half a pixel inside the picture's edge."""
    points = (outline(view.labels == label, view.pixel) + np.asarray(view.pixel) / 2) * scale
    if len(points) > 1:
        draw.line(points[:, ::-1].ravel().tolist(), fill=_color(label), width=2)


def _color(label: int) -> tuple[int, int, int]:
    return _COLORS.get(label, _INK)
