"""The PDF itself: A4 pages, each with study, patient, notice and its number."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from reportlab import rl_config
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph

from lumbardisc.report.pdf.fonts import letters
from lumbardisc.report.pdf.parts import HEADING, LINE, MARGIN, SMALL, WIDTH, para
from lumbardisc.report.pdf.sections import story
from lumbardisc.report.view import View

_TOP, _BOTTOM = 20 * mm, 16 * mm
_ON_EACH_PAGE = ("Patient", "ID", "Born", "Study of")
_LONGEST = 60  # letters of the study's name on each page


def document(values: Mapping[str, Any], view: View) -> bytes:
    """The whole file. values: of ``report.page.context``."""
    letters()
    rl_config.useA85 = 0  # pictures as bytes rather than as text: a fifth smaller, and sooner written
    out = io.BytesIO()
    name, version = values["study"].name, values["version"]
    frame = Frame(MARGIN, _BOTTOM, WIDTH, A4[1] - _TOP - _BOTTOM, 0, 0, 0, 0, id="page")
    sheet = _Sheet(
        out,
        pagesize=A4,
        pageTemplates=[PageTemplate(frames=[frame])],
        title=name,
        author=f"lumbardisc {version}",
        subject=values["notice"],
        creator=f"lumbardisc {version}",
        lang="en",
        invariant=1,  # neither time nor chance in the file
    )
    sheet.build(story(values, view), canvasmaker=lambda *args, **more: _Pages(values, *args, **more))
    return out.getvalue()


class _Sheet(BaseDocTemplate):  # type: ignore[misc]
    """Puts the headings into the outline that a reader shows beside the pages."""

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802
        if isinstance(flowable, Paragraph) and flowable.style is HEADING:
            text = flowable.getPlainText()
            self.canv.bookmarkPage(text)
            self.canv.addOutlineEntry(text, text)


class _Pages(Canvas):  # type: ignore[misc]
    """Holds the pages back until their number is known, then writes head and foot on each."""

    def __init__(self, values: Mapping[str, Any], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._values = values
        self._held: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802
        self._held.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(held := self._held, start=1):
            self.__dict__.update(page)
            self._write_edges(f"page {number} of {len(held)}")
            super().showPage()
        super().save()

    def _write_edges(self, number: str) -> None:
        values = self._values
        patient = [f"{name} {text}" for name, text in values["patient"] if name in _ON_EACH_PAGE]
        above, below = A4[1] - 13 * mm, 11 * mm
        name = values["study"].name
        shown = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
        self._line(" · ".join([shown, *patient]), f"lumbardisc {values['version']}", above)
        self._line(values["notice_short"], number, below)
        self.setStrokeColor(LINE)
        self.setLineWidth(0.5)
        self.line(MARGIN, above - 3, MARGIN + WIDTH, above - 3)
        self.line(MARGIN, below + 9, MARGIN + WIDTH, below + 9)

    def _line(self, left: str, right: str, y: float) -> None:
        """Left and right on one line; what is too long for it goes on above."""
        side = para(right, SMALL.clone("right", alignment=TA_RIGHT))
        for text, start, width in ((para(left, SMALL), 0.0, WIDTH - 80), (side, WIDTH - 80, 80)):
            text.wrapOn(self, width, 30)
            text.drawOn(self, MARGIN + start, y)
