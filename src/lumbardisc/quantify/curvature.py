"""Lumbar lordosis and its share of each segment, from the superior endplates on the mid-sagittal slice."""

from __future__ import annotations

import numpy as np

from lumbardisc.anatomy.endplates import Endplate, facing_endplate
from lumbardisc.levels import SACRUM, VERTEBRAE, body_label
from lumbardisc.quantify.regions import Section

_CHAIN = ("S1", *VERTEBRAE[:5])


def curvature(section: Section) -> dict[str, float]:
    """Cobb angles in degrees, positive for lordosis, NaN where an endplate is not seen.

    ``lordosis_l1_s1_deg``: between the superior endplates of L1 and S1 (the measure of Stagnara et al. 1982, Spine
    7:335-342, by Cobb's construction of 1948). ``segment_l4_l5_deg``: between the superior endplates of L4 and L5,
    and so on; the five segments add up to the lordosis.
    """
    angles = {name: _superior_deg(name, section) for name in _CHAIN}
    pairs = zip(_CHAIN[1:], _CHAIN[:-1], strict=True)
    segments = {f"segment_{upper}_{lower}_deg".lower(): angles[lower] - angles[upper] for upper, lower in pairs}
    return {"lordosis_l1_s1_deg": angles["S1"] - angles["L1"], **segments}


def _superior_deg(vertebra: str, section: Section) -> float:
    if vertebra == "S1":
        endplate = _sacral_endplate(section)
        return np.nan if endplate is None else endplate.angle_deg
    body = section.borders(body_label(vertebra))
    return np.nan if body is None else body.superior.angle_deg


def _sacral_endplate(section: Section) -> Endplate | None:
    """The sacrum may run far down or out of the image; only what faces the disc, or else L5, is its endplate."""
    above = section.borders(1) or section.borders(SACRUM + 1)
    sacrum = section.outline(SACRUM)
    return None if above is None or sacrum is None else facing_endplate(sacrum, above.inferior.angle_deg)
