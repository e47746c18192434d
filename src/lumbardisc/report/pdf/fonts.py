"""Letters of the PDF: Roboto for Latin, Greek and Cyrillic; for the rest, fonts that PDF readers have themselves."""

from __future__ import annotations

import io
import unicodedata
from functools import cache
from importlib.resources import files
from itertools import groupby
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

from lumbardisc.errors import UsageError

PLAIN, BOLD = "Roboto", "Roboto-Bold"
# an encoding that holds the letters of a language -> one of the fonts that readers of PDF have for it
EAST_ASIAN = {
    "cp932": "HeiseiKakuGo-W5",
    "cp949": "HYGothic-Medium",
    "gbk": "STSong-Light",
    "big5": "MSung-Light",
}
MISSING = "\N{REPLACEMENT CHARACTER}"
"""Stands for a letter that no font has."""


@cache
def letters() -> frozenset[int]:
    """Registers the fonts; code points that Roboto has. Raises UsageError where its package is missing."""
    plain, bold = _roboto(PLAIN, "Regular"), _roboto(BOLD, "Bold")
    for font in (plain, bold, *map(UnicodeCIDFont, EAST_ASIAN.values())):
        pdfmetrics.registerFont(font)
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)
    return frozenset(plain.face.charToGlyph)


def _roboto(name: str, cut: str) -> TTFont:
    """As bytes, so that a package in an archive does too."""
    try:
        return TTFont(name, io.BytesIO((files("font_roboto") / "files" / f"Roboto-{cut}.ttf").read_bytes()))
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise UsageError("the PDF needs font-roboto, which is missing here; pip install font-roboto") from error


def marked(text: str) -> str:
    """Text from anywhere as ReportLab's markup, with a font that has its letters round each part."""
    shown = unicodedata.normalize("NFC", text)
    foreign = _east_asian("".join(letter for letter in shown if ord(letter) not in letters()))
    parts = groupby(shown, key=lambda letter: ord(letter) in letters())
    return "".join(_part("".join(part), "" if known else foreign) for known, part in parts)


def _part(text: str, font: str | None) -> str:
    if font is None:
        return MISSING * len(text)
    return f'<font name="{font}">{escape(text)}</font>' if font else escape(text)


def _east_asian(text: str) -> str | None:
    """The first of the East Asian fonts that has all of these letters."""
    return next((font for encoding, font in EAST_ASIAN.items() if _has(encoding, text)), None)


def _has(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
