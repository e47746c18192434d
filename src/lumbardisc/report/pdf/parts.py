"""What the sections of the PDF are made of: styles, paragraphs, lists, tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable, Paragraph, Table

from lumbardisc.report.pdf.fonts import BOLD, PLAIN, marked

# those of report.css
INK, QUIET, LINE, WASH = HexColor("#1b2733"), HexColor("#566573"), HexColor("#dde4e9"), HexColor("#f4f7f9")
ACCENT, CARE, CARE_WASH, CARE_LINE = (HexColor(code) for code in ("#0b5c73", "#8a4b00", "#fff8ec", "#e5b567"))

MARGIN = 15 * mm
WIDTH = A4[0] - 2 * MARGIN
GAP = 6 * mm
HALF = (WIDTH - GAP) / 2  # of two columns with the gap between

BODY = ParagraphStyle("body", fontName=PLAIN, fontSize=8.5, leading=11.5, textColor=INK)
TITLE = ParagraphStyle("title", BODY, fontName=BOLD, fontSize=16, leading=20)
HEADING = ParagraphStyle("heading", BODY, fontName=BOLD, fontSize=10.5, leading=13, spaceBefore=12, spaceAfter=5)
STRONG = ParagraphStyle("strong", BODY, fontName=BOLD)
SMALL = ParagraphStyle("small", BODY, fontSize=7.25, leading=9.5, textColor=QUIET)
NOTE = ParagraphStyle("note", SMALL, spaceBefore=4)
MEASURE = ParagraphStyle("measure", SMALL, fontSize=7.75)
CELL = ParagraphStyle("cell", BODY, fontSize=7.25, leading=9, alignment=TA_RIGHT)
HEAD = ParagraphStyle("head", CELL, fontName=BOLD, fontSize=6.5, leading=8, textColor=QUIET)

_CELL_PAD = 3.0
_NARROWEST = 22.0  # column
_BESIDE = 6.0  # size of letters


def para(text: str, style: ParagraphStyle = BODY) -> Paragraph:
    """Text from anywhere."""
    return Paragraph(marked(text), style)


def told(who: str, sentence: str, style: ParagraphStyle = BODY) -> Paragraph:
    """Discs in bold before what is said of them; the sentence alone where it is about none."""
    return Paragraph(f"<b>{marked(who)}</b>: {marked(sentence)}" if who else marked(sentence), style)


def heading(text: str) -> Paragraph:
    return Paragraph(marked(text), HEADING)


def bullets(texts: Sequence[Paragraph | str], style: ParagraphStyle = BODY) -> list[Flowable]:
    indented = ParagraphStyle("bullet", style, leftIndent=9, bulletIndent=1)
    return [Paragraph(marked(text), indented, bulletText="•") for text in texts]


def warnings(lines: Sequence[tuple[str, str]]) -> list[Flowable]:
    """One tinted line for each, as on the page."""
    look = [
        ("BACKGROUND", (0, 0), (-1, -1), CARE_WASH),
        ("LINEBEFORE", (0, 0), (0, -1), 2, CARE_LINE),
        ("LINEBELOW", (0, 0), (-1, -2), 2, HexColor("#ffffff")),
        *pads(8, 4),
    ]
    return [Table([[told(who, sentence)] for who, sentence in lines], [WIDTH], style=look)] if lines else []


def pads(aside: float, above: float) -> list[tuple[Any, ...]]:
    """Style of a table whose cells have this much room at their sides, and above and below."""
    sides = {"LEFTPADDING": aside, "RIGHTPADDING": aside, "TOPPADDING": above, "BOTTOMPADDING": above}
    return [(name, (0, 0), (-1, -1), room) for name, room in sides.items()]


def pairs(rows: Sequence[tuple[str, Any]], width: float, first: float) -> Table:
    """Titles and what belongs to them; a value is markup, or flowables."""
    cells = [[para(title, SMALL), Paragraph(value, BODY) if isinstance(value, str) else value] for title, value in rows]
    return Table(cells, [first, width - first], style=[("VALIGN", (0, 0), (-1, -1), "TOP"), *pads(0, 1.5)])


class Level(Paragraph):  # type: ignore[misc]
    """A level's name behind a chip in the colour that it is drawn in."""

    def __init__(self, one: Mapping[str, Any], style: ParagraphStyle) -> None:
        self._chip = HexColor(one["color"])
        mark = f' <font color="{code(CARE)}">*</font>' if one.get("flagged") else ""
        beside_chip = style.clone("level", fontName=BOLD, alignment=TA_LEFT, leftIndent=1.3 * style.fontSize)
        super().__init__(f"{marked(one['level'])}{mark}", beside_chip)

    def draw(self) -> None:
        side = 0.75 * self.style.fontSize
        self.canv.setFillColor(self._chip)
        self.canv.roundRect(0, self.height - self.style.fontSize, side, side, 1.2, stroke=0, fill=1)
        super().draw()


def beside(one: Mapping[str, str]) -> str:
    """The range of the literature, and whether a value lies outside; empty where there is none."""
    return f"{one['place']} {one['range']}".strip()


def beside_markup(one: Mapping[str, str]) -> str:
    return _small(beside(one), bool(one["place"]))


@dataclass(frozen=True)
class Cell:
    """A value, a small line below it, and whether that stands out."""

    text: str
    below: str = ""
    stands_out: bool = False

    @property
    def markup(self) -> str:
        return f"{marked(self.text)}<br/>{_small(self.below, self.stands_out)}" if self.below else marked(self.text)

    @property
    def width(self) -> float:
        return float(max(stringWidth(self.text, PLAIN, CELL.fontSize), stringWidth(self.below, PLAIN, _BESIDE)))


Row = tuple[Paragraph, Sequence[Cell]]


def grid(heads: Sequence[Paragraph], rows: Sequence[Row], first: float = 46.0) -> Table:
    """A table over the whole width. heads: of all columns. rows: what stands first, and a cell for each other column.
    first: width of the first column, points."""
    body = [[name, *(Paragraph(cell.markup, CELL) for cell in cells)] for name, cells in rows]
    look = [
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("VALIGN", (0, 1), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -2), 0.5, LINE),
        *pads(_CELL_PAD, 3),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
    ]
    widths = _widths(heads[1:], [cells for _, cells in rows], WIDTH - first)
    return Table([[*heads], *body], [first, *widths], repeatRows=1, style=look)


def head(title: str, unit: str = "", alignment: int = TA_RIGHT) -> Paragraph:
    """The head of a column."""
    below = f'<br/><font name="{PLAIN}">{marked(unit)}</font>' if unit else ""
    return Paragraph(f"{marked(title)}{below}", HEAD.clone(f"head-{alignment}", alignment=alignment))


def code(color: HexColor) -> str:
    """A colour as markup has it."""
    return str(color.hexval()).replace("0x", "#")


def _small(text: str, stands_out: bool) -> str:
    return f'<font size="{_BESIDE}" color="{code(CARE if stands_out else QUIET)}">{marked(text)}</font>' if text else ""


def _widths(heads: Sequence[Paragraph], rows: Sequence[Sequence[Cell]], room: float) -> list[float]:
    """Room for the widest text of each column, then stretched over what there is."""
    cells = [max((row[index].width for row in rows), default=0.0) for index in range(len(heads))]
    needed = [max(one.minWidth(), wide, _NARROWEST) + 2 * _CELL_PAD for one, wide in zip(heads, cells, strict=True)]
    return [one * room / sum(needed) for one in needed]
