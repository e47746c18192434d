"""What is true of a phantom's discs: level, grade, heights, depth, area, volume, T1rho, from the continuous shapes."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from lumbardisc.phantom.anatomy import DiscShape, SpineShape
from lumbardisc.phantom.nucleus import T1rhoMap
from lumbardisc.phantom.shapes import Field, Points
from lumbardisc.volume import LabelMap

HEIGHT_PLACES = (0.15, 0.5, 0.85)  # where the heights are taken, as parts of the depth from the front
_FINE_MM = 0.1
REGION_MM = 0.25  # between points of the central 1 cm2
_COARSE_MM = (1.0, 0.5, 0.5)  # right, anterior, up
_MARGIN_MM = 7.0  # for bulges and protrusions
_HALF_HEIGHT_MM = 12.0


@dataclass(frozen=True)
class DiscTruth:
    """One disc. Heights (mm) are the thickness along the disc's own axis in its own mid-sagittal plane, at 15, 50 and
    85 % of its depth from the front; ``height_mm`` is area over depth. ``t1rho_ms``, ``t1_ms`` (1.5 T), ``t2_ms``: of
    the pure nucleus. ``proteoglycan``: content relative to a healthy young nucleus. ``t1rho_min_ms`` to
    ``t1rho_max_ms``: in the central 1 cm2 of the nucleus in that plane, as spin-lock images without noise would show.

    ``complete``: the label map holds the disc whole. x, y, z: centroid in RAS mm.
    """

    level: str
    label: int
    grade: int
    height_anterior_mm: float
    height_middle_mm: float
    height_posterior_mm: float
    height_mm: float
    depth_mm: float
    area_mm2: float
    volume_mm3: float
    x_mm: float
    y_mm: float
    z_mm: float
    wedge_deg: float
    t1rho_ms: float
    t2_ms: float
    modic_above: int
    modic_below: int
    complete: bool
    proteoglycan: float
    t1_ms: float
    t1rho_min_ms: float
    t1rho_mean_ms: float
    t1rho_max_ms: float

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """Names of the values, in order."""
        return tuple(field.name for field in fields(cls))


def disc_truths(spine: SpineShape, labels: LabelMap) -> tuple[DiscTruth, ...]:
    """Truth of every disc that the label map shows, lowest first."""
    edges, present = _edge_labels(labels), set(labels.present)
    t1rho = T1rhoMap.of(spine)
    return tuple(_truth(spine, disc, disc.label not in edges, t1rho) for disc in spine.discs if disc.label in present)


def _edge_labels(labels: LabelMap) -> set[int]:
    """Labels that touch a face of the array: the field of view cuts them."""
    array = labels.array
    faces = [array.take(end, axis) for axis in range(3) for end in (0, -1)]
    return {int(label) for face in faces for label in np.unique(face)}


def _truth(spine: SpineShape, disc: DiscShape, complete: bool, t1rho: T1rhoMap) -> DiscTruth:
    """Sample one disc finely in its mid-plane and coarsely in space."""
    thickness = mid_thickness(disc)
    filled = np.flatnonzero(thickness > 0)
    depth = (filled[-1] - filled[0] + 1) * _FINE_MM
    anterior, middle, posterior = (_height_at(thickness, filled, place) for place in HEIGHT_PLACES)
    volume, centroid = volume_and_centroid(disc)
    wear = disc.degeneration
    centre = t1rho.row_ms[t1rho.centre(disc, mid_plane(disc, REGION_MM), REGION_MM**2)]
    above = spine.bodies[disc.label - 1]
    below = spine.bodies[disc.label - 2] if disc.label > 1 else spine.sacrum[0]
    return DiscTruth(
        level=disc.level,
        label=disc.label,
        grade=wear.grade,
        height_anterior_mm=anterior,
        height_middle_mm=middle,
        height_posterior_mm=posterior,
        height_mm=float(thickness.sum() * _FINE_MM / depth),
        depth_mm=float(depth),
        area_mm2=float(thickness.sum() * _FINE_MM),
        volume_mm3=volume,
        x_mm=centroid[0],
        y_mm=centroid[1],
        z_mm=centroid[2],
        wedge_deg=_wedge_deg(disc),
        t1rho_ms=wear.nucleus_t1rho_ms,
        t2_ms=wear.nucleus_t2_ms,
        modic_above=above.modic[1],
        modic_below=below.modic[0],
        complete=complete,
        proteoglycan=wear.proteoglycan,
        t1_ms=wear.nucleus_t1_ms,
        t1rho_min_ms=float(centre.min()),
        t1rho_mean_ms=float(centre.mean()),
        t1rho_max_ms=float(centre.max()),
    )


def mid_thickness(disc: DiscShape) -> Field:
    """Thickness (mm) of a disc in its mid-sagittal plane, one value per 0.1 mm of depth from back to front."""
    return np.asarray((disc.depth(mid_plane(disc, _FINE_MM)) > 0).sum(axis=1) * _FINE_MM)


def mid_plane(disc: DiscShape, step: float) -> Points:
    """RAS points ``step`` mm apart in a disc's own mid-sagittal plane, (depth from back to front, height upward)."""
    v = _span(disc.slab.bottom.half_depth + _MARGIN_MM, step)
    w = _span(_HALF_HEIGHT_MM, step)
    return _world(disc, np.zeros((1, 1)), v[:, None], w[None, :])


def volume_and_centroid(disc: DiscShape) -> tuple[float, tuple[float, float, float]]:
    """Volume (mm3) and centroid (RAS mm) of a disc by counting points 1 x 0.5 x 0.5 mm apart."""
    half = disc.slab.bottom
    halves = (half.half_width + _MARGIN_MM, half.half_depth + _MARGIN_MM, _HALF_HEIGHT_MM)
    u, v, w = (_span(size, step) for size, step in zip(halves, _COARSE_MM, strict=True))
    points = _world(disc, u[:, None, None], v[None, :, None], w[None, None, :])
    inside = disc.depth(points) > 0
    x, y, z = (float(axis[inside].mean()) for axis in points)
    return float(inside.sum() * np.prod(_COARSE_MM)), (x, y, z)


def _height_at(thickness: Field, filled: Field, place: float) -> float:
    """Thickness at a part of the depth from the front."""
    front, back = filled[-1], filled[0]
    return float(thickness[round(front - place * (front - back))])


def _wedge_deg(disc: DiscShape) -> float:
    """Angle between the two endplates in the sagittal plane, positive where the disc is open in front."""
    top, bottom = disc.slab.top.frame.axes, disc.slab.bottom.frame.axes
    return float(np.degrees(np.arcsin(np.clip(bottom[1] @ top[2] * -1.0, -1.0, 1.0))))


def _span(half: float, step: float) -> Field:
    """Sample centres from -half to half."""
    count = int(np.ceil(half / step))
    return np.asarray((np.arange(-count, count) + 0.5) * step)


def _world(disc: DiscShape, u: Field, v: Field, w: Field) -> Points:
    """Local coordinates in the disc's own frame -> RAS points."""
    frame = disc.slab.frame
    x, y, z = (start + u * a + v * b + w * c for start, (a, b, c) in zip(frame.origin, frame.axes.T, strict=True))
    return x, y, z
