"""Heights, depth, wedge angle and height index of a disc on one sagittal slice."""

from __future__ import annotations

import numpy as np

from lumbardisc.levels import SACRUM
from lumbardisc.quantify.regions import Section

# Where each height is taken, as fractions of the depth from the anterior end: three bands of a fifth.
HEIGHT_BANDS = {"anterior": (0.10, 0.30), "middle": (0.40, 0.60), "posterior": (0.70, 0.90)}


def shape(disc: int, section: Section) -> dict[str, float]:
    """Shape columns of a disc (by label number) on a section; NaN where it is too small or cut by the image.

    Heights are perpendicular to the disc's own axis (see ``anatomy.endplates.borders``), each the mean over a band of
    the depth; ``height_mm`` is the mean over 10-90 % of the depth. ``wedge_angle_deg`` is the angle between the two
    borders, positive where the disc is taller in front. ``disc_height_index``: see there.
    """
    borders = section.borders(disc)
    if borders is None:
        names = ("height_mm", *(f"height_{band}_mm" for band in HEIGHT_BANDS))
        return dict.fromkeys((*names, "depth_mm", "disc_height_index", "wedge_angle_deg"), np.nan)
    height = borders.mean_height_mm()
    return {
        "height_mm": height,
        **{f"height_{band}_mm": borders.mean_height_mm(*ends) for band, ends in HEIGHT_BANDS.items()},
        "depth_mm": borders.depth_mm,
        "disc_height_index": disc_height_index(height, disc, section),
        "wedge_angle_deg": borders.wedge_deg,
    }


def disc_height_index(height_mm: float, disc: int, section: Section) -> float:
    """Mean disc height over the mean height of the vertebral bodies above and below.

    DHI = H / ((B_above + B_below) / 2): the index of the rabbit puncture model (Masuda et al. 2005, Spine 30:5-14),
    with every height a mean over 10-90 % of the depth rather than one of three points. Where one neighbour is not
    seen whole, and at L5/S1 where the sacrum has no height, the other stands alone; NaN without any.
    """
    bodies = [section.borders(SACRUM + count) for count in (disc, disc - 1) if count > 0]
    heights = [body.mean_height_mm() for body in bodies if body is not None]
    return height_mm / float(np.mean(heights)) if heights else np.nan
