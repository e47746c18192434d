"""Pictures of the PDF: the slice with its outlines, a disc with what moved its grade, bars of probabilities."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable

from lumbardisc import levels
from lumbardisc.report.overlay import slice_png
from lumbardisc.report.pdf.fonts import BOLD, PLAIN
from lumbardisc.report.pdf.parts import ACCENT, INK, LINE, QUIET, WASH
from lumbardisc.report.structures import hex_color
from lumbardisc.report.view import Name, View

_BARE_BAR = HexColor("#9fb0bc")
_SIDE = HexColor("#c3ccd3")
_BLACK = HexColor("#000000")


class Slice(Flowable):  # type: ignore[misc]
    """The mid-sagittal view, as large as fits into width x height (points)."""

    def __init__(self, view: View, width: float, height: float) -> None:
        super().__init__()
        self.view = view
        self.scale = min(width / view.width, height / view.height)
        self.width, self.height = view.width * self.scale, view.height * self.scale

    def draw(self) -> None:
        canvas = self.canv
        canvas.drawImage(_reader(slice_png(self.view)), 0, 0, self.width, self.height)
        canvas.setLineJoin(1)
        for outline in self.view.outlines:
            canvas.setStrokeColor(HexColor(hex_color(outline.label)))
            canvas.setLineWidth(1.1 if levels.is_disc(outline.label.index) else 0.6)
            for line in outline.lines:
                self._draw_line(line)
        for name in self.view.names:
            self._draw_name(name)
        size = self.view.font_size * self.scale
        self._write("A", size / 2, self.height / 2, size, _SIDE)
        self._write("P", self.width - size / 2, self.height / 2, size, _SIDE, before=True)

    def _draw_line(self, line: Any) -> None:
        path = self.canv.beginPath()
        path.moveTo(*self._at(*line[0]))
        for x, y in line[1:-1]:
            path.lineTo(*self._at(x, y))
        path.close()
        self.canv.drawPath(path)

    def _draw_name(self, name: Name) -> None:
        size = max(self.view.font_size * self.scale, 6.0)
        x, y = self._at(name.x, name.y)
        gap = -size / 2 if name.anterior else size / 2
        self._write(name.label.name, x + gap, y, size, HexColor(hex_color(name.label)), name.anterior)

    def _write(self, text: str, x: float, y: float, size: float, color: HexColor, before: bool = False) -> None:
        """With a dark edge, so that it can be read on any ground. before: ends at x rather than begins."""
        canvas = self.canv
        start = x - canvas.stringWidth(text, BOLD, size) if before else x
        for mode, edge in ((1, size / 5), (0, 0.0)):
            canvas.saveState()  # which holds the mode too
            words = canvas.beginText(start, y - 0.36 * size)
            words.setFont(BOLD, size)
            words.setTextRenderMode(mode)
            words.setFillColor(color)
            words.setStrokeColor(_BLACK)
            canvas.setLineWidth(edge)
            words.textOut(text)
            canvas.drawText(words)
            canvas.restoreState()

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return float(x) * self.scale, self.height - float(y) * self.scale


class Crop(Flowable):  # type: ignore[misc]
    """A disc upright, and over it what moved its grade."""

    def __init__(self, layers: Sequence[bytes], width: float) -> None:
        super().__init__()
        self.layers = [_reader(png) for png in layers]
        columns, rows = self.layers[0].getSize() if self.layers else (3, 2)
        self.width, self.height = width, width * rows / columns

    def draw(self) -> None:
        self.canv.setFillColor(_BLACK)
        self.canv.rect(0, 0, self.width, self.height, stroke=0, fill=1)
        for layer in self.layers:
            self.canv.drawImage(layer, 0, 0, self.width, self.height, mask="auto")


class Shares(Flowable):  # type: ignore[misc]
    """The probabilities of the five grades as bars; the one that is given stands out."""

    _BAR = 20.0

    def __init__(self, shares: Sequence[dict[str, Any]], width: float) -> None:
        super().__init__()
        self.shares, self.width, self.height = shares, width, self._BAR + 9.0

    def draw(self) -> None:
        canvas, gap = self.canv, 3.0
        wide = (self.width - gap * (len(self.shares) - 1)) / len(self.shares)
        for index, share in enumerate(self.shares):
            x = index * (wide + gap)
            canvas.setFillColor(WASH)
            canvas.rect(x, 9, wide, self._BAR, stroke=0, fill=1)
            canvas.setFillColor(ACCENT if share["given"] else _BARE_BAR)
            canvas.rect(x, 9, wide, self._BAR * share["height"] / 100, stroke=0, fill=1)
            canvas.setFillColor(INK if share["given"] else QUIET)
            canvas.setFont(BOLD if share["given"] else PLAIN, 6.5)
            canvas.drawCentredString(x + wide / 2, 2, share["grade"])
        canvas.setStrokeColor(LINE)
        canvas.line(0, 9, self.width, 9)


def _reader(png: bytes) -> ImageReader:
    return ImageReader(io.BytesIO(png))
