"""overlay.png: the mid-sagittal slice with outlines and level names, drawn with Pillow."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from lumbardisc import levels
from lumbardisc.report.view import Name, View
from lumbardisc.report.words import NOTICE_SHORT

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

_FINE = 2  # lines are drawn this much larger, as Pillow's have no smooth edges of their own
_INK, _QUIET = (0, 0, 0), (190, 200, 208)
_RULER_MM, _SMALLEST = 20, 6


def overlay_png(view: View) -> bytes:
    """The picture as an RGB PNG of the view's size, at least 800 pixels tall for any but very wide images."""
    return png(overlay(view))


def overlay(view: View) -> Image.Image:
    """The same as a Pillow image, to draw more onto."""
    from PIL import ImageDraw

    picture = _with_outlines(view)
    draw = ImageDraw.Draw(picture)
    for name in view.names:
        _write_name(draw, name, view.font_size)
    _write_margin(draw, view)
    return picture


def png(picture: Image.Image) -> bytes:
    """A Pillow image as a PNG."""
    out = io.BytesIO()
    picture.save(out, format="png", compress_level=2)
    return out.getvalue()


def slice_png(view: View) -> bytes:
    """The bare slice as a PNG of its own rows and columns."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(view.pixels).save(out, format="png", compress_level=6)
    return out.getvalue()


def _with_outlines(view: View) -> Image.Image:
    from PIL import Image, ImageDraw

    size = (view.width * _FINE, view.height * _FINE)
    picture = Image.fromarray(view.pixels).resize(size, Image.Resampling.BICUBIC).convert("RGB")
    draw = ImageDraw.Draw(picture)
    for outline in view.outlines:
        thick = 5 if levels.is_disc(outline.label.index) else 3
        for line in outline.lines:
            draw.line((line * _FINE).ravel().tolist(), fill=outline.label.color, width=thick, joint="curve")
    return picture.reduce(_FINE)


def _write_name(draw: ImageDraw.ImageDraw, name: Name, size: int) -> None:
    gap = -size / 2 if name.anterior else size / 2
    write_text(draw, (name.x + gap, name.y), name.label.name, size, name.label.color, "rm" if name.anterior else "lm")


def _write_margin(draw: ImageDraw.ImageDraw, view: View) -> None:
    """Which side is which, a ruler and the notice: what a picture needs once it has left its report."""
    edge, middle, size = view.font_size / 2, view.height / 2, round(0.8 * view.font_size)
    write_text(draw, (edge, middle), "A", view.font_size, _QUIET, "lm")
    write_text(draw, (view.width - edge, middle), "P", view.font_size, _QUIET, "rm")
    fits = int(2 * (view.width - view.font_size) / len(NOTICE_SHORT))  # letters are about half as wide as high
    notice = min(round(0.6 * view.font_size), max(fits, _SMALLEST))
    write_text(draw, (edge, view.height - edge), NOTICE_SHORT, notice, _QUIET, "ls")
    right, bottom = view.width - edge, view.height - edge
    left = right - _RULER_MM * view.px_per_mm
    draw.line((left, bottom, right, bottom), fill=_QUIET, width=3)
    write_text(draw, (right, bottom - edge), f"{_RULER_MM} mm", size, _QUIET, "rs")


def write_text(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    size: int,
    color: tuple[int, int, int],
    anchor: str,
) -> None:
    """Write onto a picture, with a dark edge so that it can be read on any ground. anchor: Pillow's, ``lm`` ..."""
    from PIL import ImageFont

    font = ImageFont.load_default(size)
    draw.text(at, text, fill=color, font=font, anchor=anchor, stroke_width=max(size // 10, 1), stroke_fill=_INK)
