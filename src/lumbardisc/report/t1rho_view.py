"""T1rho in colour over the mid-sagittal slice, with the regions of interest and a bar that tells the colours in ms."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lumbardisc.levels import Label, is_disc
from lumbardisc.pipeline.t1rho import T1rhoStudy
from lumbardisc.quantify.t1rho import PHASE_LIMITS_MS
from lumbardisc.report.overlay import overlay, png, write_text
from lumbardisc.report.view import Outline, View, lines_around, view
from lumbardisc.volume import Array

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

RANGE_MS = (40.0, 180.0)
"""The same for every exam, so that pictures compare; beyond it the colour is that of the end."""
# steps of viridis (van der Walt and Smith, CC0), which reads the same in grey and to colour-blind eyes
COLORS = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))
_ROI = Label(0, "region of interest", (255, 255, 255))
_INK = (235, 235, 235)


def ticks() -> tuple[float, ...]:
    """What the bar is marked with, ms: its ends and the limits of the phases."""
    return (RANGE_MS[0], *sorted(PHASE_LIMITS_MS), RANGE_MS[1])


def along(ms: float) -> float:
    """Where a value lies on the bar, 0-1; its ends for values beyond them."""
    low, high = RANGE_MS
    return min(max((ms - low) / (high - low), 0.0), 1.0)


def colors(ms: Array) -> NDArray[np.uint8]:
    """T1rho in ms -> RGB (..., 3)."""
    places = np.linspace(*RANGE_MS, len(COLORS))
    mixed = np.stack([np.interp(np.nan_to_num(ms), places, shades) for shades in np.transpose(COLORS)], axis=-1)
    rounded: NDArray[np.uint8] = np.rint(mixed).astype(np.uint8)
    return rounded


def t1rho_view(result: T1rhoStudy) -> View:
    """The mid-sagittal view with T1rho in colour: in the discs, or without any wherever it can be trusted."""
    index, plain = result.study.working_mid_slice, view(result.study)
    labels = result.study.labels.sagittal().array[index]
    shown = result.fit.trusted[index] & (_discs(labels) if result.discs else True)
    grey = np.repeat(plain.pixels[..., None], 3, axis=-1)
    pixels = np.where(shown[..., None], colors(result.fit.time_ms[index]), grey)
    spacing = result.study.image.sagittal().spacing[1:]
    roi = result.roi[index]
    lines = lines_around(roi, (spacing[0], spacing[1]), plain.px_per_mm) if roi.any() else ()
    others = tuple(one for one in plain.outlines if is_disc(one.label.index))
    return replace(plain, pixels=pixels, outlines=(*others, Outline(_ROI, lines)))


def t1rho_png(shown: View) -> bytes:
    """The picture with its names and the bar of colours."""
    from PIL import ImageDraw

    picture = overlay(shown)
    _draw_bar(picture, ImageDraw.Draw(picture), shown)
    return png(picture)


def _draw_bar(picture: Image.Image, draw: ImageDraw.ImageDraw, shown: View) -> None:
    """An upright bar in the upper right corner, its values to the left of it."""
    from PIL import Image

    size = shown.font_size
    width, height = size, round(0.3 * shown.height)
    right, top = shown.width - size, round(2.5 * size)
    ramp = colors(np.linspace(RANGE_MS[1], RANGE_MS[0], height)[:, None].repeat(width, axis=1))
    picture.paste(Image.fromarray(ramp), (right - width, top))
    write_text(draw, (right, top - 0.7 * size), "T1rho ms", round(0.8 * size), _INK, "rb")
    for ms in ticks():
        y = top + (1.0 - along(ms)) * height
        draw.line((right - width, y, right, y), fill=_INK, width=1)
        write_text(draw, (right - 1.3 * width, y), f"{ms:g}", round(0.8 * size), _INK, "rm")


def _discs(labels: Array) -> NDArray[np.bool_]:
    return np.isin(labels, [label for label in np.unique(labels).tolist() if is_disc(label)])
